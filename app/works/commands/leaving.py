"""Leaving the archive: an account's works are deleted or orphaned, and nothing bears its pen names any longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.accounts.commands.accounts import close_account, ensure_orphan
from app.jobs.tombstones import bury
from app.models import Author, BylineInvitation, Series, SeriesAuthor, SeriesWork, Withholding, Work, WorkAuthor
from app.works.commands.settling import note_public_series, renumber_series, show_again
from app.works.commands.sketching import mark_for_sketching
from app.works.rules import listing_after

WORKS_AT_ONCE = 200


def leave(session: Session, *, account_id: int, login: str, delete_works: bool) -> int | None:
    """Close an account; the number of the last change, where it had works.

    Works that others signed too stay with them. What it wrote alone is deleted if asked so, else it is the orphans';
    drafts, which nobody has seen, are deleted either way. Pen names that guests may know of leave a trace.
    """
    mine = list(session.scalars(select(Author.id).where(Author.account_id == account_id)))
    bury(session.connection(), "author", _known(session, mine))
    change = let_go(session, mine, login=login, delete_works=delete_works)
    session.execute(delete(BylineInvitation).where(BylineInvitation.author_id.in_(mine)))
    close_account(session, account_id=account_id)
    return change


def _known(session: Session, author_ids: Sequence[int]) -> list[int]:
    """Those of some authors that guests may know of."""
    signed = select(WorkAuthor.author_id).join(Work, Work.id == WorkAuthor.work_id).distinct()
    public = signed.where(WorkAuthor.author_id.in_(author_ids), Work.was_public, ~Work.anonymous)
    return list(session.scalars(public))


def let_go(session: Session, mine: Sequence[int], *, login: str, delete_works: bool) -> int | None:
    """Take some authors off all that they signed, which is deleted or the orphans'; the number of the last change."""
    series_ids = _lock_series(session, mine)
    note_public_series(session.connection(), series_ids)
    orphan = ensure_orphan(session)
    change, last = None, 0
    while ids := _next_works(session, mine, after=last):
        works = session.scalars(select(Work).where(Work.id.in_(ids)).order_by(Work.id).with_for_update()).all()
        alone = _sign_anew(session, ids, mine, orphan)
        _withhold(
            session, [work for work in works if work.id in alone and _goes(work, delete_works=delete_works)], login
        )
        session.flush()
        change, last = show_again(session.connection(), ids), ids[-1]
        session.expunge_all()
    _sign_series_anew(session, mine, orphan)
    moved = [work for series_id in series_ids for work in renumber_series(session.connection(), series_id)]
    if moved:
        change = show_again(session.connection(), sorted(set(moved)))
    return change


def _goes(work: Work, *, delete_works: bool) -> bool:
    return work.state != "deleted" and (delete_works or work.state == "draft")


def _lock_series(session: Session, author_ids: Sequence[int]) -> list[int]:
    """The series, ordered here, that hold works of the authors: locked before their works, as everywhere."""
    places = (
        select(SeriesWork.series_id)
        .join(WorkAuthor, WorkAuthor.work_id == SeriesWork.work_id)
        .where(WorkAuthor.author_id.in_(author_ids), SeriesWork.place.is_not(None))
    )
    query = select(Series.id).where(Series.id.in_(places)).order_by(Series.id).with_for_update()
    return list(session.scalars(query))


def _next_works(session: Session, author_ids: Sequence[int], *, after: int) -> list[int]:
    query = (
        select(WorkAuthor.work_id)
        .where(WorkAuthor.author_id.in_(author_ids), WorkAuthor.work_id > after)
        .distinct()
        .order_by(WorkAuthor.work_id)
        .limit(WORKS_AT_ONCE)
    )
    return list(session.scalars(query))


def _sign_anew(session: Session, ids: Sequence[int], mine: Sequence[int], orphan: int) -> set[int]:
    """Take the names off the bylines; those works that have the orphans' in their place."""
    query = select(WorkAuthor.work_id, WorkAuthor.author_id).where(WorkAuthor.work_id.in_(ids))
    bylines: dict[int, list[int]] = {}
    for work_id, author_id in session.execute(query.order_by(WorkAuthor.work_id, WorkAuthor.position)):
        bylines.setdefault(work_id, []).append(author_id)
    kept = {work_id: [one for one in names if one not in mine] for work_id, names in bylines.items()}
    alone = {work_id for work_id, names in kept.items() if not names or names == [orphan]}
    rows = [
        {"work_id": work_id, "position": position, "author_id": author_id}
        for work_id, names in kept.items()
        for position, author_id in enumerate(names or [orphan], 1)
    ]
    session.execute(delete(WorkAuthor).where(WorkAuthor.work_id.in_(ids)))
    session.execute(insert(WorkAuthor), rows)
    now = datetime.now(UTC)
    for work in session.scalars(select(Work).where(Work.id.in_(ids))):
        work.version += 1
        work.edited_at = now
    return alone


def _withhold(session: Session, works: Sequence[Work], login: str) -> None:
    now = datetime.now(UTC)
    for work in works:
        session.add(Withholding(work_id=work.id, kind="deleted", state_before=work.state, reason="", by=login, at=now))
        work.state, work.listing = "deleted", listing_after(work.listing, "deleted")
    mark_for_sketching(session.connection(), [work.id for work in works])


def _sign_series_anew(session: Session, mine: Sequence[int], orphan: int) -> None:
    """A series stays with those who are left, or is the orphans'."""
    theirs = select(SeriesAuthor.series_id).where(SeriesAuthor.author_id.in_(mine)).distinct()
    series_ids = list(session.scalars(theirs))
    session.execute(delete(SeriesAuthor).where(SeriesAuthor.author_id.in_(mine)))
    held = set(session.scalars(select(SeriesAuthor.series_id).where(SeriesAuthor.series_id.in_(series_ids))))
    rows = [{"series_id": one, "position": 1, "author_id": orphan} for one in series_ids if one not in held]
    if rows:
        session.execute(insert(SeriesAuthor), rows)
