"""Leaving kudos, taking them back, and counting hits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.rules import Viewer
from app.engagement.errors import KudosLeft, OwnWork
from app.engagement.rules import moves_index
from app.jobs.changes import log_changes, newest_number
from app.models import HitMark, Kudos, Work, WorkAuthor
from app.works.commands.locking import lock_work
from app.works.errors import WrongState
from app.works.queries.standing import check_readable

ADDRESSES_KEPT = timedelta(days=30)
HITS_KEPT = timedelta(days=1)
Visit = tuple[int, str]
"""A work, and the hash of an address."""


def leave_kudos(session: Session, *, viewer: Viewer, work_id: int, guest_hash: str) -> int:
    """Count the caller's kudos, once; the number of the change. Without an account the address is the caller."""
    work = _published(session, viewer, work_id)
    names = select(WorkAuthor.author_id).where(WorkAuthor.work_id == work_id)
    if viewer.author_ids.intersection(session.execute(names).scalars()):
        raise OwnWork
    now = datetime.now(UTC)
    old = (Kudos.at < now - ADDRESSES_KEPT, Kudos.guest_hash.is_not(None))
    session.execute(update(Kudos).where(*old).values(guest_hash=None))
    mine = _caller(viewer, guest_hash)
    if session.execute(select(Kudos.id).filter_by(work_id=work_id, **mine)).first():
        raise KudosLeft
    session.execute(insert(Kudos).values(work_id=work_id, at=now, **mine))
    work.counted_kudos += 1
    session.flush()
    return log_changes(session.connection(), work_ids=[work_id]) or 0


def take_kudos_back(session: Session, *, viewer: Viewer, work_id: int, guest_hash: str) -> int:
    """Undo :func:`leave_kudos`; nothing where there are none."""
    work = _published(session, viewer, work_id)
    mine = _caller(viewer, guest_hash)
    gone = session.execute(delete(Kudos).filter_by(work_id=work_id, **mine).returning(Kudos.id)).all()
    if not gone:
        return newest_number(session.connection())
    work.counted_kudos -= len(gone)
    session.flush()
    return log_changes(session.connection(), work_ids=[work_id]) or 0


def _caller(viewer: Viewer, guest_hash: str) -> dict[str, Any]:
    return {"guest_hash": guest_hash} if viewer.account_id is None else {"account_id": viewer.account_id}


def _published(session: Session, viewer: Viewer, work_id: int) -> Work:
    work = lock_work(session, work_id)
    check_readable(session.connection(), viewer, work_id, work.state, work.visibility, was_public=work.was_public)
    if work.state != "published":
        raise WrongState("The work is not published.")
    return work


def count_hits(session: Session, *, visits: Mapping[Visit, frozenset[int]]) -> int:
    """Count visits to published works: one an address and work in a day, and none by authors.

    ``visits`` has the visitors' pen names. The index follows once a number has moved enough to show in an order.
    """
    now = datetime.now(UTC)
    session.execute(delete(HitMark).where(HitMark.at <= now - HITS_KEPT))
    ids = {work_id for work_id, _ in visits}
    works = select(Work.id, Work.brought_hits + Work.counted_hits).where(Work.id.in_(ids), Work.state == "published")
    before = {row[0]: row[1] for row in session.execute(works.order_by(Work.id).with_for_update())}
    written: dict[int, set[int]] = {}
    for work_id, author_id in session.execute(
        select(WorkAuthor.work_id, WorkAuthor.author_id).where(WorkAuthor.work_id.in_(before))
    ):
        written.setdefault(work_id, set()).add(author_id)
    rows = [
        {"work_id": work_id, "visitor_hash": visitor, "at": now}
        for (work_id, visitor), names in sorted(visits.items(), key=lambda visit: visit[0])
        if work_id in before and not names & written.get(work_id, set())
    ]
    counted = _mark(session, rows)
    for work_id, number in counted.items():
        session.execute(update(Work).where(Work.id == work_id).values(counted_hits=Work.counted_hits + number))
    moved = [work_id for work_id, number in counted.items() if moves_index(before[work_id], number)]
    log_changes(session.connection(), work_ids=moved)
    return sum(counted.values())


def _mark(session: Session, rows: list[dict[str, Any]]) -> dict[int, int]:
    """New marks by work: what was marked within the day is left out."""
    if not rows:
        return {}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    counted: dict[int, int] = {}
    statement = dialect.insert(HitMark).on_conflict_do_nothing().returning(HitMark.work_id)
    for work_id in session.execute(statement, rows).scalars():
        counted[work_id] = counted.get(work_id, 0) + 1
    return counted
