"""The bytes that answer reads of moderation."""

from __future__ import annotations

from typing import Any

from app.accounts.rules import Viewer, require_account
from app.kit.dates import rfc3339
from app.moderation import queries
from app.search.archive import Archive, Given
from app.web.listing import ListAnswer, answer_rows, place_of


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
        found = queries.reports(connection, state, place)
    return answer_rows(found, place, archive.secret, given, f"reports{state}", report_json)


def log_page(archive: Archive, given: Given) -> ListAnswer:
    """``GET /v1/moderation/log``."""
    place = place_of(given, archive.secret, "log")
    with archive.database.reading() as connection:
        found = queries.acts(connection, place)
    return answer_rows(found, place, archive.secret, given, "log", _act_json)


def notices_page(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    """``GET /v1/me/notices``."""
    account_id = require_account(viewer)
    place = place_of(given, archive.secret, f"notices{account_id}")
    with archive.database.reading() as connection:
        found = queries.notices(connection, account_id, place)
    return answer_rows(found, place, archive.secret, given, f"notices{account_id}", _notice_json)
