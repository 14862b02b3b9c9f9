"""Keeping what a chapter held before it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from app.db.bulk import insert_rows, reserve_ids
from app.models import ChapterRevision

REVISED = ("title", "summary", "notes", "end_notes", "content", "words")
"""What a revision holds of a chapter."""
_COLUMNS = ("id", "chapter_id", "revision", "at", "by", "words_added", "words_removed", *REVISED)


def keep_revision(connection: Connection, chapter: Mapping[str, Any]) -> None:
    """Write the chapter's row as it is, as a revision; the caller replaces the row in the same transaction."""
    (revision_id,) = reserve_ids(connection, ChapterRevision.__table__, 1)
    saved = (chapter["saved_at"] or chapter["revised_at"], chapter["saved_by"])
    changed = (chapter["words_added"], chapter["words_removed"])
    texts = (chapter[name] for name in REVISED)
    row = (revision_id, chapter["id"], chapter["revision"], *saved, *changed, *texts)
    insert_rows(connection, ChapterRevision.__table__, _COLUMNS, [row])
