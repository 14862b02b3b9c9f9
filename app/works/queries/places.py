"""A chapter as an address names it: by its id, or by its place in a work as the caller counts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from app.accounts.queries import own_ids
from app.accounts.rules import Viewer
from app.works.errors import NotYours
from app.works.queries.reading import ChapterRow, chapter_at, chapter_by_id


@dataclass(frozen=True, slots=True)
class ChapterPlace:
    """Either ``chapter_id``, or ``work_id`` and ``position``."""

    chapter_id: int | None = None
    work_id: int | None = None
    position: int | None = None

    def find(self, connection: Connection, viewer: Viewer) -> ChapterRow:
        """The chapter, if the viewer may read it; else what a reader is told."""
        if self.chapter_id is not None:
            return chapter_by_id(connection, viewer, self.chapter_id)
        assert self.work_id is not None
        assert self.position is not None
        return chapter_at(connection, viewer, self.work_id, self.position)

    def find_own(self, connection: Connection, viewer: Viewer) -> ChapterRow:
        """The same for one of its authors."""
        chapter = self.find(connection, viewer)
        if not own_ids(connection, viewer, [chapter.work_id]):
            raise NotYours
        return chapter
