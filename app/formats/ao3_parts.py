"""Summaries and notes of a work or a chapter in downloads of Archive of Our Own: a label, then a quotation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.formats.markup import Element, has_class, inner_html, text_of

_LABELS = {
    "summary": "summary",
    "chapter summary": "summary",
    "notes": "notes",
    "chapter notes": "notes",
    "end notes": "end_notes",
    "chapter end notes": "end_notes",
}


@dataclass(slots=True)
class Parts:
    """What stands around a text, as HTML."""

    summary: str = ""
    notes: str = ""
    end_notes: str = ""
    lists: list[Element] = field(default_factory=list)
    """Lists between them, in which related works are named."""
    other: dict[str, str] = field(default_factory=dict)
    """Quotations under labels that are not known."""


def read_parts(elements: Iterable[Element]) -> Parts:
    """The parts among these siblings."""
    parts = Parts()
    label = ""
    for element in elements:
        if element.tag == "p":
            label = text_of(element).rstrip(":").strip()
        elif element.tag == "blockquote":
            name = _LABELS.get(label.casefold())
            if name is not None:
                setattr(parts, name, joined(getattr(parts, name), inner_html(element)))
            elif label:
                parts.other[label[:100]] = inner_html(element)
        elif element.tag in {"ul", "ol"}:
            parts.lists.append(element)
    return parts


def joined(before: str, after: str) -> str:
    """Two pieces of one text."""
    return f"{before}\n{after}" if before and after else before or after


def of_class(element: Element, name: str) -> bool:
    """Whether an element is of a class, also where a converter has numbered it: ``userstuff1``."""
    if has_class(element, name):
        return True
    return re.search(rf"(?:^|\s){re.escape(name)}[0-9]+(?:\s|$)", element.get("class") or "") is not None


_CHAPTER = re.compile(r"chapter\s+([0-9]{1,9})(?:\s*:\s*(.*))?", re.IGNORECASE | re.DOTALL)


def chapter_title(heading: str, position: int | None) -> str:
    """The title in a heading: what follows ``Chapter 3:`` where that is its place, else all of it.

    Before October 2025 a titled chapter showed its title alone. ``position`` is ``None`` where every heading has the
    number before it.
    """
    found = _CHAPTER.fullmatch(heading)
    if found is None or (position is not None and int(found[1]) != position):
        return heading
    return (found[2] or "").strip()
