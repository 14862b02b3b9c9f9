"""Bringing a work's stored chapters in line with what an import says they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from app.kit.html import CLEANER_VERSION
from app.models import Chapter
from app.works.commands.bulk import insert_chapters
from app.works.commands.revisions import REVISED, keep_revision
from app.works.diffs import words_changed
from app.works.drafts import ChapterDraft, WorkDraft


@dataclass(slots=True)
class Merge:
    """What became of a work's chapters."""

    added: int = 0
    changed: int = 0
    kept: int = 0


def merge_chapters(connection: Connection, work_id: int, draft: WorkDraft) -> Merge:
    """Compare by position: changed chapters keep their old text as a revision, new ones are added.

    Chapters that the import no longer has are kept, and counted in the draft: nothing is deleted silently.
    """
    stored = (
        connection.execute(select(Chapter.__table__).where(Chapter.work_id == work_id).order_by(Chapter.position))
        .mappings()
        .all()
    )
    merge = Merge()
    for row, chapter in zip(stored, draft.chapters, strict=False):
        if any(row[name] != getattr(chapter, name) for name in REVISED) or row["state"] != chapter.state:
            _replace(connection, row, chapter)
            merge.changed += 1
    if len(draft.chapters) > len(stored):
        merge.added = len(draft.chapters) - len(stored)
        insert_chapters(connection, [(work_id, len(stored), draft)])
    _count_kept(draft, stored[len(draft.chapters) :], merge)
    return merge


def _count_kept(draft: WorkDraft, kept: Sequence[Any], merge: Merge) -> None:
    if not kept:
        return
    merge.kept = len(kept)
    posted = [row for row in kept if row["state"] == "published"]
    draft.has_text = True
    draft.chapters_posted = len(posted) + sum(chapter.state == "published" for chapter in draft.chapters)
    draft.words = sum(row["words"] for row in posted) + sum(
        chapter.words for chapter in draft.chapters if chapter.state == "published"
    )
    if draft.chapters_expected is not None:
        draft.chapters_expected = max(draft.chapters_expected, draft.chapters_posted)
    draft.notices.append(f"{len(kept)} chapters that are here are not in this input; they were kept.")


def _replace(connection: Connection, row: Any, chapter: ChapterDraft) -> None:
    keep_revision(connection, row)
    added, removed = words_changed(row["content"], chapter.content)
    connection.execute(
        update(Chapter)
        .where(Chapter.id == row["id"])
        .values(
            **{name: getattr(chapter, name) for name in REVISED},
            state=chapter.state,
            version=row["version"] + 1,
            revision=row["revision"] + 1,
            cleaner_version=CLEANER_VERSION,
            saved_at=datetime.now(UTC),
            saved_by=None,
            words_added=added,
            words_removed=removed,
        )
    )
