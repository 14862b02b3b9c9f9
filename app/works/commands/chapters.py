"""Posting, editing, moving and deleting chapters. Whoever does holds the work, so positions stay 1..n."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, inspect, select, update
from sqlalchemy.orm import Session

from app.accounts.queries import own_ids
from app.accounts.rules import Viewer
from app.errors import FieldProblem
from app.jobs.changes import newest_number
from app.jobs.tombstones import bury
from app.kit.dates import rfc3339
from app.kit.html import CLEANER_VERSION, clean_html, count_html_words
from app.models import Chapter, Work
from app.works.commands.locking import lock_own, record_change
from app.works.commands.revisions import REVISED, keep_revision
from app.works.commands.settling import Changed, Entry, outline, recount, settle
from app.works.commands.works import note_posted, post
from app.works.diffs import words_changed
from app.works.errors import ChapterNeeded, NotYours
from app.works.inputs import invalid
from app.works.preparing_chapters import ChapterEdit, ChapterToPost
from app.works.queries.places import ChapterPlace
from app.works.queries.reading import missing_chapter
from app.works.queries.revisions import revision_of
from app.works.rules import Seen, chapter_was_public, check_seen, clamped, order_problem


def post_chapter(session: Session, *, viewer: Viewer, work_id: int, chapter: ChapterToPost) -> Changed:
    """Add a chapter at the end or at a position; without a state it is as its work."""
    work = lock_own(session, viewer, work_id)
    before = outline(session, work_id)
    position = clamped(chapter.position, len(before) + 1)
    behind = (Chapter.work_id == work_id) & (Chapter.position >= position)
    session.execute(update(Chapter).where(behind).values(position=Chapter.position + 1))
    now = datetime.now(UTC)
    draft = chapter.draft
    state = chapter.state or ("draft" if work.state == "draft" else "published")
    takes_date = not before and work.dated and not chapter.dated
    published = work.published_at if takes_date else draft.published_at
    row = Chapter(
        work_id=work_id,
        position=position,
        **{name: getattr(draft, name) for name in REVISED},
        state=state,
        published_at=published,
        revised_at=published,
        cleaner_version=CLEANER_VERSION,
        dated=chapter.dated or takes_date,
        saved_at=now,
        saved_by=viewer.name or None,
    )
    if state == "published":
        note_posted(work, row)
    session.add(row)
    work.version += 1
    recount(session, work, before)
    return Changed(row.id, settle(session, work))


def edit_chapter(session: Session, *, viewer: Viewer, place: ChapterPlace, seen: Seen, edit: ChapterEdit) -> Changed:
    """Change what an edit names; texts that change keep what they were as a revision.

    What is all as it was is no change.
    """
    work, chapter = lock_chapter(session, viewer, place, changes=False)
    check_seen(seen, chapter.version)
    dated = _is_dated(chapter, edit)
    if not dated and not _is_other(chapter, edit):
        return Changed(chapter.id, newest_number(session.connection()))
    record_change(session, viewer, work.id)
    before = outline(session, work.id)
    version = chapter.version
    revise(session, viewer, chapter, edit)
    if edit.published_at is not None and dated:
        chapter.published_at, chapter.dated = edit.published_at, True
    if edit.state is not None and edit.state != chapter.state:
        work.version += 1
        if edit.state == "published":
            post(work, chapter)
        else:
            _check_not_the_last(work, before, chapter.id)
            # That it was public is no longer said by its state.
            chapter.was_public = _was_public(work, chapter) or None
            chapter.state = "draft"
    chapter.version = version + 1
    recount(session, work, before)
    return Changed(chapter.id, settle(session, work))


def _is_other(chapter: Chapter, edit: ChapterEdit) -> bool:
    """Whether an edit changes the texts of a chapter or its state."""
    values = edit.columns | ({"state": edit.state} if edit.state is not None else {})
    return any(getattr(chapter, name) != value for name, value in values.items())


def _is_dated(chapter: Chapter, edit: ChapterEdit) -> bool:
    """Whether an edit chooses a date: another one than is shown, to the second, or one to post the chapter at."""
    date, posts = edit.published_at, edit.state not in {None, chapter.state}
    return date is not None and (posts or rfc3339(date) != rfc3339(chapter.published_at))


def revise(session: Session, viewer: Viewer, chapter: Chapter, edit: ChapterEdit) -> None:
    """Put new texts into a chapter; what it held becomes a revision, unless nothing is another."""
    if all(getattr(chapter, name) == value for name, value in edit.columns.items()):
        return
    row = {attribute.key: attribute.value for attribute in inspect(chapter).attrs}
    keep_revision(session.connection(), row)
    content = edit.columns.get("content", chapter.content)
    chapter.words_added, chapter.words_removed = words_changed(chapter.content, content)
    for name, value in edit.columns.items():
        setattr(chapter, name, value)
    now = datetime.now(UTC)
    chapter.revision += 1
    chapter.cleaner_version = CLEANER_VERSION
    chapter.saved_at, chapter.saved_by = now, viewer.name or None
    chapter.revised_at = now


def restore_revision(session: Session, *, viewer: Viewer, place: ChapterPlace, seen: Seen, revision: int) -> Changed:
    """Make a former text of a chapter its text again, cleaned by today's rules: a new revision."""
    work, chapter = lock_chapter(session, viewer, place)
    check_seen(seen, chapter.version)
    before = outline(session, work.id)
    old = revision_of(session.connection(), chapter.id, revision)
    content = clean_html(old.content)
    texts = {name: getattr(old, name) for name in REVISED}
    texts |= {"content": content, "words": count_html_words(content)}
    revise(session, viewer, chapter, ChapterEdit(columns=texts))
    chapter.version += 1
    recount(session, work, before)
    return Changed(chapter.id, settle(session, work))


def delete_chapter(session: Session, *, viewer: Viewer, place: ChapterPlace, seen: Seen) -> Changed:
    """Delete a chapter with its revisions; the ones behind it move up. What was public leaves a trace."""
    work, chapter = lock_chapter(session, viewer, place)
    check_seen(seen, chapter.version)
    before = outline(session, work.id)
    _check_not_the_last(work, before, chapter.id)
    if _was_public(work, chapter):
        bury(session.connection(), "chapter", [chapter.id], work.id)
    session.execute(delete(Chapter).where(Chapter.id == chapter.id))
    behind = (Chapter.work_id == work.id) & (Chapter.position > chapter.position)
    session.execute(update(Chapter).where(behind).values(position=Chapter.position - 1))
    work.version += 1
    recount(session, work, before)
    return Changed(work.id, settle(session, work))


def move_chapters(session: Session, *, viewer: Viewer, work_id: int, seen: Seen, chapter_ids: Sequence[int]) -> Changed:
    """Give the chapters of a work another order; it has to name them all."""
    work = lock_own(session, viewer, work_id)
    check_seen(seen, work.version)
    before = outline(session, work_id)
    problem = order_problem(chapter_ids, [entry.id for entry in before])
    if problem is not None:
        raise invalid([FieldProblem("bad-order", problem, pointer="/chapter_ids")])
    places = [{"id": chapter_id, "position": position} for position, chapter_id in enumerate(chapter_ids, 1)]
    session.execute(update(Chapter), places)
    work.version += 1
    recount(session, work, before)
    return Changed(work_id, settle(session, work))


def lock_chapter(
    session: Session, viewer: Viewer, place: ChapterPlace, *, changes: bool = True
) -> tuple[Work, Chapter]:
    """A chapter for changing, with its work, for one of its authors; others are told what they are told as readers.

    ``changes`` as of the work: see :func:`app.works.commands.locking.lock_own`.
    """
    work_id = place.work_id
    if work_id is None:
        work_id = session.execute(select(Chapter.work_id).where(Chapter.id == place.chapter_id)).scalar()
        if work_id is None:
            assert place.chapter_id is not None
            raise missing_chapter(session.connection(), viewer, place.chapter_id)
    connection = session.connection()
    if not own_ids(connection, viewer, [work_id]):
        place.find(connection, viewer)
        raise NotYours
    work = lock_own(session, viewer, work_id, changes=changes)
    chapter = session.get_one(Chapter, place.find(connection, viewer).id, populate_existing=True)
    return work, chapter


def _was_public(work: Work, chapter: Chapter) -> bool:
    return chapter_was_public(chapter.state, noted=chapter.was_public, work_was_public=work.was_public)


def _check_not_the_last(work: Work, before: Sequence[Entry], chapter_id: int) -> None:
    posted = [entry.id for entry in before if entry.state == "published"]
    if work.state != "draft" and posted == [chapter_id]:
        raise ChapterNeeded("It is the only published chapter: withdraw or delete the work instead.")
