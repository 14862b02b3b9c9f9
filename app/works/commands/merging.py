"""Bringing a work's stored chapters in line with what an import says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from app.jobs.tombstones import bury
from app.kit.html import CLEANER_VERSION
from app.models import Chapter
from app.works.chapter_matching import ChapterMark, match_chapters, merged_order
from app.works.commands.bulk import insert_chapters
from app.works.commands.revisions import REVISED, keep_revision
from app.works.diffs import words_changed
from app.works.drafts import ChapterDraft, WorkDraft
from app.works.rules import chapter_was_public

NAMED = 10
"""So many chapters are named in a notice."""


def merge_chapters(
    connection: Connection, work_id: int, draft: WorkDraft, *, was_public: bool, replace: bool = False
) -> list[str]:
    """Change what changed, add what is new; what was added, changed and removed, in words.

    A changed chapter keeps its old text as a revision. One that the import no longer has is kept and counted, unless
    ``replace``: nothing is deleted silently. ``was_public`` is of the work.
    """
    query = select(Chapter.__table__).where(Chapter.work_id == work_id).order_by(Chapter.position)
    stored = connection.execute(query).mappings().all()
    found = match_chapters([_mark(row) for row in stored], [_mark_of(chapter) for chapter in draft.chapters])
    gone = [index for index in range(len(stored)) if index not in set(found)]
    order = merged_order(found, [] if replace else gone)
    added: list[str] = []
    changed: list[str] = []
    new: list[tuple[int, int, ChapterDraft]] = []
    for position, (is_new, index) in enumerate(order, 1):
        at = found[index] if is_new else index
        if at is None:
            new.append((work_id, position, draft.chapters[index]))
            added.append(_name(position, draft.chapters[index].title))
        elif is_new and _bring(connection, stored[at], draft.chapters[index], was_public=was_public):
            changed.append(_name(position, draft.chapters[index].title))
        if at is not None and stored[at]["position"] != position:
            connection.execute(update(Chapter).where(Chapter.id == stored[at]["id"]).values(position=position))
    insert_chapters(connection, new)
    removed = [_name(stored[index]["position"], stored[index]["title"]) for index in gone]
    if replace:
        seen = [stored[index]["id"] for index in gone if _was_public(stored[index], was_public=was_public)]
        bury(connection, "chapter", seen, work_id)
        connection.execute(delete(Chapter).where(Chapter.id.in_([stored[index]["id"] for index in gone])))
    else:
        _count(draft, [stored[index] for index in gone])
    if added and "revised_at" not in draft.said:
        draft.revised_at = max(draft.revised_at, *(chapter.published_at for _, _, chapter in new))
    left = "removed at the source and here" if replace else "not in this input, and kept here"
    told = ((added, "added"), (changed, "changed"), (removed, left))
    return [_told(names, what) for names, what in told if names]


def _mark(row: Any) -> ChapterMark:
    return ChapterMark(row["source_url"], row["title"], row["content"])


def _mark_of(chapter: ChapterDraft) -> ChapterMark:
    return ChapterMark(chapter.source_url, chapter.title, chapter.content)


def _name(position: int, title: str) -> str:
    return f"{position} “{title}”" if title else str(position)


def _told(names: Sequence[str], what: str) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{len(names)} chapter{'s' if len(names) > 1 else ''} {what}: {', '.join(names[:NAMED])}{more}."


def _count(draft: WorkDraft, kept: Sequence[Any]) -> None:
    """Count the chapters that are kept beside those of the draft."""
    if not kept:
        return
    posted = [row for row in kept if row["state"] == "published"]
    own = [chapter for chapter in draft.chapters if chapter.state == "published"]
    draft.has_text = True
    draft.chapters_posted = len(posted) + len(own)
    draft.words = sum(row["words"] for row in posted) + sum(chapter.words for chapter in own)
    if draft.chapters_expected is not None:
        draft.chapters_expected = max(draft.chapters_expected, draft.chapters_posted)


def _was_public(row: Any, *, was_public: bool) -> bool:
    return chapter_was_public(row["state"], noted=row["was_public"], work_was_public=was_public)


def _bring(connection: Connection, row: Any, chapter: ChapterDraft, *, was_public: bool) -> bool:
    """Bring a stored chapter in line with an import; whether its text or state was another."""
    address = chapter.source_url or row["source_url"]
    if all(row[name] == getattr(chapter, name) for name in REVISED) and row["state"] == chapter.state:
        if address != row["source_url"]:
            connection.execute(update(Chapter).where(Chapter.id == row["id"]).values(source_url=address))
        return False
    keep_revision(connection, row)
    seen = _was_public(row, was_public=was_public)
    added, removed = words_changed(row["content"], chapter.content)
    connection.execute(
        update(Chapter)
        .where(Chapter.id == row["id"])
        .values(
            **{name: getattr(chapter, name) for name in REVISED},
            state=chapter.state,
            was_public=row["was_public"] if chapter.state == row["state"] else seen or None,
            source_url=address,
            version=row["version"] + 1,
            revision=row["revision"] + 1,
            cleaner_version=CLEANER_VERSION,
            saved_at=datetime.now(UTC),
            saved_by=None,
            words_added=added,
            words_removed=removed,
        )
    )
    return True
