"""What the writes of works and chapters do: body to command to answer, each in one transaction. No HTTP, no SQL."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy.orm import Session

from app.accounts.rules import Viewer
from app.search.archive import Archive
from app.web.writing import Written
from app.works.commands import chapters, withholding, works
from app.works.commands.settling import Changed
from app.works.inputs import (
    ChapterOrder,
    ChapterPatch,
    HideReason,
    NewChapter,
    NewWork,
    WorkPatch,
    read_input,
)
from app.works.preparing import work_edit, work_to_post
from app.works.preparing_chapters import chapter_edit, chapter_to_post
from app.works.presenting import chapter_json, contents_json
from app.works.queries.places import ChapterPlace
from app.works.queries.reading import chapter_by_id, work_detail
from app.works.rules import Seen


def post_work(archive: Archive, viewer: Viewer, body: Any) -> Written:
    """``POST /v1/works``."""
    work = work_to_post(read_input(NewWork, body), archive.settings)
    with archive.database.write() as session:
        done = works.post_work(session, viewer=viewer, work=work)
        return _work(session, viewer, done, location=f"/v1/works/{done.id}")


def edit_work(archive: Archive, viewer: Viewer, work_id: int, seen: Seen, body: Any) -> Written:
    """``PATCH /v1/works/{id}``."""
    edit = work_edit(read_input(WorkPatch, body, patch=True), archive.settings)
    with archive.database.write() as session:
        done = works.edit_work(session, viewer=viewer, work_id=work_id, seen=seen, edit=edit, settings=archive.settings)
        return _work(session, viewer, done)


def delete_work(archive: Archive, viewer: Viewer, work_id: int, seen: Seen) -> Written:
    """``DELETE /v1/works/{id}``."""
    with archive.database.write() as session:
        done = withholding.delete_work(session, viewer=viewer, work_id=work_id, seen=seen)
        return Written(done.change)


def restore_work(archive: Archive, viewer: Viewer, work_id: int) -> Written:
    """``POST /v1/works/{id}/restore``."""
    with archive.database.write() as session:
        return _work(session, viewer, withholding.restore_work(session, viewer=viewer, work_id=work_id))


def hide_work(archive: Archive, viewer: Viewer, work_id: int, body: Any) -> Written:
    """``POST /v1/works/{id}/hide``."""
    reason = read_input(HideReason, body).reason.strip()
    with archive.database.write() as session:
        done = withholding.hide_work(session, viewer=viewer, work_id=work_id, reason=reason)
        return Written(done.change)


def unhide_work(archive: Archive, work_id: int) -> Written:
    """``POST /v1/works/{id}/unhide``."""
    with archive.database.write() as session:
        return Written(withholding.unhide_work(session, work_id=work_id).change)


def _work(session: Session, viewer: Viewer, done: Changed, location: str | None = None) -> Written:
    detail = work_detail(session.connection(), viewer, done.id)
    return Written(done.change, detail.body, detail.version, location)


def post_chapter(archive: Archive, viewer: Viewer, work_id: int, body: Any) -> Written:
    """``POST /v1/works/{id}/chapters``."""
    chapter = chapter_to_post(read_input(NewChapter, body), archive.settings)
    with archive.database.write() as session:
        done = chapters.post_chapter(session, viewer=viewer, work_id=work_id, chapter=chapter)
        return _chapter(session, viewer, done, location=f"/v1/chapters/{done.id}")


def edit_chapter(archive: Archive, viewer: Viewer, place: ChapterPlace, seen: Seen, body: Any) -> Written:
    """``PATCH`` of a chapter, by its id or its place."""
    edit = chapter_edit(read_input(ChapterPatch, body, patch=True), archive.settings)
    with archive.database.write() as session:
        return _chapter(
            session, viewer, chapters.edit_chapter(session, viewer=viewer, place=place, seen=seen, edit=edit)
        )


def delete_chapter(archive: Archive, viewer: Viewer, place: ChapterPlace, seen: Seen) -> Written:
    """``DELETE`` of a chapter, by its id or its place."""
    with archive.database.write() as session:
        return Written(chapters.delete_chapter(session, viewer=viewer, place=place, seen=seen).change)


def move_chapters(archive: Archive, viewer: Viewer, work_id: int, seen: Seen, body: Any) -> Written:
    """``PUT /v1/works/{id}/chapters/order``: answers with the table of contents."""
    order = read_input(ChapterOrder, body).chapter_ids
    with archive.database.write() as session:
        done = chapters.move_chapters(session, viewer=viewer, work_id=work_id, seen=seen, chapter_ids=order)
        version, contents = contents_json(session.connection(), viewer, work_id)
        return Written(done.change, orjson.dumps(contents), version)


def restore_revision(archive: Archive, viewer: Viewer, place: ChapterPlace, seen: Seen, revision: int) -> Written:
    """``POST …/revisions/{revision}/restore``."""
    with archive.database.write() as session:
        done = chapters.restore_revision(session, viewer=viewer, place=place, seen=seen, revision=revision)
        return _chapter(session, viewer, done)


def _chapter(session: Session, viewer: Viewer, done: Changed, location: str | None = None) -> Written:
    chapter = chapter_by_id(session.connection(), viewer, done.id)
    return Written(done.change, orjson.dumps(chapter_json(chapter, "html")), chapter.version, location)
