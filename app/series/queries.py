"""Reads of series: what the caller may see of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, func, select

from app.accounts.queries import listed_works
from app.accounts.rules import Viewer
from app.errors import NotFound, RegisteredOnly
from app.models import Series, SeriesWork, Work, WorkAuthor


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


def series_detail(connection: Connection, viewer: Viewer, series_id: int) -> SeriesDetail:
    """A series as the viewer sees it; one whose works are all closed to them is closed too."""
    row = connection.execute(
        select(Series.title, Series.summary, Series.version).where(Series.id == series_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such series.")
    works = connection.execute(
        select(Work.id, Work.words, Work.visibility)
        .join(SeriesWork, SeriesWork.work_id == Work.id)
        .where(SeriesWork.series_id == series_id, Work.state == "published")
        .order_by(SeriesWork.position, Work.id)
    ).all()
    seen = [work for work in works if work[2] in viewer.visibilities]
    if not seen:
        if works:
            raise RegisteredOnly("The works of the series are for registered readers: sign in to read them.")
        raise NotFound("There is no such series.")
    ids = [work[0] for work in seen]
    authors = connection.execute(
        select(WorkAuthor.author_id, func.min(Work.id))
        .join(Work, Work.id == WorkAuthor.work_id)
        .where(Work.id.in_(ids), ~Work.anonymous)
        .group_by(WorkAuthor.author_id)
        .order_by(func.min(Work.id), WorkAuthor.author_id)
    )
    words = sum(work[1] for work in seen)
    return SeriesDetail(series_id, row[0], row[1], row[2], [author[0] for author in authors], ids, words)


@dataclass(slots=True)
class FoundSeries:
    """A page of series by id, newest first."""

    items: list[tuple[int, str]]
    total: int
    next_key: int | None


def list_series(
    connection: Connection, viewer: Viewer, author_id: int | None, limit: int, offset: int, after: int | None
) -> FoundSeries:
    """Series with a work that the viewer may find; an author's own where one is given."""
    visible = (
        select(SeriesWork.work_id)
        .join(Work, Work.id == SeriesWork.work_id)
        .where(SeriesWork.series_id == Series.id, listed_works(viewer))
    )
    if author_id is not None:
        visible = visible.join(WorkAuthor, WorkAuthor.work_id == Work.id).where(
            WorkAuthor.author_id == author_id, ~Work.anonymous
        )
    conditions: list[ColumnElement[bool]] = [exists(visible)]
    total = connection.execute(select(func.count()).select_from(Series).where(*conditions)).scalar_one()
    if after is not None:
        conditions.append(Series.id < after)
    rows = connection.execute(
        select(Series.id, Series.title).where(*conditions).order_by(Series.id.desc()).offset(offset).limit(limit + 1)
    ).all()
    page = rows[:limit]
    return FoundSeries([(row[0], row[1]) for row in page], total, page[-1][0] if len(rows) > limit else None)
