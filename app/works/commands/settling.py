"""After a change: what a work counts of its chapters, its dates and plan, its card, and the note for the indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from app.jobs.changes import log_changes
from app.models import Chapter, Series, SeriesWork, Work
from app.models.series import IN_SERIES_ORDER
from app.works.commands.cards import refresh_cards
from app.works.commands.sketching import mark_for_sketching
from app.works.rules import Plan, after_change, is_public, listing_after, revised_without

CARDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Changed:
    """What a command did: to which work or chapter, and the number of its last change."""

    id: int
    change: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A chapter without its texts."""

    id: int
    position: int
    state: str
    words: int
    published_at: datetime


def outline(session: Session, work_id: int) -> list[Entry]:
    """All chapters of a work in order."""
    query = (
        select(Chapter.id, Chapter.position, Chapter.state, Chapter.words, Chapter.published_at)
        .where(Chapter.work_id == work_id)
        .order_by(Chapter.position)
    )
    return [Entry(*row) for row in session.execute(query)]


def recount(session: Session, work: Work, before: Sequence[Entry]) -> None:
    """Bring a work in line with its chapters, as they are now and as they were ``before`` the change.

    Draft chapters count nowhere. A work that came without chapters keeps its source's numbers until one is posted.
    """
    session.flush()
    after = outline(session, work.id)
    old = {entry.id: entry for entry in before if entry.state == "published"}
    posted = [entry for entry in after if entry.state == "published"]
    if work.state == "draft" and not posted and not old:
        work.has_text = bool(after)
    if not posted and not old:
        return
    counted_before = work.chapters_posted
    kept_dates = not old and counted_before > 0  # the source's, of a work that came without chapters
    work.has_text = True
    work.words = sum(entry.words for entry in posted)
    if len(posted) != counted_before:
        plan = after_change(Plan(work.status, counted_before, work.chapters_expected), len(posted))
        work.status, work.chapters_posted, work.chapters_expected = plan.status, plan.posted, plan.expected
    if posted:
        _redate(work, old, posted, kept=kept_dates)


def _redate(work: Work, old: dict[int, Entry], posted: Sequence[Entry], *, kept: bool) -> None:
    """``published_at`` is the first chapter's date; ``revised_at`` moves with what is posted or taken back."""
    first_before = next(iter(old.values()), None)
    first = posted[0]
    is_other = first_before is None or (first_before.id, first_before.published_at) != (first.id, first.published_at)
    if is_other and not kept:
        work.published_at = first.published_at
    dates = {entry.id: entry.published_at for entry in posted}
    came = [date for key, date in dates.items() if key not in old or old[key].published_at != date]
    gone = [entry.published_at for key, entry in old.items() if dates.get(key) != entry.published_at]
    revised = work.revised_at if old or kept else max(dates.values())
    for date in gone:
        revised = revised_without(revised, date, list(dates.values()), work.published_at)
    work.revised_at = max([revised, work.published_at, *came])


def settle(session: Session, work: Work, *, edited: bool = True, siblings: bool = False) -> int:
    """Render the card, log the change, have a new sketch made; the last number. To be called when all else is done.

    ``siblings``: who sees the work is another now, which counts for its series and its chapters.
    """
    if edited:
        work.edited_at = datetime.now(UTC)
    public = is_public(work.state, work.visibility)
    work.was_public = work.was_public or public
    shown, work.listing = work.listing == "now", listing_after(work.listing, work.state)
    unlisted = [] if shown or work.listing == "now" else [work.id]
    session.flush()
    connection = session.connection()
    if siblings and public:
        unseen = (Chapter.work_id == work.id) & (Chapter.state == "published") & Chapter.was_public.is_(False)
        connection.execute(update(Chapter).where(unseen).values(was_public=None))
    mark_for_sketching(connection, [work.id])
    ids = [work.id, *(renumber_series_of(connection, work.id) if siblings else ())]
    return show_again(connection, list(dict.fromkeys(ids)), unlisted)


def show_again(connection: Connection, ids: Sequence[int], unlisted: Sequence[int] = ()) -> int:
    """Render the cards of works, which are locked, and log that they changed; ``unlisted`` were and are in no list."""
    for start in range(0, len(ids), CARDS_AT_ONCE):
        refresh_cards(connection, ids[start : start + CARDS_AT_ONCE])
    listed = [work_id for work_id in ids if work_id not in unlisted]
    change = log_changes(connection, work_ids=listed, unlisted_ids=unlisted)
    assert change is not None
    return change


def note_public_series(connection: Connection, ids: Sequence[int]) -> None:
    """Remember of series, which are locked, that guests may see them, before that changes."""
    if not ids:
        return
    shown = (
        select(SeriesWork.series_id)
        .join(Work, Work.id == SeriesWork.work_id)
        .where(SeriesWork.series_id.in_(ids), Work.state == "published", Work.visibility == "public")
    )
    new = Series.id.in_(shown) & ~Series.was_public
    connection.execute(update(Series).where(new).values(was_public=True))


def renumber_series_of(connection: Connection, work_id: int) -> list[int]:
    """Number the works of the series that a work stands in again; the works whose number is another now."""
    query = select(SeriesWork.series_id).where(SeriesWork.work_id == work_id, SeriesWork.place.is_not(None))
    changed: list[int] = []
    for series_id in connection.execute(query).scalars().all():
        changed += renumber_series(connection, series_id)
    return changed


def renumber_series(connection: Connection, series_id: int) -> list[int]:
    """Number a series that is ordered here: 1..n over its published works, so that others move no number.

    The others carry the number that they would have.
    """
    query = (
        select(SeriesWork.work_id, SeriesWork.position, Work.state)
        .join(Work, Work.id == SeriesWork.work_id)
        .where(SeriesWork.series_id == series_id)
        .order_by(*IN_SERIES_ORDER)
    )
    number, changed = 1, []
    for work_id, position, state in connection.execute(query).all():
        if position != number:
            place = (SeriesWork.series_id == series_id) & (SeriesWork.work_id == work_id)
            connection.execute(update(SeriesWork).where(place).values(position=number))
            changed.append(work_id)
        number += state == "published"
    return changed
