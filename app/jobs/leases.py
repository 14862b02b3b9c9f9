"""Units of work and who has them: taken for some seconds, prolonged while their worker lives, then free.

What a worker does, and how far it is, are written in one transaction under its name (:func:`advance`). So whoever lost
its lease, because it stood still for too long or the job was paused, writes nothing: neither the work nor the count.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, or_, select, update
from sqlalchemy.orm import Session

from app.models import ImportJob, ImportUnit

LEASE = timedelta(seconds=20)
FURTHEST = timedelta(minutes=2)
"""No lease reaches so far: one that does was written before the clock was put back, and nobody prolongs it."""
HEARTBEAT = 5.0
ACTIVE = ("queued", "running")
COUNTS = ("created", "updated", "unchanged", "failed")


class LeaseLost(Exception):
    """Somebody else has the unit now, or the job was paused or cancelled: nothing may be written."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that this worker has. ``done`` is how many of its items were treated before."""

    job_id: int
    number: int
    kind: str
    first_file: int
    last_file: int
    begins: int
    ends: int
    first_line: int
    first_index: int
    count: int | None
    done: int
    attempts: int
    worker: str


def worker_name() -> str:
    """Unlike any other worker's; tells host and process, so that others on the host see when it is gone."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def _free(now: datetime) -> ColumnElement[bool]:
    ended = or_(ImportUnit.leased_until < now, ImportUnit.leased_until > now + FURTHEST)
    nobodys = or_(ImportUnit.worker.is_(None), ended)
    return ~ImportUnit.finished & ImportUnit.first_index.is_not(None) & nobodys


_OPEN = (
    (ImportUnit.kind != "undo") & ImportJob.state.in_(ACTIVE),
    (ImportUnit.kind == "undo") & (ImportJob.undo == "running"),
)


def is_work_waiting(connection: Connection) -> bool:
    """Whether there is a unit to take: asked again and again, so without a write lock."""
    now = datetime.now(UTC)
    for opened in _OPEN:
        query = select(ImportUnit.number).join(ImportJob, ImportJob.id == ImportUnit.job_id).where(opened, _free(now))
        if connection.execute(query.limit(1)).first() is not None:
            return True
    return False


def claim(session: Session, worker: str) -> Unit | None:
    """Take the next unit: of the job whose turn was longest ago, in order; ``None`` where there is none."""
    now = datetime.now(UTC)
    for opened in _OPEN:
        query = (
            select(ImportUnit)
            .join(ImportJob, ImportJob.id == ImportUnit.job_id)
            .where(opened, _free(now))
            .order_by(ImportJob.claimed_at.asc().nulls_first(), ImportJob.id, ImportUnit.number)
            .limit(1)
            .with_for_update(of=ImportUnit, skip_locked=True)
        )
        unit = session.scalar(query)
        if unit is not None:
            return _take(session, unit, worker, now)
    return None


def _take(session: Session, unit: ImportUnit, worker: str, now: datetime) -> Unit:
    assert unit.first_index is not None
    mine = (ImportUnit.job_id == unit.job_id) & (ImportUnit.number == unit.number)
    attempts = unit.attempts + 1
    taken = {"worker": worker, "leased_until": now + LEASE, "attempts": attempts}
    session.execute(update(ImportUnit).where(mine).values(taken))
    job = ImportJob.id == unit.job_id
    session.execute(update(ImportJob).where(job).values(claimed_at=now))
    session.execute(update(ImportJob).where(job, ImportJob.started_at.is_(None)).values(started_at=now))
    session.execute(update(ImportJob).where(job, ImportJob.state == "queued").values(state="running"))
    return Unit(
        unit.job_id, unit.number, unit.kind, unit.first_file, unit.last_file, unit.begins, unit.ends, unit.first_line,
        unit.first_index, unit.count, unit.done, attempts, worker,
    )  # fmt: skip


def _held(unit: Unit) -> ColumnElement[bool]:
    return (
        (ImportUnit.job_id == unit.job_id)
        & (ImportUnit.number == unit.number)
        & (ImportUnit.worker == unit.worker)
        & ~ImportUnit.finished
    )


def renew(session: Session, unit: Unit) -> None:
    """Prolong a unit, where its worker still has it."""
    until = datetime.now(UTC) + LEASE
    session.execute(update(ImportUnit).where(_held(unit)).values(leased_until=until))


def release(session: Session, unit: Unit, delay: timedelta = timedelta(0), *, counts: bool = True) -> None:
    """Give a unit back; for a time nobody takes it where it has just failed, which ``counts`` as an attempt or not."""
    until = datetime.now(UTC) + delay
    worker = None if not delay else f"{unit.worker}:resting"
    values: dict[str, object] = {"worker": worker, "leased_until": until} | ({} if counts else {"attempts": 0})
    session.execute(update(ImportUnit).where(_held(unit)).values(values))


def advance(session: Session, unit: Unit, before: int, counts: dict[str, int], change: int | None) -> None:
    """Write how far a unit is, in the transaction of what was done; raises :class:`LeaseLost`.

    ``before`` is how far it was, which must not have changed, and ``counts`` is how many items had which outcome.
    """
    state = ImportJob.undo == "running" if unit.kind == "undo" else ImportJob.state == "running"
    runs = select(ImportJob.id).where(ImportJob.id == unit.job_id, state).exists()
    values = {name: getattr(ImportUnit, name) + counts.get(name, 0) for name in COUNTS}
    values |= {"done": ImportUnit.done + sum(counts.values()), "attempts": 0}
    values |= {"change": change} if change is not None else {}
    values["leased_until"] = datetime.now(UTC) + LEASE
    moved = session.execute(update(ImportUnit).where(_held(unit), ImportUnit.done == before, runs).values(values))
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost


def finish_unit(session: Session, unit: Unit) -> None:
    """Say that a unit is done, and let those begin that waited for its number of items; raises :class:`LeaseLost`."""
    session.execute(select(ImportJob.id).where(ImportJob.id == unit.job_id).with_for_update())
    values = {"finished": True, "count": ImportUnit.done, "worker": None, "leased_until": None}
    done = session.execute(update(ImportUnit).where(_held(unit)).values(values))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost
    if unit.kind in {"lines", "files"}:
        _number_next(session, unit.job_id, unit.number)
        _open_the_last(session, unit.job_id)


def _number_next(session: Session, job_id: int, number: int) -> None:
    """Units of several works a file are counted only when they are read: the next then learn where they begin."""
    unit = session.get_one(ImportUnit, (job_id, number), populate_existing=True)
    while unit.first_index is not None and unit.count is not None:
        following = session.get(ImportUnit, (job_id, unit.number + 1), populate_existing=True)
        if following is None or following.kind == "finish" or following.first_index is not None:
            return
        following.first_index = unit.first_index + unit.count
        session.flush()
        unit = following


def _open_the_last(session: Session, job_id: int) -> None:
    others = (ImportUnit.job_id == job_id) & ImportUnit.kind.in_(("lines", "files"))
    if session.scalar(select(ImportUnit.number).where(others, ~ImportUnit.finished).limit(1)) is not None:
        return
    last = (ImportUnit.job_id == job_id) & (ImportUnit.kind == "finish")
    total = select(func.coalesce(func.sum(ImportUnit.count), 0)).where(others).scalar_subquery()
    session.execute(update(ImportUnit).where(last).values(first_index=total))


def release_dead(session: Session, worker: str) -> int:
    """Free what workers of this host have that are no longer there; how many units that were.

    Processes of other hosts cannot be looked at: theirs are free when their leases end.
    """
    host = worker.partition(":")[0]
    held = select(ImportUnit.worker).where(ImportUnit.worker.startswith(f"{host}:", autoescape=True))
    gone = [
        name
        for name in session.scalars(held.where(~ImportUnit.finished).distinct())
        if name is not None and name.count(":") == 2 and not _is_alive(int(name.split(":")[1]))  # noqa: PLR2004
    ]
    if not gone:
        return 0
    freed = session.execute(
        update(ImportUnit).where(ImportUnit.worker.in_(gone), ~ImportUnit.finished).values(worker=None)
    )
    return int(freed.rowcount)  # type: ignore[attr-defined]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
