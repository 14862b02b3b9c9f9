"""Stories that were posted part by part, ``The Fox (2/5)``: the parts wait for one another, and are one work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.formats.joined_chapters import join
from app.formats.manuscript import ReadItem
from app.formats.numbered_names import Numbered

MOST_HELD: Final = 64 * 1024 * 1024
"""Of the parts that wait, in characters."""


class Parted:
    """The parts of stories in one file; ``what`` they are there, and the format that it is of."""

    def __init__(self, what: str, file_format: str) -> None:
        self._what = what
        self._format = file_format
        self._waiting: dict[tuple[str, str], list[tuple[Numbered, ReadItem]]] = {}
        self._held = 0

    def takes(self, item: ReadItem, part: Numbered | None) -> bool:
        """Keep an item that is a part of a story; ``False`` for any other."""
        work = item.manuscript
        if part is None or work is None or not part.key or self._held > MOST_HELD:
            return False
        self._held += sum(len(chapter.content) for chapter in work.chapters)
        item.format = self._format
        self._waiting.setdefault((part.key, ", ".join(work.authors)), []).append((part, item))
        return True

    def joined(self) -> Iterator[ReadItem]:
        """The stories, in the order of their first parts; parts that are none of one story are given as they are."""
        for parts in self._waiting.values():
            yield from self._joined(sorted(parts, key=lambda one: one[0].number))

    def _joined(self, parts: list[tuple[Numbered, ReadItem]]) -> Iterator[ReadItem]:
        items = [item for _, item in parts]
        works = [item.manuscript for item in items if item.manuscript is not None]
        known = [(work.key, work.source) for work in works]
        for work in works:  # what a post is known by says nothing of the story
            work.key = work.source = None
        whole = join(items, [part for part, _ in parts], parts[0][0].stem) if len(parts) > 1 else None
        if whole is None:
            for work, (key, source) in zip(works, known, strict=True):
                work.key, work.source = key, source
            yield from items
            return
        whole.work.key, whole.work.source = known[0]
        if whole.work.source is None:
            whole.work.key = whole.work.key or whole.key
        whole.work.notices.append(f"{len(parts)} {self._what} are its chapters, by the numbers in their subjects.")
        yield ReadItem(f"{items[0].input} and {len(items) - 1} more", whole.work, format=self._format)
