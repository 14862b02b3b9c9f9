"""Posting and editing works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.queries import own_ids
from app.accounts.rules import Viewer
from app.config import Settings
from app.db.bulk import insert_rows
from app.errors import FieldProblem
from app.jobs.changes import log_changes, newest_number
from app.kit.dates import rfc3339
from app.models import Chapter, Tag, Tagging, Work, WorkAuthor
from app.works.commands.bulk import ResolvedWork, insert_works
from app.works.commands.locking import lock_own, record_change
from app.works.commands.settling import Changed, outline, recount, settle
from app.works.commands.sketching import mark_for_sketching
from app.works.commands.tagging import ResolvedTag, byline, resolve_tags
from app.works.errors import ChapterNeeded, WrongState
from app.works.inputs import invalid
from app.works.preparing import TAG_MEMBERS, WorkEdit, WorkToPost, merged
from app.works.rules import BadPlan, Plan, Seen, check_seen, chosen, is_public

_KINDS = list(TAG_MEMBERS.values())


def post_work(session: Session, *, viewer: Viewer, work: WorkToPost) -> Changed:
    """Store a new work with its chapters: as an import stores it, under the caller's pen names."""
    connection = session.connection()
    resolved = ResolvedWork(
        work.draft, byline(connection, viewer, work.author_ids), resolve_tags(connection, viewer, work.tags), []
    )
    insert_works(connection, [resolved])
    own: dict[str, Any] = {"edited_at": datetime.now(UTC), "dated": work.dated}
    connection.execute(update(Work).where(Work.id == resolved.work_id).values(own))
    marks: dict[str, Any] = {"saved_at": own["edited_at"], "saved_by": viewer.name or None}
    connection.execute(update(Chapter).where(Chapter.work_id == resolved.work_id).values(marks))
    for position in work.dated_chapters:
        at = (Chapter.work_id == resolved.work_id) & (Chapter.position == position)
        connection.execute(update(Chapter).where(at).values(dated=True))
    mark_for_sketching(connection, [resolved.work_id])
    listed = work.draft.state == "published"
    ids = [resolved.work_id]
    change = log_changes(connection, work_ids=ids) if listed else log_changes(connection, unlisted_ids=ids)
    assert change is not None
    return Changed(resolved.work_id, change)


def edit_work(
    session: Session, *, viewer: Viewer, work_id: int, seen: Seen, edit: WorkEdit, settings: Settings
) -> Changed:
    """Change what an edit names; a state publishes or withdraws the work. What is all as it was is no change."""
    connection = session.connection()
    # New tags come before locks on works, in every write: so no two wait for one another. Strangers make none.
    own = bool(own_ids(connection, viewer, [work_id]))
    tags = resolve_tags(connection, viewer, edit.tags) if own else []
    moves = edit.state is not None or "visibility" in edit.columns
    work = lock_own(session, viewer, work_id, siblings=moves, changes=False)
    check_seen(seen, work.version)
    before = (work.state, work.visibility)
    changed = [
        _put(work, edit.columns | ({"details": merged(work.details, edit.details)} if edit.details else {})),
        edit.author_ids is not None and _sign(session, viewer, work, edit.author_ids),
        bool(edit.tags) and _tag(session, work, edit, tags, settings),
        (edit.status is not None or edit.sets_expected) and _choose_plan(session, work, edit),
        edit.published_at is not None and _date(session, work, edit.published_at, edit.state or work.state),
        edit.state is not None and _move(session, work, edit.state),
    ]
    if not any(changed):
        return Changed(work_id, newest_number(connection))
    record_change(session, viewer, work_id)
    work.version += 1
    return Changed(work_id, settle(session, work, siblings=(work.state, work.visibility) != before))


def _put(work: Work, values: Mapping[str, Any]) -> bool:
    """Set columns; as the other steps of an edit, whether anything is another now."""
    others = {name: value for name, value in values.items() if getattr(work, name) != value}
    for name, value in others.items():
        setattr(work, name, value)
    return bool(others)


def _move(session: Session, work: Work, state: str) -> bool:
    if state == work.state:
        return False
    if state == "published":
        publish_work(session, work=work)
    else:
        withdraw_work(work=work)
    return True


def _sign(session: Session, viewer: Viewer, work: Work, wanted: list[int]) -> bool:
    connection = session.connection()
    query = select(WorkAuthor.author_id).where(WorkAuthor.work_id == work.id).order_by(WorkAuthor.position)
    stored = list(connection.execute(query).scalars())
    names = byline(connection, viewer, wanted, stored=stored)
    if [author_id for author_id, _ in names] == stored:
        return False
    connection.execute(delete(WorkAuthor).where(WorkAuthor.work_id == work.id))
    rows = [(work.id, position, author_id) for position, (author_id, _) in enumerate(names, 1)]
    insert_rows(connection, WorkAuthor.__table__, ("work_id", "position", "author_id"), rows)
    return True


def _tag(session: Session, work: Work, edit: WorkEdit, tags: list[ResolvedTag], settings: Settings) -> bool:
    """Replace the tags of the types that are named; those of the others stay as they are."""
    connection = session.connection()
    query = select(Tag.type, Tag.id).join(Tagging, Tagging.tag_id == Tag.id).where(Tagging.work_id == work.id)
    stored = [(row[0], row[1]) for row in connection.execute(query.order_by(Tagging.position))]
    kept = [tag for tag in stored if tag[0] not in edit.tags]
    named = [(kind, tag_id) for kind, tag_id, _ in tags]
    all_tags = sorted([*kept, *named], key=lambda tag: _KINDS.index(tag[0]))
    if len(all_tags) > max(settings.tags_limit, len(stored)):
        pointer = "/" + next(member for member, kind in TAG_MEMBERS.items() if kind in edit.tags)
        detail = f"The work has {len(all_tags)} tags, the limit is {settings.tags_limit}."
        raise invalid([FieldProblem("too-many-tags", detail, pointer=pointer)])
    if all_tags == sorted(stored, key=lambda tag: _KINDS.index(tag[0])):
        return False
    connection.execute(delete(Tagging).where(Tagging.work_id == work.id))
    rows = [(work.id, position, tag_id) for position, (_, tag_id) in enumerate(all_tags, 1)]
    insert_rows(connection, Tagging.__table__, ("work_id", "position", "tag_id"), rows)
    return True


def _choose_plan(session: Session, work: Work, edit: WorkEdit) -> bool:
    before = Plan(work.status, work.chapters_posted, work.chapters_expected)
    written = len(outline(session, work.id))
    try:
        plan = chosen(
            before, status=edit.status, expected=edit.expected, sets_expected=edit.sets_expected, written=written
        )
    except BadPlan as error:
        raise invalid([FieldProblem(error.code, error.detail, pointer=f"/{error.member}")]) from error
    return _put(work, {"status": plan.status, "chapters_expected": plan.expected})


def _date(session: Session, work: Work, date: datetime, state: str) -> bool:
    """A work's date is that of its first chapter. It is compared as it is shown: to the second.

    Said again it is no choice of the author's, unless it is said with the ``state`` that is to follow.
    """
    if rfc3339(date) == rfc3339(work.published_at) and state == work.state:
        return False
    before = outline(session, work.id)
    first = next((entry for entry in before if entry.state == "published"), before[0] if before else None)
    work.dated, work.published_at = True, date
    if first is None or not work.has_text:
        work.revised_at = max(work.revised_at, date)
        return True
    session.execute(update(Chapter).where(Chapter.id == first.id).values(published_at=date, dated=True))
    recount(session, work, before)
    return True


def publish_work(session: Session, *, work: Work) -> None:
    """Show a draft to its readers: its first chapter is published with it, and no other draft."""
    if work.state != "draft":
        raise WrongState("A hidden work can be edited; a moderator has to show it again.")
    before = outline(session, work.id)
    if not before:
        raise ChapterNeeded("Publishing needs a chapter.")
    work.state = "published"
    if before[0].state == "draft":
        first = session.get_one(Chapter, before[0].id)
        date = None if not work.dated or any(one.state == "published" for one in before) else work.published_at
        post(work, first, date=date)
        recount(session, work, before)


def note_posted(work: Work, chapter: Chapter) -> None:
    """Note of a chapter that is posted while its work, which was public, is not: no guest has read it."""
    if not chapter.was_public:
        chapter.was_public = False if work.was_public and not is_public(work.state, work.visibility) else None


def post(work: Work, chapter: Chapter, *, date: datetime | None = None) -> None:
    """Publish a draft chapter: at the date that its author chose, or now."""
    chapter.state = "published"
    note_posted(work, chapter)
    if date is not None or not chapter.dated:
        chapter.published_at = date or datetime.now(UTC)
    chapter.revised_at = chapter.published_at
    chapter.version += 1


def withdraw_work(*, work: Work) -> None:
    """Take a published work back into a draft; its chapters stay as they are."""
    if work.state != "published":
        raise WrongState("Only a published work can be made a draft again.")
    work.state = "draft"
