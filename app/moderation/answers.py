"""The bytes that answer reads of moderation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from app.accounts.rules import Viewer, require_account
from app.kit.dates import rfc3339
from app.moderation import queries
from app.search.archive import Archive, Given
from app.web.listing import ListAnswer, Place, next_cursor, place_of
from app.web.responses import pick_fields


def report_json(row: Any) -> dict[str, Any]:
    """A report as moderators see it."""
    return {
        "id": row[0],
        "subject": row[1],
        "subject_id": row[2],
        "reason": row[3],
        "at": rfc3339(row[5]),
        "by": row[4],
        "state": row[6],
        "decision": row[7],
        "note": row[8],
        "closed_by": row[9],
        "closed_at": rfc3339(row[10]) if row[10] is not None else None,
    }


def _act_json(row: Any) -> dict[str, Any]:
    names = ("id", "at", "by", "act", "subject", "subject_id", "reason")
    return dict(zip(names, row, strict=True)) | {"at": rfc3339(row[1])}


def _notice_json(row: Any) -> dict[str, Any]:
    names = ("id", "at", "kind", "work_id", "text")
    return dict(zip(names, row, strict=True)) | {"at": rfc3339(row[1])}


def reports_page(archive: Archive, given: Given) -> ListAnswer:
    """``GET /v1/moderation/reports``."""
    state = given.get("state")
    place = place_of(given, archive.secret, f"reports{state}")
    with archive.database.reading() as connection:
        found = queries.reports(connection, state, asked(place))
    return paged(archive, given, found, place, f"reports{state}", report_json)


def log_page(archive: Archive, given: Given) -> ListAnswer:
    """``GET /v1/moderation/log``."""
    place = place_of(given, archive.secret, "log")
    with archive.database.reading() as connection:
        found = queries.acts(connection, asked(place))
    return paged(archive, given, found, place, "log", _act_json)


def notices_page(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    """``GET /v1/me/notices``."""
    account_id = require_account(viewer)
    place = place_of(given, archive.secret, f"notices{account_id}")
    with archive.database.reading() as connection:
        found = queries.notices(connection, account_id, asked(place))
    return paged(archive, given, found, place, f"notices{account_id}", _notice_json)


def asked(place: Place) -> queries.Asked:
    """A place as queries take it."""
    return queries.Asked(place.limit, place.offset, place.after)


def paged(
    archive: Archive,
    given: Given,
    found: queries.Rows,
    place: Place,
    digest: str,
    shape: Callable[[Any], dict[str, Any]],
) -> ListAnswer:
    """A page of rows, each in its shape."""
    rows, total, key = found
    cursor = next_cursor(key, archive.secret, digest)
    items = pick_fields([shape(row) for row in rows], given.get("fields"))
    return ListAnswer(orjson.dumps({"items": items, "total": total, "next": cursor}), place, cursor)
