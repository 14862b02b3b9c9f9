"""Series that are made here: creating and editing them, and the order of their works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select, union, update
from sqlalchemy.orm import Session

from app.accounts.commands.recording import record_act
from app.accounts.queries import own_works
from app.accounts.rules import Viewer, is_admin
from app.db.bulk import insert_rows
from app.errors import FieldProblem
from app.jobs.changes import newest_number
from app.jobs.tombstones import bury
from app.models import Series, SeriesAuthor, SeriesWork, Work
from app.models.series import IN_SERIES_ORDER
from app.series.queries import missing_series, owns_series, series_detail
from app.works.commands.settling import Changed, note_public_series, renumber_series, show_again
from app.works.commands.tagging import byline
from app.works.errors import NotYours
from app.works.inputs import invalid
from app.works.preparing import SeriesEdit


def create_series(session: Session, *, viewer: Viewer, edit: SeriesEdit) -> Changed:
    """Begin a series under the caller's pen names; it is theirs alone to see until a work is in it."""
    names = byline(session.connection(), viewer, edit.author_ids)
    series = Series(**edit.columns, created_at=datetime.now(UTC))
    session.add(series)
    session.flush()
    _sign(session.connection(), series.id, names)
    return Changed(series.id, newest_number(session.connection()))


def edit_series(session: Session, *, viewer: Viewer, series_id: int, edit: SeriesEdit) -> Changed:
    """Change what an edit names; a title is shown on the cards of the works. What is all as it was is no change."""
    series = lock_own_series(session, viewer, series_id, changes=False)
    connection = session.connection()
    others = {name: value for name, value in edit.columns.items() if getattr(series, name) != value}
    names: list[tuple[int, str]] = []
    if edit.author_ids is not None:
        query = select(SeriesAuthor.author_id).where(SeriesAuthor.series_id == series_id)
        stored = list(connection.execute(query.order_by(SeriesAuthor.position)).scalars())
        names = byline(connection, viewer, edit.author_ids, stored=stored)
        names = names if [author_id for author_id, _ in names] != stored else []
    if not others and not names:
        return Changed(series_id, newest_number(connection))
    _record_change(session, viewer, series_id)
    for name, value in others.items():
        setattr(series, name, value)
    if names:
        _sign(connection, series_id, names)
    series.version += 1
    works = _lock_works(session, series_id) if "title" in others else []
    return Changed(series_id, _show(session, works))


def put_series_works(session: Session, *, viewer: Viewer, series_id: int, work_ids: Sequence[int]) -> Changed:
    """Give a series its works, in order. Those in it that the caller does not see stay, at the end."""
    series = lock_own_series(session, viewer, series_id)
    connection = session.connection()
    shown = series_detail(connection, viewer, series_id).work_ids
    before = _lock_works(session, series_id, work_ids)
    note_public_series(connection, [series_id])
    _check_works(connection, viewer, work_ids, shown)
    hidden = [work_id for work_id in before if work_id not in shown]
    order = [*work_ids, *(work_id for work_id in hidden if work_id not in work_ids)]
    connection.execute(delete(SeriesWork).where(SeriesWork.series_id == series_id))
    rows = [(series_id, work_id, place, place) for place, work_id in enumerate(order, 1)]
    insert_rows(connection, SeriesWork.__table__, ("series_id", "work_id", "place", "position"), rows)
    renumber_series(connection, series_id)
    series.version += 1
    touched = sorted({*before, *order})
    # So that an import of one of them does not take the place away again.
    session.execute(update(Work).where(Work.id.in_(touched)).values(edited_at=datetime.now(UTC)))
    return Changed(series_id, _show(session, touched))


def delete_series(session: Session, *, viewer: Viewer, series_id: int) -> Changed:
    """Dissolve a series; its works stay. What was public leaves a trace."""
    series = lock_own_series(session, viewer, series_id)
    works = _lock_works(session, series_id)
    note_public_series(session.connection(), [series_id])
    session.refresh(series, ["was_public"])
    if series.was_public:
        bury(session.connection(), "series", [series_id])
    session.delete(series)
    return Changed(series_id, _show(session, works))


def lock_own_series(session: Session, viewer: Viewer, series_id: int, *, changes: bool = True) -> Series:
    """A series for changing, for whom it belongs to; others are told what they are told as readers.

    An admin's change is written into the log, unless it is to be seen yet whether it ``changes`` anything.
    """
    series = session.get(Series, series_id, with_for_update=True)
    if series is None:
        raise missing_series(session.connection(), series_id)
    if not owns_series(session.connection(), viewer, series_id):
        series_detail(session.connection(), viewer, series_id)
        raise NotYours
    if changes:
        _record_change(session, viewer, series_id)
    return series


def _record_change(session: Session, viewer: Viewer, series_id: int) -> None:
    if is_admin(viewer) and not owns_series(session.connection(), _as_member(viewer), series_id):
        record_act(session, by=viewer.name, act="change-series", subject="series", subject_id=series_id)


def _as_member(viewer: Viewer) -> Viewer:
    return replace(viewer, scopes=viewer.scopes - {"admin"})


def _lock_works(session: Session, series_id: int, more: Sequence[int] = ()) -> list[int]:
    """Lock the works of a series, and those that come in, by id; the ids of those in it, in order."""
    members = select(SeriesWork.work_id).where(SeriesWork.series_id == series_id)
    # One list of ids: PostgreSQL goes through all works where two lists are joined by "or".
    wanted = Work.id.in_(union(members, select(Work.id).where(Work.id.in_(more))))
    session.execute(select(Work.id).where(wanted).order_by(Work.id).with_for_update()).all()
    ordered = members.order_by(*IN_SERIES_ORDER)
    return list(session.execute(ordered).scalars())


def _check_works(connection: Connection, viewer: Viewer, work_ids: Sequence[int], shown: Sequence[int]) -> None:
    """Works that come into a series are the caller's own; of others they are told nothing."""
    query = select(Work.id).where(Work.id.in_(work_ids), Work.state != "deleted", own_works(viewer))
    allowed = {*shown, *connection.execute(query).scalars()}
    problems = []
    for index, work_id in enumerate(work_ids):
        pointer = f"/work_ids/{index}"
        if work_id not in allowed:
            problems.append(FieldProblem("unknown-work", "There is no work of yours with this id.", pointer=pointer))
        elif work_id in work_ids[:index]:
            problems.append(FieldProblem("repeated", "It stands in it twice.", pointer=pointer))
    if problems:
        raise invalid(problems)


def _sign(connection: Connection, series_id: int, names: Sequence[tuple[int, str]]) -> None:
    connection.execute(delete(SeriesAuthor).where(SeriesAuthor.series_id == series_id))
    rows = [(series_id, position, author_id) for position, (author_id, _) in enumerate(names, 1)]
    insert_rows(connection, SeriesAuthor.__table__, ("series_id", "position", "author_id"), rows)


def _show(session: Session, works: Sequence[int]) -> int:
    session.flush()
    connection = session.connection()
    return show_again(connection, works) if works else newest_number(connection)
