"""Reads of series: what the caller may see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, or_, select, true, union

from app.accounts.queries import listed_works, written_works
from app.accounts.rules import Viewer, is_admin
from app.db.totals import Totals
from app.errors import ArchiveError, RegisteredOnly
from app.jobs.tombstones import tombstone_of
from app.models import Series, SeriesAuthor, SeriesWork, Work, WorkAuthor
from app.models.series import IN_SERIES_ORDER
from app.series.errors import SeriesGone, SeriesNotFound
from app.works.queries.listing import keep_fields
from app.works.queries.reading import cards_by_id


@dataclass(slots=True)
class SeriesDetail:
    """A series and the works of it that the viewer may see, in order."""

    id: int
    title: str
    summary: str
    version: int
    author_ids: list[int]
    work_ids: list[int]
    words: int


def owned_series(viewer: Viewer) -> ColumnElement[bool]:
    """The series that the viewer may change: made under their pen names, or imported with works that are all theirs."""
    if is_admin(viewer):
        return true()
    if not viewer.author_ids:
        return false()
    authors = select(SeriesAuthor.series_id).where(SeriesAuthor.series_id == Series.id)
    works = (
        select(SeriesWork.work_id).join(Work, Work.id == SeriesWork.work_id).where(SeriesWork.series_id == Series.id)
    )
    imported = and_(~exists(authors), exists(works), ~exists(works.where(~written_works(viewer))))
    return or_(exists(authors.where(SeriesAuthor.author_id.in_(viewer.author_ids))), imported)


def owns_series(connection: Connection, viewer: Viewer, series_id: int) -> bool:
    """Whether the viewer may change a series."""
    return bool(connection.execute(select(exists().where(Series.id == series_id, owned_series(viewer)))).scalar())


def shown_in_series(viewer: Viewer) -> ColumnElement[bool]:
    """The works that the viewer sees in a series: those of lists, and their own drafts and hidden ones."""
    own = and_(Work.state.in_(("draft", "hidden")), written_works(viewer))
    return or_(listed_works(viewer), own)


def series_detail(connection: Connection, viewer: Viewer, series_id: int) -> SeriesDetail:
    """A series as the viewer sees it; one whose works are all closed to them is closed too."""
    row = connection.execute(
        select(Series.title, Series.summary, Series.version).where(Series.id == series_id)
    ).one_or_none()
    if row is None:
        raise missing_series(connection, series_id)
    members = (
        select(Work.id, Work.words)
        .join(SeriesWork, SeriesWork.work_id == Work.id)
        .where(SeriesWork.series_id == series_id)
        .order_by(*IN_SERIES_ORDER)
    )
    seen = connection.execute(members.where(shown_in_series(viewer))).all()
    own = owns_series(connection, viewer, series_id)
    if not seen and not own:
        if connection.execute(members.where(Work.state == "published").limit(1)).first():
            raise RegisteredOnly("The works of the series are for registered readers: sign in to read them.")
        raise SeriesNotFound
    ids = [work[0] for work in seen]
    author_ids = _authors_shown(connection, viewer, ids)
    if own:
        named = (
            select(SeriesAuthor.author_id).where(SeriesAuthor.series_id == series_id).order_by(SeriesAuthor.position)
        )
        author_ids = list(dict.fromkeys([*connection.execute(named).scalars(), *author_ids]))
    words = sum(work[1] for work in seen)
    return SeriesDetail(series_id, row[0], row[1], row[2], author_ids, ids, words)


def missing_series(connection: Connection, series_id: int) -> ArchiveError:
    """What the address of a series answers that is not there."""
    return SeriesGone() if tombstone_of(connection, "series", series_id) else SeriesNotFound()


def _authors_shown(connection: Connection, viewer: Viewer, ids: list[int]) -> list[int]:
    """The authors of some works, but for those of anonymous ones; the viewer's own names are no secret to them."""
    authors = connection.execute(
        select(WorkAuthor.author_id)
        .join(Work, Work.id == WorkAuthor.work_id)
        .where(Work.id.in_(ids), or_(~Work.anonymous, WorkAuthor.author_id.in_(viewer.author_ids)))
        .group_by(WorkAuthor.author_id)
        .order_by(func.min(Work.id), WorkAuthor.author_id)
    )
    return list(authors.scalars())


@dataclass(slots=True)
class FoundSeries:
    """A page of series by id, newest first."""

    items: list[tuple[int, str]]
    total: int
    next_key: int | None


def list_series(
    connection: Connection,
    viewer: Viewer,
    author_id: int | None,
    limit: int,
    offset: int,
    after: int | None,
    totals: Totals,
    *,
    newest: bool,
) -> FoundSeries:
    """Series with a work that the viewer may find; an author's own where one is given.

    ``newest``: the total is to be of now, even where it takes long.
    """
    visible = select(SeriesWork.series_id).join(Work, Work.id == SeriesWork.work_id).where(listed_works(viewer))
    # A series of one's own is listed while it is empty, too.
    made = select(SeriesAuthor.series_id)
    conditions: list[ColumnElement[bool]]
    counted = select(func.count()).select_from(Series)

    def count(*which: ColumnElement[bool]) -> int:
        return connection.execute(counted.where(*which)).scalar_one()

    if author_id is None:
        shown = exists(visible.where(SeriesWork.series_id == Series.id))
        conditions = [shown]
        total = totals.of(connection, ("series", tuple(viewer.visibilities)), lambda: count(shown), newest=newest)
        if viewer.author_ids:
            own = made.where(SeriesAuthor.author_id.in_(viewer.author_ids))
            total += count(Series.id.in_(own), ~shown)
            conditions = [or_(shown, exists(own.where(SeriesAuthor.series_id == Series.id)))]
    else:
        # Starting from the author, who has few works, rather than asking each series for its authors.
        named = visible.join(WorkAuthor, WorkAuthor.work_id == Work.id)
        named = named.where(WorkAuthor.author_id == author_id, ~Work.anonymous)
        own = made.where(SeriesAuthor.author_id.in_(viewer.author_ids & {author_id}))
        conditions = [Series.id.in_(union(named, own))]
        total = count(*conditions)
    if after is not None:
        conditions.append(Series.id < after)
    rows = connection.execute(
        select(Series.id, Series.title).where(*conditions).order_by(Series.id.desc()).offset(offset).limit(limit + 1)
    ).all()
    page = rows[:limit]
    return FoundSeries([(row[0], row[1]) for row in page], total, page[-1][0] if len(rows) > limit else None)


def works_json(
    connection: Connection, viewer: Viewer, detail: SeriesDetail, fields: Sequence[str] | None = None
) -> bytes:
    """The works of a series that the viewer sees, in order, as the JSON of a list."""
    cards = cards_by_id(connection, viewer, detail.work_ids)
    items = keep_fields([cards[one] for one in detail.work_ids if one in cards], fields)
    return b'{"items":[' + b",".join(items) + b'],"total":%d}' % len(items)
