"""What the writes of works and chapters do: planned here, run in one transaction. No HTTP, no SQL."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from app.accounts import letters
from app.accounts.acts import Done, Step
from app.accounts.mail import Mail, Outbox
from app.accounts.rules import Viewer
from app.config import Settings
from app.db.engine import Transaction
from app.works.commands import chapters, withholding, works
from app.works.commands.settling import Changed
from app.works.done import gone, written
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


def post_work(settings: Settings, viewer: Viewer, body: Any) -> Step:
    """``POST /v1/works``."""
    work = work_to_post(read_input(NewWork, body), settings)

    def step(session: Transaction) -> Done:
        done = works.post_work(session, viewer=viewer, work=work)
        return _work(session, viewer, done, location=f"/v1/works/{done.id}")

    return step


def edit_work(settings: Settings, viewer: Viewer, work_id: int, seen: Seen, body: Any) -> Step:
    """``PATCH /v1/works/{id}``."""
    edit = work_edit(read_input(WorkPatch, body, patch=True), settings)

    def step(session: Transaction) -> Done:
        done = works.edit_work(session, viewer=viewer, work_id=work_id, seen=seen, edit=edit, settings=settings)
        return _work(session, viewer, done)

    return step


def delete_work(viewer: Viewer, work_id: int, seen: Seen) -> Step:
    """``DELETE /v1/works/{id}``."""

    def step(session: Transaction) -> Done:
        done = withholding.delete_work(session, viewer=viewer, work_id=work_id, seen=seen)
        return gone(done.change)

    return step


def restore_work(viewer: Viewer, work_id: int) -> Step:
    """``POST /v1/works/{id}/restore``."""

    def step(session: Transaction) -> Done:
        return _work(session, viewer, withholding.restore_work(session, viewer=viewer, work_id=work_id))

    return step


def hide_work(settings: Settings, outbox: Outbox, viewer: Viewer, work_id: int, body: Any) -> Step:
    """``POST /v1/works/{id}/hide``."""
    reason = read_input(HideReason, body).reason.strip()

    def step(session: Transaction) -> Done:
        done = withholding.hide_work(session, viewer=viewer, work_id=work_id, reason=reason)
        mails = [letters.work_hidden(settings, one, done.title, reason) for one in done.told]
        return replace(gone(done.change), after=partial(_send, outbox, mails))

    return step


def unhide_work(settings: Settings, outbox: Outbox, viewer: Viewer, work_id: int) -> Step:
    """``POST /v1/works/{id}/unhide``."""

    def step(session: Transaction) -> Done:
        done = withholding.unhide_work(session, viewer=viewer, work_id=work_id)
        mails = [letters.work_shown(settings, one, done.title) for one in done.told]
        return replace(gone(done.change), after=partial(_send, outbox, mails))

    return step


def _send(outbox: Outbox, mails: list[Mail]) -> None:
    for mail in mails:
        outbox.put(mail)


def _work(session: Transaction, viewer: Viewer, done: Changed, location: str | None = None) -> Done:
    detail = work_detail(session.connection(), viewer, done.id)
    return written(done.change, detail.body, detail.version, location)


def post_chapter(settings: Settings, viewer: Viewer, work_id: int, body: Any) -> Step:
    """``POST /v1/works/{id}/chapters``."""
    chapter = chapter_to_post(read_input(NewChapter, body), settings)

    def step(session: Transaction) -> Done:
        done = chapters.post_chapter(session, viewer=viewer, work_id=work_id, chapter=chapter)
        return _chapter(session, viewer, done, location=f"/v1/chapters/{done.id}")

    return step


def edit_chapter(settings: Settings, viewer: Viewer, place: ChapterPlace, seen: Seen, body: Any) -> Step:
    """``PATCH`` of a chapter, by its id or its place."""
    edit = chapter_edit(read_input(ChapterPatch, body, patch=True), settings)

    def step(session: Transaction) -> Done:
        return _chapter(
            session, viewer, chapters.edit_chapter(session, viewer=viewer, place=place, seen=seen, edit=edit)
        )

    return step


def delete_chapter(viewer: Viewer, place: ChapterPlace, seen: Seen) -> Step:
    """``DELETE`` of a chapter, by its id or its place."""

    def step(session: Transaction) -> Done:
        return gone(chapters.delete_chapter(session, viewer=viewer, place=place, seen=seen).change)

    return step


def move_chapters(viewer: Viewer, work_id: int, seen: Seen, body: Any) -> Step:
    """``PUT /v1/works/{id}/chapters/order``: answers with the table of contents."""
    order = read_input(ChapterOrder, body).chapter_ids

    def step(session: Transaction) -> Done:
        done = chapters.move_chapters(session, viewer=viewer, work_id=work_id, seen=seen, chapter_ids=order)
        version, contents = contents_json(session.connection(), viewer, work_id)
        return written(done.change, orjson.dumps(contents), version)

    return step


def restore_revision(viewer: Viewer, place: ChapterPlace, seen: Seen, revision: int) -> Step:
    """``POST …/revisions/{revision}/restore``."""

    def step(session: Transaction) -> Done:
        done = chapters.restore_revision(session, viewer=viewer, place=place, seen=seen, revision=revision)
        return _chapter(session, viewer, done)

    return step


def _chapter(session: Transaction, viewer: Viewer, done: Changed, location: str | None = None) -> Done:
    chapter = chapter_by_id(session.connection(), viewer, done.id)
    return written(done.change, orjson.dumps(chapter_json(chapter, "html")), chapter.version, location)
