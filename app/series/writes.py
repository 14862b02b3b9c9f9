"""What the writes of series do: body to command to answer, each in one transaction. No HTTP, no SQL."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy.orm import Session

from app.accounts.rules import Viewer
from app.search.archive import Archive
from app.series.answers import series_json
from app.series.commands import made
from app.series.queries import series_detail, works_json
from app.web.writing import Written
from app.works.inputs import NewSeries, SeriesOrder, SeriesPatch, read_input
from app.works.preparing import series_edit


def create_series(archive: Archive, viewer: Viewer, body: Any) -> Written:
    """``POST /v1/series``."""
    edit = series_edit(read_input(NewSeries, body), archive.settings, new=True)
    with archive.database.write() as session:
        done = made.create_series(session, viewer=viewer, edit=edit)
        return _written(session, viewer, done.id, done.change, location=f"/v1/series/{done.id}")


def edit_series(archive: Archive, viewer: Viewer, series_id: int, body: Any) -> Written:
    """``PATCH /v1/series/{id}``."""
    edit = series_edit(read_input(SeriesPatch, body, patch=True), archive.settings, new=False)
    with archive.database.write() as session:
        done = made.edit_series(session, viewer=viewer, series_id=series_id, edit=edit)
        return _written(session, viewer, done.id, done.change)


def put_series_works(archive: Archive, viewer: Viewer, series_id: int, body: Any) -> Written:
    """``PUT /v1/series/{id}/works``: answers with the works, in order."""
    order = read_input(SeriesOrder, body).work_ids
    with archive.database.write() as session:
        done = made.put_series_works(session, viewer=viewer, series_id=series_id, work_ids=order)
        detail = series_detail(session.connection(), viewer, series_id)
        return Written(done.change, works_json(session.connection(), viewer, detail), detail.version)


def delete_series(archive: Archive, viewer: Viewer, series_id: int) -> Written:
    """``DELETE /v1/series/{id}``."""
    with archive.database.write() as session:
        return Written(made.delete_series(session, viewer=viewer, series_id=series_id).change)


def _written(session: Session, viewer: Viewer, series_id: int, change: int, location: str | None = None) -> Written:
    detail = series_detail(session.connection(), viewer, series_id)
    return Written(change, orjson.dumps(series_json(detail)), detail.version, location)
