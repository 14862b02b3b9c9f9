"""Which stored chapter each chapter of an import is, and where what the import no longer has goes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """What a chapter is known again by."""

    source_url: str | None
    title: str
    content: str

    @property
    def address(self) -> str | None:
        """Its address without what does not count."""
        if not self.source_url:
            return None
        return self.source_url.partition("#")[0].rpartition("://")[2].removeprefix("www.").rstrip("/")


def match_chapters(stored: Sequence[ChapterMark], new: Sequence[ChapterMark]) -> list[int | None]:
    """For each new chapter the index of the stored one that it is, or ``None``.

    By its own address first. Then the same text, the same title at the same place, the same title, and at last the
    same place among the others: what was renamed and rewritten between two chapters is still what stands between them.
    Chapters whose addresses differ are different chapters.
    """
    found: list[int | None] = [None] * len(new)
    free = set(range(len(stored)))

    def pair(key: Callable[[int, ChapterMark], Hashable | None]) -> None:
        places: dict[Hashable, list[int]] = {}
        for index in sorted(free):
            value = key(index, stored[index])
            if value is not None:
                places.setdefault(value, []).append(index)
        for index, mark in enumerate(new):
            value = key(index, mark)
            if found[index] is not None or value is None:
                continue
            fitting = [one for one in places.get(value, ()) if one in free and _may_be(stored[one], mark)]
            if fitting:
                best = min(fitting, key=lambda one: abs(one - index))
                found[index] = best
                free.discard(best)

    pair(lambda _index, mark: mark.address)
    pair(lambda _index, mark: (mark.title, mark.content))
    pair(lambda _index, mark: mark.content or None)
    pair(lambda index, mark: (index, mark.title))
    pair(lambda _index, mark: mark.title or None)
    _pair_between(stored, new, found, free)
    return found


def _pair_between(
    stored: Sequence[ChapterMark], new: Sequence[ChapterMark], found: list[int | None], free: set[int]
) -> None:
    """Pair what is left behind the same chapter, in order."""
    left: dict[int, list[int]] = {}
    behind = -1
    for index in range(len(stored)):
        if index in free:
            left.setdefault(behind, []).append(index)
        else:
            behind = index
    behind = -1
    for index, mark in enumerate(new):
        known = found[index]
        if known is not None:
            behind = known
            continue
        fitting = next((one for one in left.get(behind, ()) if one in free and _may_be(stored[one], mark)), None)
        if fitting is not None:
            found[index] = fitting
            free.discard(fitting)


def _may_be(one: ChapterMark, other: ChapterMark) -> bool:
    return one.address is None or other.address is None or one.address == other.address


def merged_order(found: Sequence[int | None], kept: Sequence[int]) -> list[tuple[bool, int]]:
    """All chapters in their new order, as (is new, index): what is kept stays behind the one that it stood behind."""
    order: list[tuple[bool, int]] = [(True, index) for index in range(len(found))]
    for index in sorted(kept):
        before = next((place for place, one in enumerate(order) if _stored_index(one, found) == index - 1), -1)
        order.insert(before + 1, (False, index))
    return order


def _stored_index(place: tuple[bool, int], found: Sequence[int | None]) -> int | None:
    is_new, index = place
    return found[index] if is_new else index
