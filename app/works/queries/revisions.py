"""Former texts of chapters. The newest revision is the chapter itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select, union_all

from app.errors import NotFound
from app.models import Chapter, ChapterRevision


@dataclass(frozen=True, slots=True)
class RevisionEntry:
    """A revision in the list: when and by whom it was saved, and what it changed."""

    revision: int
    at: datetime
    by: str | None
    words: int
    words_added: int
    words_removed: int


@dataclass(frozen=True, slots=True)
class Revision(RevisionEntry):
    """A revision with its texts."""

    title: str
    summary: str
    notes: str
    end_notes: str
    content: str


def _added(table: Any) -> ColumnElement[int]:
    """The first revision is new as a whole."""
    return case((table.revision == 1, table.words), else_=table.words_added).label("words_added")


_STORED = (
    ChapterRevision.revision, ChapterRevision.at, ChapterRevision.by, ChapterRevision.words,
    _added(ChapterRevision), ChapterRevision.words_removed,
)  # fmt: skip
_CURRENT = (
    Chapter.revision, func.coalesce(Chapter.saved_at, Chapter.revised_at).label("at"), Chapter.saved_by.label("by"),
    Chapter.words, _added(Chapter), Chapter.words_removed,
)  # fmt: skip
_TEXTS = ("title", "summary", "notes", "end_notes", "content")


def list_revisions(connection: Connection, chapter_id: int) -> list[RevisionEntry]:
    """All revisions of a chapter, newest first."""
    stored = select(*_STORED).where(ChapterRevision.chapter_id == chapter_id)
    current = select(*_CURRENT).where(Chapter.id == chapter_id)
    both = union_all(stored, current).subquery()
    rows = connection.execute(select(both).order_by(both.c.revision.desc()))
    return [RevisionEntry(*row) for row in rows]


def revision_of(connection: Connection, chapter_id: int, revision: int) -> Revision:
    """One revision with its texts."""
    row = _read(connection, _STORED, ChapterRevision, (ChapterRevision.chapter_id == chapter_id), revision)
    row = row or _read(connection, _CURRENT, Chapter, Chapter.id == chapter_id, revision)
    if row is None:
        raise NotFound(f"The chapter has no revision {revision}.")
    return Revision(*row)


def _read(connection: Connection, columns: Any, table: Any, where: ColumnElement[bool], revision: int) -> Any:
    texts = (getattr(table, name) for name in _TEXTS)
    return connection.execute(select(*columns, *texts).where(where, table.revision == revision)).one_or_none()
