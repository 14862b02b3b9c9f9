"""The bytes that answer reads of imports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from app.accounts.rules import Viewer
from app.imports import queries
from app.imports.rules import ENDED
from app.kit.dates import rfc3339
from app.search.archive import Archive, Given
from app.web.listing import ListAnswer, answer_rows, place_of
from app.works.alike import Named, shown_alike
from app.works.queries.alike import named_works


def job_json(row: Any, progress: queries.Progress, undone: dict[str, int]) -> dict[str, Any]:
    """An import as its owner sees it."""
    seconds = ((row.finished_at or datetime.now(UTC)) - row.started_at).total_seconds() if row.started_at else 0.0
    counts = {name: getattr(progress, name) for name in ("created", "updated", "unchanged", "failed")}
    undo = {"state": row.undo, "withdrawn": undone.get("withdrawn", 0), "left": undone.get("left", 0)}
    return {
        "id": row.id,
        "state": row.state,
        "mode": row.mode,
        "dry_run": row.dry_run,
        "format": row.format,
        "bytes": row.bytes,
        "total": progress.total,
        "counts": {"seen": progress.done, **counts},
        "possible_duplicates": progress.alike,
        "rate": round(progress.done / max(seconds, 0.001), 1) if progress.done else 0.0,
        "change": progress.change,
        "created_at": rfc3339(row.created_at),
        "started_at": rfc3339(row.started_at) if row.started_at else None,
        "finished_at": rfc3339(row.finished_at) if row.finished_at else None,
        "by": row.by,
        "problem": row.problem,
        "undo": undo if row.undo else None,
    }


def _item_json(row: Any, named: Mapping[int, Named]) -> dict[str, Any]:
    return {
        "index": row.number,
        "input": row.input,
        "key": row.key,
        "outcome": row.outcome,
        "work_id": row.work_id,
        "problem": row.problem,
        "notices": row.notices,
        "possible_duplicates": [
            shown_alike(alike, named[alike["work_id"]])
            for alike in row.possible_duplicates or ()
            if alike["work_id"] in named
        ],
        "undone": row.undone,
    }


def job_of(connection: Any, viewer: Viewer, job_id: int) -> dict[str, Any]:
    """One import, with its counts as they are now."""
    row = queries.job_row(connection, viewer, job_id)
    progress = queries.progress_of(connection, [job_id]).get(job_id, queries.Progress())
    return job_json(row, progress, queries.undone_of(connection, job_id) if row.undo else {})


def job_body(archive: Archive, viewer: Viewer, job_id: int) -> bytes:
    """``GET /v1/imports/{id}``."""
    with archive.database.reading() as connection:
        return orjson.dumps(job_of(connection, viewer, job_id))


def jobs_page(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    """``GET /v1/imports``."""
    state = given.get("state")
    digest = f"imports{viewer.account_id}{state}"
    place = place_of(given, archive.secret, digest)
    with archive.database.reading() as connection:
        found = queries.job_rows(connection, viewer, state, place)
        progress = queries.progress_of(connection, [row.id for row in found.rows])
        undone = {row.id: queries.undone_of(connection, row.id) for row in found.rows if row.undo}

    def shape(row: Any) -> dict[str, Any]:
        return job_json(row, progress.get(row.id, queries.Progress()), undone.get(row.id, {}))

    return answer_rows(found, place, archive.secret, given, digest, shape)


def items_page(archive: Archive, viewer: Viewer, job_id: int, given: Given) -> ListAnswer:
    """``GET /v1/imports/{id}/items``."""
    only = queries.Only(given.get("outcome"), given.get("undone"), given.get("possible_duplicates"))
    digest = f"items{job_id}{only}"
    place = place_of(given, archive.secret, digest)
    with archive.database.reading() as connection:
        queries.job_row(connection, viewer, job_id)
        found = queries.item_rows(connection, job_id, only, place)
        alike = {one["work_id"] for row in found.rows for one in row.possible_duplicates or ()}
        named = named_works(connection, viewer, alike) if alike else {}
    return answer_rows(found, place, archive.secret, given, digest, lambda row: _item_json(row, named))


def progress_event(archive: Archive, viewer: Viewer, job_id: int, seen: str | None) -> tuple[str, bytes, bool]:
    """The next server-sent event: its id, its text (nothing where ``seen`` is as far), and whether it is the last.

    Every event tells all, so whoever comes back has missed nothing: its id is only how far the import is.
    """
    with archive.database.reading() as connection:
        job = job_of(connection, viewer, job_id)
    undo = job["undo"]
    over = job["state"] in ENDED and (undo is None or undo["state"] == "done")
    name = f"{job['counts']['seen']}-{job['state']}"
    if undo is not None:
        name += f"-{undo['withdrawn'] + undo['left']}-{undo['state']}"
    if name == seen:
        return name, b"", over
    return name, b"id: %s\nevent: progress\ndata: %s\n\n" % (name.encode(), orjson.dumps(job)), over
