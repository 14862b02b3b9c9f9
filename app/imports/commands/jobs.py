"""Making jobs and steering them: pausing, resuming, cancelling, ending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.rules import Viewer, is_admin
from app.imports.cutting import Cut, Part
from app.imports.errors import ImportNotFound, ImportState, TooManyImports
from app.imports.rules import ENDED, importer_of, may_see
from app.jobs.leases import ACTIVE
from app.models import ImportFile, ImportJob, ImportUnit

RECEIVING = timedelta(hours=1)
"""What is not queued after this time never will be: its server died."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an import is asked to be."""

    mode: str = "upsert"
    dry_run: bool = False
    format: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


def begin_job(session: Session, *, viewer: Viewer, wanted: Wanted, size: int, most: int) -> int:
    """A job whose input is now going to be stored; nobody sees it yet. Raises :class:`TooManyImports`."""
    importer, operator = importer_of(viewer), viewer.account_id is None or is_admin(viewer)
    if not operator:
        _check_room(session, importer, most)
    job = ImportJob(
        importer=importer,
        account_id=viewer.account_id,
        by=viewer.name,
        as_admin=operator,
        state="receiving",
        mode=wanted.mode,
        dry_run=wanted.dry_run,
        format=wanted.format,
        options=wanted.options,
        bytes=size,
        created_at=datetime.now(UTC),
    )
    session.add(job)
    session.flush()
    return job.id


def _check_room(session: Session, importer: str, most: int) -> None:
    unfinished = (ImportJob.importer == importer) & ImportJob.state.in_((*ACTIVE, "paused", "receiving"))
    count = session.scalar(select(func.count(ImportJob.id)).where(unfinished)) or 0
    if count >= most:
        raise TooManyImports(f"At most {most} unfinished imports: wait for one, or cancel one.")


def queue_job(session: Session, *, job_id: int, parts: Sequence[Part], units: Sequence[Cut]) -> None:
    """Let workers begin: all that came in is stored."""
    files = [
        {"job_id": job_id, "number": number, "name": part.name, "begins": part.begins, "ends": part.ends,
         "format": part.format}
        for number, part in enumerate(parts)
    ]  # fmt: skip
    session.execute(insert(ImportFile), files)
    rows = [
        {"job_id": job_id, "number": number, "kind": unit.kind, "first_file": unit.first_file,
         "last_file": unit.last_file, "begins": unit.begins, "ends": unit.ends, "first_line": unit.first_line,
         "first_index": unit.first_index, "count": unit.count}
        for number, unit in enumerate(units, 1)
    ]  # fmt: skip
    session.execute(insert(ImportUnit), rows)
    session.execute(insert(ImportUnit), [{"job_id": job_id, "number": len(rows) + 1, "kind": "finish"}])
    session.execute(update(ImportJob).where(ImportJob.id == job_id).values(state="queued"))


def lock_job(session: Session, *, viewer: Viewer, job_id: int) -> ImportJob:
    """A job of the caller's, for changing; admins and operators with the right reach any."""
    job = session.get(ImportJob, job_id, with_for_update=True, populate_existing=True)
    if job is None or job.state == "receiving" or not may_see(viewer, job.importer):
        raise ImportNotFound
    return job


def pause_job(session: Session, *, viewer: Viewer, job_id: int) -> None:
    """Workers stop after the batch they are at."""
    job = lock_job(session, viewer=viewer, job_id=job_id)
    if job.state in ACTIVE:
        job.state = "paused"
    elif job.state != "paused":
        raise ImportState(f"The import is {job.state}: there is nothing to pause.")
    session.flush()


def resume_job(session: Session, *, viewer: Viewer, job_id: int) -> None:
    """Go on where it was paused."""
    job = lock_job(session, viewer=viewer, job_id=job_id)
    if job.state == "paused":
        job.state = "queued"
    elif job.state not in ACTIVE:
        raise ImportState(f"The import is {job.state}: there is nothing to go on with.")
    session.flush()


def cancel_job(session: Session, *, viewer: Viewer, job_id: int) -> None:
    """End it where it is; what it has done stays."""
    job = lock_job(session, viewer=viewer, job_id=job_id)
    if job.state in {*ACTIVE, "paused"}:
        end_job(session, job, "cancelled")
    elif job.state != "cancelled":
        raise ImportState(f"The import has {job.state}: there is nothing to cancel.")
    session.flush()


def end_job(session: Session, job: ImportJob, state: str, problem: dict[str, Any] | None = None) -> None:
    """Set the state that a job ends in."""
    job.state, job.finished_at, job.problem = state, datetime.now(UTC), problem
    session.flush()


def undo_job(session: Session, *, viewer: Viewer, job_id: int) -> None:
    """Have workers withdraw what an import that has ended created; asking again changes nothing."""
    job = lock_job(session, viewer=viewer, job_id=job_id)
    if job.state not in ENDED:
        raise ImportState(f"The import is {job.state}: cancel it first.")
    if job.dry_run:
        raise ImportState("It was a dry run: there is nothing to undo.")
    if job.undo is not None:
        return
    job.undo, job.undo_by, job.claimed_at = "running", viewer.name, None
    last = session.scalar(select(func.max(ImportUnit.number)).where(ImportUnit.job_id == job_id)) or 0
    session.add(ImportUnit(job_id=job_id, number=last + 1, kind="undo", first_index=0))
    session.flush()


def sweep_jobs(session: Session, *, kept: timedelta) -> list[int]:
    """Forget uploads whose server died, and what is too old; the ended jobs whose input may still be here."""
    now = datetime.now(UTC)
    dead = (ImportJob.state == "receiving") & (ImportJob.created_at < now - RECEIVING)
    old = ImportJob.state.in_(ENDED) & (ImportJob.finished_at < now - kept)
    session.execute(delete(ImportJob).where(dead | old))
    return list(session.scalars(select(ImportJob.id).where(ImportJob.state.in_(ENDED))))
