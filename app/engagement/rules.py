"""Decisions about counting, pure."""

from __future__ import annotations

EXACT = 100
"""Up to so many hits the index is told of each; beyond, of each hundredth part."""


def moves_index(before: int, added: int) -> bool:
    """Whether a counter has moved so far that its place in an order may be another.

    To index a work again means to analyse its text: a popular work need not be for each of its readers.
    """
    after = before + added
    step = max(1, 10 ** (len(str(after)) - 2)) if after >= EXACT else 1
    return before // step != after // step
