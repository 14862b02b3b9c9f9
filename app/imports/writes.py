"""What the writes of imports do: planned here, run in one transaction. No HTTP, no SQL."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from app.accounts.acts import Done, Step
from app.accounts.rules import Viewer
from app.db.engine import Transaction
from app.imports.answers import job_of
from app.imports.commands import jobs
from app.imports.cutting import LINES_SAID, cut
from app.imports.receiving import Receiver
from app.jobs.chunks import store_chunks
from app.search.archive import Archive

Steer = Callable[..., None]


def start_import(archive: Archive, viewer: Viewer, wanted: jobs.Wanted, received: Receiver) -> Step:
    """``POST /v1/imports``: what came in is stored in pieces before the job is shown to anybody."""
    spool = received.spool
    units = cut(spool, received.parts, wanted.format, received.media_type in LINES_SAID)
    most = archive.settings.imports_at_once
    with archive.database.write() as session:
        job_id = jobs.begin_job(session, viewer=viewer, wanted=wanted, size=received.size, most=most)
    spool.seek(0)
    store_chunks(archive.database, job_id, spool)

    def step(session: Transaction) -> Done:
        jobs.queue_job(session, job_id=job_id, parts=received.parts, units=units)
        body = orjson.dumps(job_of(session.connection(), viewer, job_id))
        return Done(202, body, {"Location": f"/v1/imports/{job_id}"})

    return step


def steer_import(command: Steer, viewer: Viewer, job_id: int, status: int) -> Step:
    """Pausing, resuming, cancelling, undoing: the command, then the import as it is now."""

    def step(session: Transaction) -> Done:
        command(session, viewer=viewer, job_id=job_id)
        return Done(status, orjson.dumps(job_of(session.connection(), viewer, job_id)))

    return step
