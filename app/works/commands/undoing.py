"""Taking back what an import made, and bringing it in again; overwriting what was edited here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, exists, select, update
from sqlalchemy.orm import Session

from app.accounts.commands.recording import record_act
from app.models import Series, SeriesWork, Withholding, Work, WorkAuthor
from app.works.commands.settling import note_public_series, renumber_series, show_again
from app.works.commands.sketching import drop_sketches
from app.works.rules import listing_after


def withdraw_imported(
    session: Session, *, ids: Sequence[int], updates: Mapping[int, int], job_id: int, by: str
) -> tuple[set[int], int | None]:
    """Delete those works that are still as the import made them; which they were, and the last change.

    ``updates`` is how often the same import changed some of them after it had made them, from other files.

    They can be restored like all deleted works, and another import brings them back.
    """
    places = select(SeriesWork.series_id).where(SeriesWork.work_id.in_(ids), SeriesWork.place.is_not(None))
    series = session.scalars(select(Series.id).where(Series.id.in_(places)).order_by(Series.id).with_for_update()).all()
    note_public_series(session.connection(), series)
    query = select(Work).where(Work.id.in_(ids)).order_by(Work.id).with_for_update()
    works = [work for work in session.scalars(query) if _is_as_made(work, updates.get(work.id, 0))]
    now = datetime.now(UTC)
    unlisted = []
    for work in works:
        session.add(
            Withholding(
                work_id=work.id, kind="deleted", state_before=work.state, reason="", by=by, at=now, undone_import=job_id
            )
        )
        shown, work.listing = work.listing == "now", listing_after(work.listing, "deleted")
        work.state = "deleted"
        work.version += 1
        if not shown:
            unlisted.append(work.id)
    session.flush()
    if not works:
        return set(), None
    moved = {work_id for one in series for work_id in renumber_series(session.connection(), one)}
    gone = [work.id for work in works]
    drop_sketches(session.connection(), gone)
    return set(gone), show_again(session.connection(), sorted(moved.union(gone)), unlisted)


def _is_as_made(work: Work, updates: int) -> bool:
    """Neither edited nor updated since, and still there."""
    return work.edited_at is None and work.version == 1 + updates and work.state in {"published", "draft"}


def bring_back(connection: Connection, ids: Sequence[int]) -> None:
    """Forget that an undo took works away, which an import has just brought in again."""
    undone = Withholding.work_id.in_(ids) & Withholding.undone_import.is_not(None)
    connection.execute(delete(Withholding).where(undone))


def forget_edits(connection: Connection, ids: Sequence[int], by: str, author_ids: Collection[int]) -> None:
    """Take works for what the import has just made of them; where that overwrote edits of others, the log has it."""
    edited = Work.id.in_(ids) & Work.edited_at.is_not(None)
    mine = exists(select(WorkAuthor.work_id).where(WorkAuthor.work_id == Work.id, WorkAuthor.author_id.in_(author_ids)))
    for work_id in connection.execute(select(Work.id).where(edited, ~mine)).scalars().all():
        record_act(connection, by=by, act="replace-edits", subject="work", subject_id=work_id, reason="import")
    connection.execute(update(Work).where(edited).values(edited_at=None))
