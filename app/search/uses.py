"""Counting the works of each tag as they are put into an index that was empty before.

A new index takes in every tag: asking it for the works of each one would take a third of the time of building it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from app.search.schema import VIS_PUBLIC


class Uses:
    """Public works, and those for registered readers, by the tag that they count for (synonyms by their canonical).

    Right as long as works are only added: who replaces or removes one has to ask the index from then on.
    """

    def __init__(self) -> None:
        self._public: Counter[int] = Counter()
        self._registered: Counter[int] = Counter()

    def add(self, filters: dict[str, Any]) -> None:
        """Count a work by its document's filter fields."""
        counter = self._public if filters["vis"] == VIS_PUBLIC else self._registered
        counter.update(set(filters["direct"]))

    def of(self, tag_id: int) -> tuple[int, int]:
        """How many public works, and how many for registered readers alone, carry a tag that is no synonym."""
        return self._public[tag_id], self._registered[tag_id]
