"""Feeds of Archive of Our Own (Atom, of a tag): works with everything but their text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.ao3_links import source_of, work_number
from app.formats.ao3_people import read_byline
from app.formats.ao3_rows import Row, read_row, read_stat, series_of, settle
from app.formats.manuscript import Manuscript, ReadItem
from app.formats.markup import (
    LARGEST,
    Element,
    find_all,
    first,
    outer_html,
    parse_html,
    parse_xml,
    text_of,
)
from app.formats.problems import Unreadable
from app.formats.reading import Reader, read_all
from app.kit.dates import parse_source_date

_FEED = re.compile(rb"<feed[\s>]", re.IGNORECASE)
_NUMBERS = re.compile(r"Words: *([0-9,]*), *Chapters: *([0-9,]+/[0-9?,]+), *Language: *(.*)")


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """An Atom feed of the site."""
    plain = head.replace(b"\0", b"")
    return 0.95 if _FEED.search(plain[:2_000]) and b"archiveofourown.org" in plain else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item an entry."""
    try:
        entries = _entries(stream)
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())
        return
    for number, entry in enumerate(entries, 1):
        where = f"{name} entry {number}"
        try:
            yield ReadItem(where, _manuscript(entry))
        except Unreadable as error:
            yield ReadItem(where, problem=error.as_problem())


def _entries(stream: BinaryIO) -> list[Element]:
    entries = find_all(parse_xml(read_all(stream, LARGEST)), "./*[local-name()='entry']")
    if not entries:
        raise Unreadable("not-a-work", "This is a feed without entries.")
    return entries


def _manuscript(entry: Element) -> Manuscript:
    link = _member(entry, "link")
    number = work_number(link.get("href")) if link is not None else None
    if number is None:
        raise Unreadable("not-a-work", "The entry does not lead to a work.")
    manuscript = Manuscript(title=text_of(_member(entry, "title")) or None, source=source_of(number))
    manuscript.published_at = parse_source_date(text_of(_member(entry, "published")))
    manuscript.revised_at = parse_source_date(text_of(_member(entry, "updated")))
    about = _member(entry, "summary")
    if about is not None and (about.text or "").strip():
        _read_about(list(parse_html(about.text or "").iter("body")), manuscript)
    settle(manuscript)
    return manuscript


def _member(entry: Element, name: str) -> Element | None:
    return first(entry, f"./*[local-name()='{name}']")


def _read_about(bodies: list[Element], manuscript: Manuscript) -> None:
    """What an entry says in HTML: a byline, the summary, a line of numbers, and the tags as a list at the end."""
    parts = list(bodies[0]) if bodies else []
    rows = len(parts)
    for place, part in enumerate(parts):
        numbers = _NUMBERS.fullmatch(text_of(part)) if part.tag == "p" else None
        if numbers is not None:
            rows = place
            read_stat("Words", numbers[1], manuscript)
            read_stat("Chapters", numbers[2], manuscript)
            manuscript.language = numbers[3].strip() or None
    if parts and text_of(parts[0]).startswith("by "):
        read_byline(parts[0], manuscript)
        manuscript.summary = (parts[0].tail or "").strip()
        manuscript.summary += "\n".join(outer_html(part, tail=True).strip() for part in parts[1:rows])
    for part in parts[rows:]:
        if part.tag == "p" and text_of(part).startswith("Series:"):
            manuscript.series.extend(series_of(part, manuscript))
        for item in find_all(part, "./li") if part.tag == "ul" else []:
            read_row(Row(text_of(item).partition(":")[0], item), manuscript)


READER = Reader("ao3-feed", score, read, takes="markup")
