"""Everything that the archive knows of a person, as one JSON document, written as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from app.accounts.rules import Viewer, require_account
from app.exports.facts import revisions_of
from app.exports.queries.persons import account_of, sections_of, signed_works
from app.kit.dates import rfc3339
from app.search.archive import Archive
from app.works.queries.records import records_of

AT_ONCE = 20


def export_person(archive: Archive, viewer: Viewer) -> Iterator[bytes]:
    """``GET /v1/me/export``: the account, what it did, and its works in every state, with what they were before.

    Works are import records, so that another archive takes them. Each batch is read in a transaction of its own.
    """
    account_id = require_account(viewer)
    account = account_of(archive.database, account_id)
    yield b'{"made_at":' + orjson.dumps(rfc3339(datetime.now(UTC))) + b',"account":' + orjson.dumps(account)
    for name, rows in sections_of(archive.database, account_id, account["login"], account["role"]).items():
        yield b',"%b":[' % name.encode()
        yield from _listed(rows)
        yield b"]"
    yield b',"works":['
    yield from _listed(_works(archive, viewer, account_id))
    yield b"]}"


def _works(archive: Archive, viewer: Viewer, account_id: int) -> Iterator[dict[str, Any]]:
    for ids in signed_works(archive.database, account_id, AT_ONCE):
        with archive.database.reading() as connection:
            records = records_of(connection, viewer, ids)
            revisions: dict[int, list[dict[str, Any]]] = {}
            for row in revisions_of(connection, ids):
                revisions.setdefault(row.pop("work_id"), []).append(row)
        yield from (record | {"revisions": revisions.get(record["id"], [])} for record in records)


def _listed(items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for number, item in enumerate(items):
        yield (b"," if number else b"") + orjson.dumps(item)
