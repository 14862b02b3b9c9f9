"""The bytes that answer those who follow the archive."""

from __future__ import annotations

import orjson

from app.accounts.rules import Viewer
from app.errors import FieldProblem, Invalid
from app.jobs.changes import newest_number
from app.kit.dates import rfc3339
from app.search.archive import Archive, Given
from app.works.queries.following import Followed, follow


def changes_body(archive: Archive, viewer: Viewer, given: Given) -> bytes:
    """``GET /v1/changes``. A number above the newest is an error: it is another archive's, and would wait for ever."""
    number, limit = given.get("after", 0), given.get("limit", 100)
    with archive.database.reading() as connection:
        found = follow(connection, viewer, number, limit)
    if found.reached == number > 0:
        _check_number(archive, number)
    page = {"items": [_item(one) for one in found.items], "next": found.reached, "more": found.more}
    return orjson.dumps(page)


def _check_number(archive: Archive, number: int) -> None:
    with archive.database.current() as connection:  # a replica may lag behind the number
        if number > newest_number(connection):
            problem = FieldProblem("unknown-change", "It is above the newest change.", parameter="after")
            raise Invalid("`after` is above the newest change.", errors=[problem])


def _item(one: Followed) -> dict[str, object]:
    return {
        "change": one.change,
        "work_id": one.work_id,
        "what": one.what,
        "version": one.version,
        "at": rfc3339(one.at),
    }
