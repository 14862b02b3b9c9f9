"""The front of FanFicFare's text files, and where their chapters begin.

Title, ``by`` and the authors, labelled lines; then, where there are several, the titles of the chapters; then each
chapter under its title, which stands behind a tab (or the eight spaces that wrapping makes of it).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from itertools import groupby

from app.formats.fanficfare_fields import Entry, Fields
from app.formats.fanficfare_labels import key_of
from app.formats.wrapped_lines import fits, unwrap, width_of

USUAL_WIDTH = 78
_FRONT_LINES = 400
_LABEL = re.compile(r"(?!https?:)([^\W_][^:\n]{0,40}):(?: |$)")
_CHAPTER = re.compile(r"(?:\t| {8})(?=\S)")
_CONTENTS = "TABLE OF CONTENTS"
_END = "End file."
_URLS = re.compile(r",?\s+(?=https?://)")
_SIGNS, _MORE_SIGNS = 3, 6
_FRONT_STARTS = 3


@dataclass(slots=True)
class TextBook:
    """A text file in its parts."""

    title: str = ""
    authors: list[str] = field(default_factory=list)
    fields: Fields = field(default_factory=Fields)
    chapters: list[tuple[str, list[str]]] = field(default_factory=list)
    """Titles and lines."""
    width: int = USUAL_WIDTH
    notices: list[str] = field(default_factory=list)


def looks_like_one(text: str) -> bool:
    """Whether a text begins as these files do: a title, its author, labelled lines with an address among them.

    What lacks the address, or the blank lines before the title, has to show more: labels, and where chapters begin.
    """
    lines = text.split("\n")[:_FRONT_LINES]
    by = next((n for n, line in enumerate(lines[:60]) if line.startswith("by ")), None)
    if by is None:
        return False
    labels = {key_of(found[1]) for line in lines[by + 1 :] if (found := _LABEL.match(line))} - {None}
    if "storyUrl" in labels and not lines[0].strip():
        return len(labels) > _SIGNS
    return len(labels) > _MORE_SIGNS and any(_is_front_end(lines, n) for n in range(by, len(lines)))


def take_apart(text: str) -> TextBook:
    """The parts of a file whose lines end in a line feed."""
    lines = text.split("\n")
    start = next((n for n in range(_FRONT_STARTS, len(lines)) if _is_front_end(lines, n)), len(lines))
    book = TextBook(width=width_of(lines[:start], lines[start:], USUAL_WIDTH))
    place = _read_title(book, lines)
    place = _read_labels(book, lines, place)
    place, contents = _read_contents(book, lines, place)
    _read_chapters(book, lines, place, contents)
    return book


def _read_title(book: TextBook, lines: list[str]) -> int:
    place = _next_text(lines, 0)
    title, place = _paragraph(book, lines, place)
    following = _next_text(lines, place)
    by, end = _paragraph(book, lines, following)
    if title.startswith("by ") and not by.startswith("by "):  # a story without a title
        title, by, end = "", title, place
    book.title, book.authors = title, [by.removeprefix("by ").strip()]
    return end


def _next_text(lines: list[str], place: int) -> int:
    while place < len(lines) and not lines[place].strip():
        place += 1
    return place


def _paragraph(book: TextBook, lines: list[str], place: int) -> tuple[str, int]:
    """Lines up to a blank one, as one, and the place behind them."""
    end = place
    while end < len(lines) and lines[end].strip():
        end += 1
    return unwrap(lines[place:end], book.width), max(end, place + 1)


def _read_labels(book: TextBook, lines: list[str], place: int) -> int:
    """Labelled values: a line without a label goes on with the one before, blank ones included."""
    label, value = "", [""]
    start = place
    while place < len(lines) and not _is_front_end(lines, place):
        found = _LABEL.match(lines[place])
        in_summary = key_of(label) == "description" and book.fields.is_whole
        fresh = place == start or (found and _is_fresh(book, lines[place - 1], lines[place], key_of(found[1])))
        if found and fresh and not in_summary:
            _add(book, label, value)
            label, value = found[1], [lines[place][found.end() :]]
        else:
            value.append(lines[place])
        place += 1
    _add(book, label, value)
    return place


def _is_fresh(book: TextBook, last: str, line: str, key: str | None) -> bool:
    """Whether a line with what may be a label begins a value; what wrapping brought to its begin does not."""
    return key not in book.fields.entries if key else fits(last, line, book.width)


def _is_front_end(lines: list[str], place: int) -> bool:
    line = lines[place]
    return line.strip() == _CONTENTS or (_CHAPTER.match(line) is not None and not "".join(lines[place - 2 : place]))


def _add(book: TextBook, label: str, value: list[str]) -> None:
    before = [len(label) + 2, *[0] * len(value)]  # a colon and a space
    paragraphs = [unwrap(group, book.width, before[n]) for n, group in enumerate(grouped(value))]
    if not label or not paragraphs:
        return
    key = key_of(label)
    marked = "".join(f"<p>{html.escape(one, quote=False)}</p>" for one in paragraphs) if key == "description" else ""
    items = _URLS.split(paragraphs[0]) if key == "authorUrl" else []
    book.fields.add(Entry(label, " ".join(paragraphs), marked, items))


def _read_contents(book: TextBook, lines: list[str], place: int) -> tuple[int, list[str]]:
    """The titles of the chapters, and where they end."""
    titles: list[str] = []
    if place >= len(lines) or lines[place].strip() != _CONTENTS:
        return place, titles
    place += 1
    while place < len(lines):
        place = _next_text(lines, place)
        if place >= len(lines) or _is_front_end(lines, place):
            break
        title, place = _paragraph(book, lines, place)
        titles.append(title)
    return place, titles


def _read_chapters(book: TextBook, lines: list[str], place: int, contents: list[str]) -> None:
    starts = [n for n in range(place, len(lines)) if _is_front_end(lines, n)]
    chosen = _chosen(book, lines, starts, contents)
    end = max((n for n in range((chosen or [place])[-1], len(lines)) if lines[n].strip() == _END), default=len(lines))
    for start, stop in zip(chosen, [*chosen[1:], end], strict=False):
        title, first = _paragraph(book, lines, start)
        book.chapters.append((title, lines[first:stop]))
    if not chosen and any(line.strip() for line in lines[place:end]):
        book.notices.append("No chapter's beginning was found; the text was taken as one.")
        book.chapters.append(("", lines[place:end]))


def _chosen(book: TextBook, lines: list[str], starts: list[int], contents: list[str]) -> list[int]:
    """The lines at which chapters begin: those with the titles of the contents, in their order."""
    if not contents:
        many = book.fields.text("numChapters") not in {"", "1"}
        return starts if many else starts[:1]
    chosen: list[int] = []
    wanted = iter(contents)
    title = next(wanted)
    for start in starts:
        if _is_same(_paragraph(book, lines, start)[0], title):
            chosen.append(start)
            title = next(wanted, "")
            if not title:
                return chosen
    book.notices.append(
        f"The contents name {len(contents)} chapters, and the text has {len(starts)}; see that all are there."
    )
    return starts


def _is_same(title: str, contents: str) -> bool:
    return title == contents or contents.endswith(f" {title}") or title.endswith(f" {contents}")


def authors_of(book: TextBook) -> list[str]:
    """The authors: cut at commas only where there are as many addresses."""
    joined = book.authors[0] if book.authors else ""
    parts = [part.strip() for part in joined.split(",") if part.strip()]
    entry = book.fields.entries.get("authorUrl")
    count = len(entry.items) if entry else 0
    if len(parts) > 1 and count not in {0, len(parts)}:
        if count > 1:
            book.notices.append(f"“{joined[:80]}” names {len(parts)} authors for {count} addresses.")
            return parts
        return [joined]
    return parts


def grouped(lines: list[str]) -> list[list[str]]:
    """Lines between blank ones."""
    return [list(group) for filled, group in groupby(lines, lambda line: bool(line.strip())) if filled]
