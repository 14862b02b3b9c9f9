"""Taking hold of a work before it changes, so that two writers follow one another.

PostgreSQL locks rows; on SQLite the writing transaction has the only write lock from its beginning. Whoever takes
more than one lock takes series first and then works, each by id: no two can wait for one another.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, literal, select, union
from sqlalchemy.orm import Session

from app.accounts.commands.recording import record_act
from app.accounts.queries import own_ids
from app.accounts.rules import Viewer, is_admin
from app.models import Series, SeriesWork, Work, WorkAuthor
from app.works.commands.settling import note_public_series
from app.works.errors import NotYours, WorkNotFound, WrongState
from app.works.queries.standing import check_readable


def lock_work(session: Session, work_id: int, *, siblings: bool = False) -> Work:
    """A work for changing; with ``siblings`` the other works of the series that are ordered here are locked too.

    That is for what changes who sees the work: its series are noted as what guests have seen until then.
    """
    if siblings:
        places = select(SeriesWork.series_id).where(SeriesWork.work_id == work_id, SeriesWork.place.is_not(None))
        ordered = select(Series.id).where(Series.id.in_(places)).order_by(Series.id).with_for_update()
        series = session.execute(ordered).scalars().all()
        members = select(SeriesWork.work_id).where(SeriesWork.series_id.in_(series))
        # One list of ids: PostgreSQL goes through all works where a list and a value are joined by "or".
        wanted = union(members, select(literal(work_id, BigInteger)))
        session.execute(select(Work.id).where(Work.id.in_(wanted)).order_by(Work.id).with_for_update()).all()
        note_public_series(session.connection(), series)
    work = session.get(Work, work_id, with_for_update=True, populate_existing=True)
    if work is None:
        raise WorkNotFound
    return work


def lock_own(
    session: Session,
    viewer: Viewer,
    work_id: int,
    *,
    siblings: bool = False,
    deleted: bool = False,
    changes: bool = True,
) -> Work:
    """The same for one of its authors; others are told what they would be told as readers, or that it is not theirs.

    Where an admin changes what others wrote, the log has it: at once, unless it is to be seen yet whether it
    ``changes`` anything.
    """
    work = lock_work(session, work_id, siblings=siblings)
    connection = session.connection()
    if not own_ids(connection, viewer, [work_id]):
        check_readable(connection, viewer, work_id, work.state, work.visibility, was_public=work.was_public)
        raise NotYours
    if work.state == "deleted" and not deleted:
        raise WrongState("The work is deleted: restore it first.")
    if changes:
        record_change(session, viewer, work_id)
    return work


def record_change(session: Session, viewer: Viewer, work_id: int) -> None:
    """Write into the log that an admin changes what others wrote."""
    if is_admin(viewer) and not _signed(session, viewer, work_id):
        record_act(session, by=viewer.name, act="change-work", subject="work", subject_id=work_id)


def _signed(session: Session, viewer: Viewer, work_id: int) -> bool:
    names = select(WorkAuthor.author_id).where(WorkAuthor.work_id == work_id)
    return not viewer.author_ids.isdisjoint(session.scalars(names))
