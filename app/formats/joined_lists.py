"""Lists that a tool joined with commas, cut again: exactly where the single values are known, else with care."""

from __future__ import annotations

import html
import re
from collections.abc import Collection

_JOINT = re.compile(r",\s+")
_LONGEST_VALUE = 12
"""Parts that one value may have: a bound on the search, not on values."""
_LEFT_OVER = frozenset({"the", "a", "an", "jr.", "jr", "sr.", "sr", "inc.", "etc.", "etc", "esq."})
_OPEN, _CLOSED = "([{", ")]}"


def cut(text: str, known: Collection[str] = (), *, plain: bool = False) -> tuple[list[str], bool]:
    """The values of a joined list, and whether a cut is doubtful.

    ``known`` are single values that the same file tells elsewhere, which may be escaped once too often; a value of
    these is kept whole. ``plain``: the site's values never hold a comma, so that nothing is doubtful.
    """
    parts = [part for part in (one.strip() for one in _JOINT.split(text)) if part]
    if len(parts) < 2 or plain:  # noqa: PLR2004  one value is no list
        return list(dict.fromkeys(parts)), False
    singles = {" ".join(form.split()) for one in known for form in (one, html.unescape(one))}
    values: list[str] = []
    doubtful = False
    place = 0
    while place < len(parts):
        size = _known_size(parts, place, singles)
        if size == 0:
            size = _bracketed_size(parts, place)
            doubtful = doubtful or size > 1 or _is_left_over(parts[place])
        values.append(", ".join(parts[place : place + size]))
        place += size
    return list(dict.fromkeys(values)), doubtful


def _known_size(parts: list[str], place: int, singles: set[str]) -> int:
    """How many parts make the longest value that is known; 0 where none does."""
    if not singles:
        return 0
    most = min(len(parts) - place, _LONGEST_VALUE)
    return next((n for n in range(most, 0, -1) if ", ".join(parts[place : place + n]) in singles), 0)


def _bracketed_size(parts: list[str], place: int) -> int:
    """How many parts it takes until the brackets of the first are closed; 1 where they never are."""
    depth = 0
    for size, part in enumerate(parts[place : place + _LONGEST_VALUE], 1):
        depth += sum(part.count(one) for one in _OPEN) - sum(part.count(one) for one in _CLOSED)
        if depth <= 0:
            return size if depth == 0 else 1
    return 1


def _is_left_over(part: str) -> bool:
    """Whether it looks like the rest of a value: ``The``, ``Jr.``, ``and so on``."""
    return part.lower() in _LEFT_OVER or part.lower().startswith("and ")
