"""Markdown: one work a file, an optional block of ``name: value`` lines before it, chapters at headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from app.formats.heading_chapters import cut_at_headings, place_front
from app.formats.labelled_head import take_from
from app.formats.manuscript import Manuscript, ReadItem, SeriesRef, SourceRef
from app.formats.markup import first, parse_html
from app.formats.problems import Unreadable
from app.formats.reading import Reader, read_all
from app.kit.dates import parse_source_date
from app.kit.encoding import UndecodableText, decode
from app.kit.html_cleaning import HtmlRefused
from app.kit.markdown import markdown_to_html
from app.kit.names import TokenKind, parse_ao3_token
from app.kit.text import find_bad_character
from app.kit.urls import is_web_address

LARGEST = 64 * 1024 * 1024
PIECE = 900_000
"""Characters that are turned into HTML at once: the cost of some patterns grows faster than their length."""
_HEADING = re.compile(r"^ {0,3}#{1,4}[ \t]+\S", re.MULTILINE)
_UNDERLINED = re.compile(r"^\S.{0,200}\n {0,3}={3,}[ \t]*$", re.MULTILINE)
_MARKS = re.compile(
    r"\*\*\S[^*\n]{0,200}\*\*|(?<![\w*])\*[^\s*][^*\n]{0,200}\*(?!\w)|\[[^\]\n]{1,200}\]\(https?://|^> ", re.MULTILINE
)
_FRONT = re.compile(
    r"---[ \t]*\n(?P<lines>(?:(?!---[ \t]*$|\.\.\.[ \t]*$).*\n){1,200}?)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.MULTILINE
)
_LINE = re.compile(r"(?P<name>[A-Za-z][\w -]{0,40}):[ \t]*(?P<value>.*)")
_ITEM = re.compile(r"\s*-\s+(?P<value>\S.*)")
_PLAIN = {"title": "title", "summary": "summary", "description": "summary", "notes": "notes"}
_LISTS = {
    "author": "authors", "authors": "authors", "fandom": "fandoms", "fandoms": "fandoms", "character": "characters",
    "characters": "characters", "relationship": "relationships", "relationships": "relationships",
    "pairing": "relationships", "pairings": "relationships", "freeform": "freeforms", "freeforms": "freeforms",
    "additional tags": "freeforms",
}  # fmt: skip
_TOKENS: dict[str, TokenKind] = {"rating": "rating", "status": "status"}
_TOKEN_LISTS: dict[str, tuple[TokenKind, str]] = {
    "warning": ("warning", "warnings"), "warnings": ("warning", "warnings"),
    "category": ("category", "categories"), "categories": ("category", "categories"),
}  # fmt: skip
_DATES = {"published": "published_at", "date": "published_at", "updated": "revised_at"}
_URLS = frozenset({"source", "url", "source url", "link"})
_ENOUGH = 2


def score(head: bytes, name: str) -> float:
    """Headings, emphasis and links as Markdown has them; a name that says so counts as one of them."""
    text = head.decode("utf-8", "replace").replace("\r\n", "\n")
    said = name.lower().endswith((".md", ".markdown", ".mdown"))
    front = _FRONT.match(text.lstrip("\ufeff\n"))
    headings = len(_HEADING.findall(text)) + len(_UNDERLINED.findall(text))
    if front is not None and any(_LINE.match(line) for line in front["lines"].split("\n")):
        return 0.6
    if said:
        return 0.35
    marks = len(_MARKS.findall(text))
    return 0.35 if (headings >= _ENOUGH or (headings and marks)) and "\0" not in text else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item: the whole file is the work."""
    try:
        yield ReadItem(name, _manuscript(read_all(stream, LARGEST)))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())


def _manuscript(data: bytes) -> Manuscript:
    work = Manuscript()
    text = _decoded(data, work)
    front = _FRONT.match(text)
    if front is not None and _front(work, front["lines"].split("\n")):
        text = text[front.end() :]
    if not text.strip():
        raise Unreadable("empty-file", "The file has no text.")
    root = parse_html("".join(map(_html, _cut(text))))
    body = first(root, ".//body")
    body = root if body is None else body
    take_from(work, body)
    cut = cut_at_headings(body, work.title or "")
    if not cut.chapters:
        raise Unreadable("no-text", "The file has headings and no text below them.")
    work.title = work.title or cut.title or None
    work.notes += place_front(cut)
    work.chapters = cut.chapters
    work.notices += cut.notices
    return work


def _decoded(data: bytes, work: Manuscript) -> str:
    try:
        text, encoding, guessed = decode(data)
    except UndecodableText as error:
        raise Unreadable("not-utf-8", str(error)) from error
    if guessed:
        work.notices.append(f"The encoding was guessed: {encoding}.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    bad = find_bad_character(text.replace("\f", "\n"))
    if bad is not None:
        raise Unreadable("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", str(bad[0]))
    return text.replace("\f", "\n")


def _cut(text: str) -> Iterator[str]:
    """The text in pieces that are short enough, cut between paragraphs, best before a heading."""
    while len(text) > PIECE:
        at = text.rfind("\n\n#", 1, PIECE)
        at = at if at > 0 else text.rfind("\n\n", 1, PIECE)
        at = at if at > 0 else PIECE
        yield text[:at]
        text = text[at:]
    yield text


def _html(text: str) -> str:
    try:
        return markdown_to_html(text)
    except (HtmlRefused, RecursionError) as error:
        raise Unreadable("bad-markdown", f"The Markdown cannot be read: {error}") from error


def _front(work: Manuscript, lines: list[str]) -> bool:
    """The block before the text, into the work; ``False`` where it is not one."""
    values: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        found = _LINE.fullmatch(line.rstrip())
        item = _ITEM.fullmatch(line.rstrip())
        if found is not None:
            name = found["name"].strip().lower().replace("_", " ")
            values[name] = _values(found["value"].strip())
        elif item is not None and name:
            values[name] += [_unquoted(item["value"].strip())]
        elif line.strip() and name and line[0] in " \t":
            values[name] = [" ".join([*values[name], line.strip()]).lstrip(">| ")]
        elif line.strip() and not line.startswith("#"):
            return False
    for key, found_values in values.items():
        kept = [value for value in found_values if value]
        if kept:
            _set(work, key, kept)
    return bool(values)


def _set(work: Manuscript, key: str, values: list[str]) -> None:
    joined = ", ".join(values)
    if key in _PLAIN:
        setattr(work, _PLAIN[key], joined)
    elif key in _LISTS:
        setattr(work, _LISTS[key], values)
    elif key in _TOKENS:
        _token(work, _TOKENS[key], key, joined)
    elif key in _TOKEN_LISTS:
        kind, member = _TOKEN_LISTS[key]
        known: list[Any] = [token for value in values if (token := parse_ao3_token(kind, value))]
        setattr(work, member, known)
        if len(known) < len(values):
            _keep(work, key, joined)
    elif key in _DATES and parse_source_date(joined) is not None:
        setattr(work, _DATES[key], parse_source_date(joined))
    elif key in {"language", "lang"}:
        work.language = joined[:40]
    elif key == "series":
        work.series = [SeriesRef(value) for value in values]
    elif key in _URLS and is_web_address(joined):
        work.source = SourceRef(url=joined.strip())
    else:
        _keep(work, key, joined)


def _token(work: Manuscript, kind: TokenKind, key: str, value: str) -> None:
    token = parse_ao3_token(kind, value)
    if token is None:
        _keep(work, key, value)
    else:
        setattr(work, kind, token)


def _keep(work: Manuscript, key: str, value: str) -> None:
    work.extra[key] = value[:2_000]
    if key != "tags":
        work.notices.append(f"“{key}: {value[:60]}” is not known; it was kept in `extra`.")
    else:
        work.notices.append("The tags have no types; they were kept in `extra`.")


def _values(text: str) -> list[str]:
    """A value, or those of a list in brackets."""
    if text.startswith("[") and text.endswith("]"):
        return [_unquoted(one.strip()) for one in text[1:-1].split(",")]
    return [_unquoted(text)] if text not in {"", ">", "|", ">-", "|-"} else []


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


READER = Reader("markdown", score, read, one_work=True)
