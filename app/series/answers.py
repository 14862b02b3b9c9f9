"""The bytes that answer reads of series."""

from __future__ import annotations

from typing import Any

import orjson

from app.accounts.rules import Viewer
from app.search.archive import Archive, Given
from app.series.queries import SeriesDetail, list_series, series_detail, works_json
from app.web.listing import ListAnswer, next_cursor, place_of
from app.web.responses import pick_fields


def series_page(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    """``GET /v1/series``."""
    author_id = given.get("author_id")
    digest = f"series{author_id}{len(viewer.visibilities)}{viewer.account_id}"
    place = place_of(given, archive.secret, digest)
    change = given.get("after_change")
    with archive.since(change).database.reading() as connection:
        page = (place.limit, place.offset, place.after)
        found = list_series(connection, viewer, author_id, *page, archive.totals, newest=bool(change))
    cursor = next_cursor(found.next_key, archive.secret, digest)
    items = pick_fields([{"id": row[0], "title": row[1]} for row in found.items], given.get("fields"))
    return ListAnswer(orjson.dumps({"items": items, "total": found.total, "next": cursor}), place, cursor)


def series_body(archive: Archive, viewer: Viewer, series_id: int, given: Given) -> tuple[int, bytes]:
    """``GET /v1/series/{id}``."""
    with archive.since(given.get("after_change")).database.reading() as connection:
        found = series_detail(connection, viewer, series_id)
    return found.version, orjson.dumps(series_json(found))


def series_json(found: SeriesDetail) -> dict[str, Any]:
    """A series."""
    return {
        "id": found.id,
        "title": found.title,
        "summary": found.summary,
        "author_ids": found.author_ids,
        "works_count": len(found.work_ids),
        "words": found.words,
        "version": found.version,
    }


def series_works_body(archive: Archive, viewer: Viewer, series_id: int, given: Given) -> bytes:
    """``GET /v1/series/{id}/works``: whole, in the order of the series."""
    with archive.since(given.get("after_change")).database.reading() as connection:
        return works_json(connection, viewer, series_detail(connection, viewer, series_id), given.get("fields"))
