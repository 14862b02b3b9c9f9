"""The labelled rows of a work at Archive of Our Own: in its downloads, on its pages and in its feeds.

Labels tell what a value is, in the singular or the plural, as they were called over the years. Each tag is a link of
its own. What is not known goes to ``extra`` under its label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from app.formats.ao3_links import text_and_links
from app.formats.manuscript import Manuscript, SeriesRef
from app.formats.markup import Element, find_all, text_of
from app.formats.numbers import planned, to_count
from app.formats.problems import Unreadable
from app.formats.record_model import EXTRA_LIMIT, MOST, MOST_GIFTS
from app.kit.dates import parse_source_date
from app.kit.names import TokenKind, parse_ao3_token

_TAGS = {
    "fandom": "fandoms",
    "fandoms": "fandoms",
    "relationship": "relationships",
    "relationships": "relationships",
    "pairing": "relationships",
    "pairings": "relationships",
    "character": "characters",
    "characters": "characters",
    "additional tag": "freeforms",
    "additional tags": "freeforms",
    "freeform": "freeforms",
    "freeforms": "freeforms",
}
_TOKENS: dict[str, TokenKind] = {
    "rating": "rating",
    "ratings": "rating",
    "archive warning": "warning",
    "archive warnings": "warning",
    "warning": "warning",
    "warnings": "warning",
    "category": "category",
    "categories": "category",
}
KNOWN: Final = frozenset({*_TAGS, *_TOKENS, "language", "series", "stats"})
"""Labels by which a list is known for that of a work."""

_COUNTS = frozenset({"kudos", "comments", "bookmarks", "hits"})
_STAT = re.compile(r"([A-Z][a-z]+): *([^:]*?)(?= *[A-Z][a-z]+:|$)")
_PART = re.compile(r"Part\s+([0-9][0-9,]{0,9})\s+of\s*$")
_PARTS_AS_TEXT = re.compile(r"Part ([0-9][0-9,]{0,9}) of (.+?)(?=, Part [0-9]|$)")
_LAST_POSITION = 1_000_000
_MOST = {
    "authors": (MOST, "authors"),
    "series": (MOST, "series"),
    "related": (MOST, "related works"),
    "gifts": (MOST_GIFTS, "gifts"),
}
_MOST_NOTICES = 50


@dataclass(slots=True)
class Row:
    """A label without its colon, and the element with the value."""

    label: str
    value: Element


def rows_of(listing: Element) -> Iterator[Row]:
    """The rows of a ``dl``; several values under one label are several rows."""
    label = ""
    for element in listing:
        if element.tag == "dt":
            label = text_of(element).rstrip(":").strip()
        elif element.tag == "dd":
            yield Row(label, element)


def read_row(row: Row, manuscript: Manuscript) -> None:
    """Put what a row says where it belongs."""
    label = row.label.casefold()
    if label in _TAGS:
        getattr(manuscript, _TAGS[label]).extend(values_of(row, manuscript))
    elif label in _TOKENS:
        for value in values_of(row, manuscript):
            read_token(_TOKENS[label], value, manuscript)
    elif label == "language":
        manuscript.language = text_of(row.value) or None
    elif label == "series":
        manuscript.series.extend(series_of(row.value, manuscript))
    elif label == "stats":
        listing = next(iter(find_all(row.value, "./dl")), None)
        stats = [(one.label, text_of(one.value)) for one in rows_of(listing)] if listing is not None else []
        for name, value in stats or _STAT.findall(text_of(row.value)):
            read_stat(name, value, manuscript)
    elif row.label:
        found = [text_of(link) for link in find_all(row.value, ".//a")] or text_of(row.value)
        name = label if label == "collections" else row.label[:100]  # which other files of the site's call so, too
        manuscript.extra.setdefault(name, found)


def values_of(row: Row, manuscript: Manuscript) -> list[str]:
    """Each link is a value; text without links is cut at its commas, which no tag there has, and a notice says so."""
    linked = [text for link in find_all(row.value, ".//a") if (text := text_of(link))]
    if linked:
        return linked
    text = text_of(row.value)
    values = [value.strip() for value in text.split(", ") if value.strip()]
    if len(values) > 1:
        manuscript.notices.append(
            f"The values of “{row.label[:40]}” are no links; they were told apart by their commas."
        )
    return values


def read_token(kind: TokenKind, value: str, manuscript: Manuscript) -> None:
    """A rating, warning or category; one that is not known goes to ``extra``, with a notice."""
    if not value or (kind == "category" and value.casefold() == "no category"):
        return
    token: Any = parse_ao3_token(kind, value)
    if token is None:
        manuscript.notices.append(f"The {kind} “{value[:60]}” is not known; it was kept aside.")
        manuscript.extra.setdefault(kind, []).append(value)
    elif kind == "rating":
        manuscript.rating = manuscript.rating or token
    else:
        known = manuscript.warnings if kind == "warning" else manuscript.categories
        if token not in known:
            known.append(token)


def series_of(value: Element, manuscript: Manuscript) -> Iterator[SeriesRef]:
    """Series as ``Part 3 of`` and a link, several times; arrows to other works of the series do not count."""
    before = ""
    found = False
    for text, link in text_and_links(value):
        before += text
        if link is None:
            continue
        title = text_of(link)
        part = _PART.search(before)
        before = ""
        if title and (part is not None or "/series/" in (link.get("href") or "")):
            found = True
            yield SeriesRef(title, _position(part[1]) if part else None)
    if not found:
        text = text_of(value)
        parts = [SeriesRef(title, _position(number)) for number, title in _PARTS_AS_TEXT.findall(text)]
        if parts:
            manuscript.notices.append("The series are no links; where one ends and the next begins was guessed.")
        elif text:
            manuscript.extra.setdefault("series", text)
        yield from parts


def _position(number: str) -> int | None:
    position = int(number.replace(",", "") or "0")
    return position if 1 <= position <= _LAST_POSITION else None


def read_stat(name: str, value: str, manuscript: Manuscript) -> None:
    """A date or a number; what cannot be read of them is a notice, never a failure."""
    label = name.rstrip(":").strip().casefold()
    try:
        if label in {"published", "updated", "completed"}:
            _read_date(label, value, manuscript)
        elif label == "words":
            manuscript.words = to_count(value, "/words")
        elif label == "chapters":
            manuscript.chapters_posted, manuscript.chapters_expected = planned(value, "/chapters")
        elif label in _COUNTS:
            manuscript.stats[label] = to_count(value, f"/{label}") or 0
        elif label and label not in {"collections", "language"}:
            manuscript.extra.setdefault(name[:100], value)
    except Unreadable:
        manuscript.notices.append(f"“{name[:40]}: {value[:40]}” was not understood.")


def _read_date(label: str, value: str, manuscript: Manuscript) -> None:
    moment = parse_source_date(value)
    if moment is None:
        raise Unreadable("bad-date", "The date is not understood.")
    if label == "published":
        manuscript.published_at = moment
    else:
        manuscript.revised_at = moment
    if label == "completed":
        manuscript.status = "complete"
    elif label == "updated":
        manuscript.status = "in_progress"


def settle(manuscript: Manuscript) -> None:
    """What follows from the rows, once all are read.

    A later date is shown only where there was one; the number of chapters was, before 2023, only shown where more than
    one was planned. It decides on the status: the label of the date is also wrong of works that were finished late.
    """
    manuscript.revised_at = manuscript.revised_at or manuscript.published_at
    if manuscript.chapters_posted is None and manuscript.published_at is not None and len(manuscript.chapters) == 1:
        manuscript.chapters_posted = manuscript.chapters_expected = 1
    if manuscript.chapters_posted is not None:
        complete = manuscript.chapters_posted == manuscript.chapters_expected
        manuscript.status = "complete" if complete else "in_progress"
    _keep_within_limits(manuscript)


def _keep_within_limits(manuscript: Manuscript) -> None:
    """Leave out what no real work has so much of, and say so."""
    manuscript.notices = list(dict.fromkeys(manuscript.notices))[:_MOST_NOTICES]
    for name, (most, what) in _MOST.items():
        values = getattr(manuscript, name)
        if len(values) > most:
            del values[most:]
            manuscript.notices.append(f"There are more than {most:,} {what}; the others were left out.")
    sizes = {label: len(label) + len(orjson.dumps(value)) for label, value in manuscript.extra.items()}
    total, dropped = 0, []
    for label in sorted(sizes, key=lambda one: sizes[one]):
        total += sizes[label]
        if total > EXTRA_LIMIT // 2:
            del manuscript.extra[label]
            dropped.append(label[:40])
    if dropped:
        shown = ", ".join(f"“{label}”" for label in dropped[:3])
        manuscript.notices.append(f"Too long to be kept aside, and left out: {shown}{' …' if dropped[3:] else ''}.")
