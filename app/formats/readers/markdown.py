"""Markdown: one work a file, an optional block of ``name: value`` lines before it, chapters at headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from app.formats.front_matter import Values, cut_front, looks_like_front
from app.formats.heading_chapters import cut_at_headings, place_front
from app.formats.joined_lists import cut
from app.formats.labelled_head import take_from
from app.formats.manuscript import Manuscript, SeriesRef, SourceRef
from app.formats.markup import first, parse_html
from app.formats.numbers import to_count
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.formats.work_fields import understood
from app.kit.dates import parse_source_date
from app.kit.encoding import UndecodableText, decode
from app.kit.html_cleaning import HtmlRefused
from app.kit.markdown_files import markdown_file_to_html
from app.kit.names import TokenKind, parse_ao3_token
from app.kit.text import find_bad_character
from app.kit.urls import is_web_address, source_id

LARGEST = 64 * 1024 * 1024
PIECE = 900_000
"""Characters that are turned into HTML at once: the cost of some patterns grows faster than their length."""
_HEADING = re.compile(r"^ {0,3}#{1,4}[ \t]+\S", re.MULTILINE)
_UNDERLINED = re.compile(r"^\S.{0,200}\n {0,3}={3,}[ \t]*$", re.MULTILINE)
_MARKS = re.compile(
    r"\*\*\S[^*\n]{0,200}\*\*|(?<![\w*])\*[^\s*][^*\n]{0,200}\*(?!\w)|\[[^\]\n]{1,200}\]\(https?://|^> ", re.MULTILINE
)
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
_SERIES = frozenset({"series", "series name", "series title"})
_PLACES = ("series index", "series position", "series number", "series part", "part")
_LAST_PLACE = 1_000_000
_ENOUGH = 2


def score(head: bytes, name: str) -> float:
    """Headings, emphasis and links as Markdown has them; a name that says so counts as one of them."""
    text = head.decode("utf-8", "replace").replace("\r\n", "\n")
    said = name.lower().endswith((".md", ".markdown", ".mdown"))
    headings = len(_HEADING.findall(text)) + len(_UNDERLINED.findall(text))
    if looks_like_front(text.lstrip("\ufeff\n")) and (said or not text.lstrip("\ufeff\n").startswith("%")):
        return 0.6
    if said:
        return 0.35
    marks = len(_MARKS.findall(text))
    return 0.35 if (headings >= _ENOUGH or (headings and marks)) and "\0" not in text else 0.0


def _manuscript(data: bytes) -> Manuscript:
    work = Manuscript()
    text = _decoded(data, work)
    values, text = cut_front(text)
    for key, found in values.items():
        if kept := [value for value in found if value.strip()]:
            _set(work, key, kept, values)
    if not text.strip():
        raise Unreadable("empty-file", "The file has no text.")
    root = parse_html("".join(map(_html, _pieces(text))))
    body = first(root, ".//body")
    body = root if body is None else body
    take_from(work, body, by_line=True)
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


def _pieces(text: str) -> Iterator[str]:
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
        return markdown_file_to_html(text)
    except (HtmlRefused, RecursionError) as error:
        raise Unreadable("bad-markdown", f"The Markdown cannot be read: {error}") from error


def _set(work: Manuscript, key: str, values: list[str], front: Values) -> None:
    joined = ", ".join(values)
    if key in _PLAIN:
        plain = key == "title" or "</" in joined
        setattr(work, _PLAIN[key], joined if plain else f"<p>{escape(joined, quote=False)}</p>")
    elif key in _LISTS:
        setattr(work, _LISTS[key], _cut(work, key, values))
    elif key in _TOKENS:
        _token(work, _TOKENS[key], key, joined)
    elif key in _TOKEN_LISTS:
        kind, member = _TOKEN_LISTS[key]
        values = _cut(work, key, values)
        known: list[Any] = [token for value in values if (token := parse_ao3_token(kind, value))]
        setattr(work, member, known)
        if len(known) < len(values):
            _keep(work, key, joined)
    elif key in _SERIES:
        work.series = [SeriesRef(value, _place(work, front) if len(values) == 1 else None) for value in values]
    elif key not in _PLACES:
        _set_single(work, key, joined)


def _set_single(work: Manuscript, key: str, value: str) -> None:
    date = parse_source_date(value) if key in _DATES else None
    if date is not None:
        setattr(work, _DATES[key], date)
    elif key in {"language", "lang"}:
        work.language = value[:40]
    elif key in _URLS and is_web_address(value):
        known = source_id(value)
        work.source = SourceRef(known[0], known[1], value.strip()) if known else SourceRef(url=value.strip())
    elif key in {"words", "word count", "wordcount"}:
        work.words = understood(work, {key: value}, key, to_count)
    else:
        _keep(work, key, value)


def _cut(work: Manuscript, key: str, values: list[str]) -> list[str]:
    """The values of a list; one alone may be several that commas part."""
    if len(values) > 1:
        return values
    found, doubtful = cut(values[0])
    if doubtful:
        shown = ", ".join(f"“{one[:40]}”" for one in found[:12])
        work.notices.append(f"{key} is joined by commas, and some may be part of a value; it was read as {shown}.")
    return found


def _place(work: Manuscript, front: Values) -> int | None:
    said = next((front[name][0] for name in _PLACES if front.get(name)), "")
    if said and not (said.isascii() and said.isdecimal() and 0 < int(said[:9]) <= _LAST_PLACE):
        work.notices.append(f"The place in the series is {said[:20]}: it was left out.")
        return None
    return int(said) if said else None


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


READER = Reader("markdown", score, whole_file(_manuscript, LARGEST), one_work=True)
