"""What the writes of series do: planned here, run in one transaction. No HTTP, no SQL."""

from __future__ import annotations

from typing import Any

import orjson

from app.accounts.acts import Done, Step
from app.accounts.rules import Viewer
from app.config import Settings
from app.db.engine import Transaction
from app.series.answers import series_json
from app.series.commands import made
from app.series.queries import series_detail, works_json
from app.works.done import gone, written
from app.works.inputs import NewSeries, SeriesOrder, SeriesPatch, read_input
from app.works.preparing import series_edit


def create_series(settings: Settings, viewer: Viewer, body: Any) -> Step:
    """``POST /v1/series``."""
    edit = series_edit(read_input(NewSeries, body), settings, new=True)

    def step(session: Transaction) -> Done:
        done = made.create_series(session, viewer=viewer, edit=edit)
        return _written(session, viewer, done.id, done.change, location=f"/v1/series/{done.id}")

    return step


def edit_series(settings: Settings, viewer: Viewer, series_id: int, body: Any) -> Step:
    """``PATCH /v1/series/{id}``."""
    edit = series_edit(read_input(SeriesPatch, body, patch=True), settings, new=False)

    def step(session: Transaction) -> Done:
        done = made.edit_series(session, viewer=viewer, series_id=series_id, edit=edit)
        return _written(session, viewer, done.id, done.change)

    return step


def put_series_works(viewer: Viewer, series_id: int, body: Any) -> Step:
    """``PUT /v1/series/{id}/works``: answers with the works, in order."""
    order = read_input(SeriesOrder, body).work_ids

    def step(session: Transaction) -> Done:
        done = made.put_series_works(session, viewer=viewer, series_id=series_id, work_ids=order)
        detail = series_detail(session.connection(), viewer, series_id)
        return written(done.change, works_json(session.connection(), viewer, detail), detail.version)

    return step


def delete_series(viewer: Viewer, series_id: int) -> Step:
    """``DELETE /v1/series/{id}``."""

    def step(session: Transaction) -> Done:
        return gone(made.delete_series(session, viewer=viewer, series_id=series_id).change)

    return step


def _written(session: Transaction, viewer: Viewer, series_id: int, change: int, location: str | None = None) -> Done:
    detail = series_detail(session.connection(), viewer, series_id)
    return written(change, orjson.dumps(series_json(detail)), detail.version, location)
