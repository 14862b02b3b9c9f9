"""Undoing an import, some items at a time."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.jobs.leases import Unit, advance
from app.models import ImportItem, ImportJob
from app.works.commands.undoing import withdraw_imported

ITEMS_AT_ONCE = 200


def undo_some(session: Session, *, unit: Unit, done: int) -> int:
    """Withdraw the works of the next items that created one; how many items that were, 0 at the end."""
    created = (ImportItem.job_id == unit.job_id) & (ImportItem.outcome == "created")
    waiting = select(ImportItem.number, ImportItem.work_id).where(created, ImportItem.undone.is_(None))
    rows = session.execute(waiting.order_by(ImportItem.number).limit(ITEMS_AT_ONCE)).all()
    if not rows:
        return 0
    job = session.get_one(ImportJob, unit.job_id)
    ids = [row.work_id for row in rows if row.work_id is not None]
    updated = (ImportItem.job_id == unit.job_id) & (ImportItem.outcome == "updated") & ImportItem.work_id.in_(ids)
    counted = select(ImportItem.work_id, func.count()).where(updated).group_by(ImportItem.work_id)
    updates = {work_id: count for work_id, count in session.execute(counted) if work_id is not None}
    by = job.undo_by or job.by
    withdrawn, change = withdraw_imported(session, ids=ids, updates=updates, job_id=unit.job_id, by=by)
    for what, numbers in (
        ("withdrawn", [row.number for row in rows if row.work_id in withdrawn]),
        ("left", [row.number for row in rows if row.work_id not in withdrawn]),
    ):
        session.execute(update(ImportItem).where(created, ImportItem.number.in_(numbers)).values(undone=what))
    advance(session, unit, done, {"unchanged": len(rows)}, change)
    return len(rows)


def end_undo(session: Session, *, job_id: int) -> None:
    """Say that an undo is done."""
    session.execute(update(ImportJob).where(ImportJob.id == job_id).values(undo="done"))
