"""What an archive depends on: room on its disk, and what was left behind there and in its database."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from app.doctor.finding import Examination, Finding, Wrong
from app.imports.commands.jobs import RECEIVING, sweep_jobs
from app.imports.rules import ENDED
from app.jobs.chunks import drop_chunks
from app.models import ImportChunk, ImportJob
from app.search.index import IndexMissing, WriterLock, current_path, sweep

MIB = 1024 * 1024
LEFTOVER_SECONDS = 3_600


def check_disk(examination: Examination) -> Iterator[Finding]:
    """There is room for a second index beside this one: a new version builds one."""
    folder = examination.settings.data_dir
    free = shutil.disk_usage(folder).free
    needed = _size(examination.settings.index_dir) + 256 * MIB
    told = f"{free // MIB:,} MiB are free in the data folder"
    if free < needed:
        yield Finding("disk", "problem", f"{told}; building the index anew takes {needed // MIB:,}", 1)
    else:
        yield Finding("disk", "ok", told)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def check_leftovers(examination: Examination) -> Iterator[Finding]:
    """Files and rows that something which died left behind."""
    wrong = Wrong()
    for path in _left_files(examination):
        wrong.add(path.relative_to(examination.settings.data_dir).as_posix())
        if examination.repair:
            path.unlink(missing_ok=True)
    wrong.add(*_left_generations(examination))
    wrong.add(*_left_uploads(examination))
    text = "files or uploads that something left behind when it died"
    yield wrong.finding("leftovers", text, "nothing lies about", mended=examination.repair, warning=True)


def _left_files(examination: Examination) -> Iterator[Path]:
    before = time.time() - LEFTOVER_SECONDS
    places = ((examination.settings.spool_dir, "*"), (examination.settings.data_dir, "secret.[0-9]*"))
    for folder, pattern in places:
        for path in folder.glob(pattern) if folder.is_dir() else ():
            if path.is_file() and path.stat().st_mtime < before:
                yield path


def _left_generations(examination: Examination) -> list[str]:
    """Generations of the index that nobody uses nor builds: the lock tells whether somebody may be building one."""
    root = examination.settings.index_dir
    lock = WriterLock(root)
    if not root.is_dir() or not lock.acquire():
        return []
    try:
        keep = current_path(root)
        left = [entry.name for entry in root.glob("*-*") if entry.is_dir() and entry != keep]
        if examination.repair:
            sweep(root, keep)
    except IndexMissing:
        return []
    finally:
        lock.release()
    return [f"{root.name}/{name}" for name in left]


def _left_uploads(examination: Examination) -> list[str]:
    """Uploads whose server died, and what was kept of imports that have ended."""
    with examination.database.reading() as connection:
        begun = datetime.now(UTC) - RECEIVING
        dead = select(ImportJob.id).where(ImportJob.state == "receiving", ImportJob.created_at < begun)
        ended = select(ImportChunk.job_id).join(ImportJob, ImportJob.id == ImportChunk.job_id).distinct()
        found = [*connection.execute(dead).scalars()]
        kept = [*connection.execute(ended.where(ImportJob.state.in_(ENDED))).scalars()]
    if examination.repair and (found or kept):
        with examination.database.write() as session:
            sweep_jobs(session, kept=timedelta(days=examination.settings.import_kept_days))
        for job_id in kept:
            drop_chunks(examination.database, job_id)
    return [f"import {job_id}" for job_id in sorted({*found, *kept})]
