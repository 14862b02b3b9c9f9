"""FanFicFare's metadata as JSON (``-j``, ``--json-meta-file``): all that it knows of a story, without its text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from app.formats.beside import NO_TEXT
from app.formats.fanficfare_fields import Entry, Fields, fill
from app.formats.json_values import head_of, load, texts
from app.formats.manuscript import Manuscript, ReadItem
from app.formats.markup import find_all, first, parse_html, text_of
from app.formats.problems import Unreadable
from app.formats.reading import Reader, read_all
from app.formats.title_page import unwrapped

LARGEST = 64 * 1024 * 1024
_SIGNS = (b'"storyUrl"', b'"authorHTML"', b'"siteabbrev"', b'"dateCreated"', b'"extratags"', b'"numWords"')
_ENOUGH = 3
_BETWEEN = re.compile(rb"(?:^|(?<=[\"\]}]))\}[ \t\r]*\n\s*(?=\{)", re.MULTILINE)
"""Between two objects: a brace at the begin of a line, or at the end of one that holds all; a text has no such line."""
_HTML = frozenset({"description", "short_description"})
_NO_FIELDS = frozenset({"subject_tags", "zchapters"})


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by the names of its members."""
    known = head_of(head)[:1] in {b"{", b"["} and sum(sign in head for sign in _SIGNS) >= _ENOUGH
    return 0.95 if known else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item a story; several may stand in an array, or one after another."""
    try:
        stories = _stories(read_all(stream, LARGEST))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())
        return
    for number, story in enumerate(stories, 1):
        where = name if len(stories) == 1 else f"{name} item {number}"
        try:
            yield ReadItem(where, _manuscript(story))
        except Unreadable as error:
            yield ReadItem(where, problem=error.as_problem())


def _stories(data: bytes) -> list[Any]:
    """The stories of an array, an object of stories, or of objects that follow one another."""
    found: list[Any] = []
    start = 0
    for end in [*(match.start() + 1 for match in _BETWEEN.finditer(data)), len(data)]:
        value = load(data[start:end])
        start = end
        by_name = isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values())
        found += value.values() if by_name else value if isinstance(value, list) else [value]
    return found


def _manuscript(story: Any) -> Manuscript:
    if not isinstance(story, dict) or not story.get("title"):
        raise Unreadable("not-a-story", "FanFicFare's metadata of a story has a title.", "/title")
    work = Manuscript()
    fields = Fields(known=list(texts(story.get("subject_tags"))))
    for key, value in story.items():
        if isinstance(value, list) and (values := [_plain(one) for one in texts(value)]) and key not in _NO_FIELDS:
            fields.add(Entry(key, ", ".join(values), items=values), key)
        elif isinstance(value, str | int | float) and str(value).strip():
            fields.add(_entry(key, str(value)), key)
    chapters = story.get("zchapters")
    if isinstance(chapters, list) and chapters:
        fields.add(Entry("Chapters", str(len(chapters))), "numChapters")
    authors = story.get("authorHTML")
    if isinstance(authors, str) and authors:
        work.authors = [text_of(link) for link in find_all(parse_html(authors), "//a[@href]") if text_of(link)]
    fill(work, fields)
    work.notices.append(NO_TEXT)
    return work


def _entry(key: str, value: str) -> Entry:
    if key not in _HTML:
        return Entry(key, _plain(value))
    if "<" not in value:  # a setting has taken its tags away
        lines = [line for part in html.unescape(value).split("\n") if (line := part.strip())]
        return Entry(key, " ".join(lines), "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines))
    body = first(parse_html(f"<html><body>{value}</body></html>"), "//body")
    return Entry(key, text_of(body), unwrapped(value, body) if body is not None else "")


def _plain(value: str) -> str:
    return " ".join(html.unescape(value).split())


READER = Reader("fanficfare-json", score, read)
