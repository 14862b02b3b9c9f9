"""A whole archive as a folder: works in every state, what they were before, wrangled tags, authors, series.

Everything but what belongs to accounts. ``manifest.json`` is written last, so a folder that has one is whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.accounts.rules import Viewer
from app.db.engine import Database
from app.exports.facts import authors_after, facts_of, revisions_of, series_after
from app.exports.queries.acts import acts_after
from app.kit.dates import rfc3339
from app.models import Work
from app.tags.bulk.exporting import export_tags
from app.works.queries.records import records_of

FORMAT = "fanarchive-dump"
VERSION = 1
MANIFEST = "manifest.json"
AT_ONCE = 50
ROWS_AT_ONCE = 1_000
Progress = Callable[[str, int], None]


def write_folder(database: Database, viewer: Viewer, secret: bytes, folder: Path, progress: Progress) -> dict[str, int]:
    """Write a dump; how many lines each file has. ``viewer`` has to be an admin. A dump that is there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    files: dict[str, Iterator[bytes]] = {
        "tags": _tags(database),
        "authors": _lines(database, authors_after),
        "series": _lines(database, series_after),
        "works": _works(database, viewer),
        "revisions": _revisions(database),
        "acts": _lines(database, acts_after),
    }
    counts = {}
    for name, lines in files.items():
        counts[name] = _write(folder / f"{name}.ndjson", lines, partial(progress, name))
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "origin": origin_of(secret),
        "made_at": rfc3339(datetime.now(UTC)),
        "counts": counts,
    }
    _write(folder / MANIFEST, iter([orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n"]), lambda _count: None)
    return counts


def origin_of(secret: bytes) -> str:
    """What tells one archive from another, without telling its key."""
    return hashlib.blake2b(secret, digest_size=8, person=b"dump").hexdigest()


def _write(path: Path, lines: Iterator[bytes], progress: Callable[[int], None]) -> int:
    count = 0
    with path.open("wb") as file:
        for line in lines:
            file.write(line)
            count += 1
            if count % ROWS_AT_ONCE == 0:
                progress(count)
        file.flush()
        os.fsync(file.fileno())
    return count


def _tags(database: Database) -> Iterator[bytes]:
    with database.reading() as connection:
        yield from export_tags(connection, "ndjson", unwrangled=True)


def _lines(database: Database, read: Callable[[Connection, int, int], list[dict[str, Any]]]) -> Iterator[bytes]:
    after = 0
    while True:
        with database.reading() as connection:
            rows = read(connection, after, ROWS_AT_ONCE)
        if not rows:
            return
        yield from (orjson.dumps(row) + b"\n" for row in rows)
        after = rows[-1]["id"]


def _works(database: Database, viewer: Viewer) -> Iterator[bytes]:
    for ids in _work_ids(database):
        with database.reading() as connection:
            records = records_of(connection, viewer, ids)
            facts = facts_of(connection, ids)
        yield from (orjson.dumps(record | {"archive": facts[record["id"]]}) + b"\n" for record in records)


def _revisions(database: Database) -> Iterator[bytes]:
    for ids in _work_ids(database):
        with database.reading() as connection:
            rows = revisions_of(connection, ids)
        yield from (orjson.dumps(row) + b"\n" for row in rows)


def _work_ids(database: Database) -> Iterator[list[int]]:
    after = 0
    while True:
        with database.reading() as connection:
            query = select(Work.id).where(Work.id > after).order_by(Work.id).limit(AT_ONCE)
            ids = list(connection.execute(query).scalars())
        if not ids:
            return
        yield ids
        after = ids[-1]
