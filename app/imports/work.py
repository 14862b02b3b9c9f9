"""The worker: takes units of jobs, reads their items, stores them in batches, and says how far it is."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.config import Settings
from app.db.bulk import insert_rows
from app.db.engine import Database
from app.db.failures import is_full
from app.formats.clusters import Found, read_cluster
from app.formats.folder_plan import plan
from app.formats.manuscript import ReadItem
from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from app.imports.commands.jobs import end_job, sweep_jobs
from app.imports.commands.rights import ImporterGone, rights_of
from app.imports.commands.storing import Importer
from app.imports.commands.undoing import end_undo, undo_some
from app.imports.cutting import is_of_groups
from app.imports.queries import StoredFile, files_of, has_chunks
from app.imports.receiving import STDIN
from app.imports.runner import ImportRun, ItemRow
from app.jobs.chunks import ChunkReader, drop_chunks
from app.jobs.leases import (
    HEARTBEAT,
    LeaseLost,
    Unit,
    advance,
    claim,
    finish_unit,
    is_work_waiting,
    release,
    release_dead,
    renew,
    worker_name,
)
from app.models import ImportItem, ImportJob
from app.works.commands.sketching import sketch_waiting

log = structlog.get_logger("fanarchive.imports")

POLL = 0.2
LOOK_FOR_DEAD = 1.0
SWEEP = 600.0
MOST_ATTEMPTS = 8
"""A unit that was begun so often without coming further ends its job: what stops it stops every worker."""
READ_BUFFER = 256 * 1024
_COLUMNS = ("job_id", "number", "input", "key", "outcome", "work_id", "problem", "notices", "possible_duplicates")


class Worker:
    """Takes one unit after another until it is told to stop."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings
        self.name = worker_name()
        self._stop = threading.Event()
        self._unit: Unit | None = None
        """What is being worked on: the heartbeat prolongs nothing else, such as what could not be given back."""
        self._importer: tuple[int, Importer] | None = None
        self._looked = 0.0
        self._swept = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; what has been begun goes back."""
        self._stop = stop
        heart = threading.Thread(target=self._beat, args=(stop,), name="heartbeat", daemon=True)
        heart.start()
        while not stop.is_set():
            try:
                busy = self.step()
            except SQLAlchemyError as error:
                log.warning("imports.database", error=type(error).__name__)
                busy = False
            if not busy:
                stop.wait(POLL)
        heart.join()

    def _beat(self, stop: threading.Event) -> None:
        while not stop.wait(HEARTBEAT):
            unit = self._unit
            if unit is None:
                continue
            try:
                with self.database.write() as session:
                    renew(session, unit)
            except SQLAlchemyError as error:
                log.warning("imports.heartbeat", error=type(error).__name__)

    def step(self) -> bool:
        """Work on one unit; whether there was one."""
        self._look_after_others()
        with self.database.current() as connection:
            waits = is_work_waiting(connection)
        if not waits:
            return sketch_waiting(self.database) > 0
        with self.database.write() as session:
            unit = claim(session, self.name)
        if unit is None:
            return False
        self._unit = unit
        try:
            self._work(unit)
        except LeaseLost:
            self._give_back(unit)
        except Exception as error:  # noqa: BLE001  whatever it is, the next job goes on
            self._failed(unit, error)
        finally:
            self._unit = None
        return True

    def _look_after_others(self) -> None:
        now = time.monotonic()
        if now - self._looked > LOOK_FOR_DEAD:
            self._looked = now
            with self.database.write() as session:
                freed = release_dead(session, self.name)
            if freed:
                log.info("imports.taken_up", units=freed)
        if now - self._swept > SWEEP:
            self._swept = now
            with self.database.write() as session:
                ended = sweep_jobs(session, kept=timedelta(days=self.settings.import_kept_days))
            for job_id in ended:
                drop_chunks(self.database, job_id)

    def _work(self, unit: Unit) -> None:
        with self.database.read() as session:
            job = session.get_one(ImportJob, unit.job_id)
        if unit.attempts > MOST_ATTEMPTS:
            self._end(unit, "failed", {"code": "worker-failed", "detail": f"Reading stops at item {_at(unit)}."})
            return
        try:
            {"finish": self._finish, "undo": self._undo}.get(unit.kind, self._read)(unit, job)
        except ImporterGone as gone:
            self._end(unit, "failed", gone.problem)

    def _read(self, unit: Unit, job: ImportJob) -> None:
        importer = self._importer_of(job)
        done = unit.done

        def keep(session: Session, rows: list[ItemRow]) -> None:
            nonlocal done
            counts: dict[str, int] = {}
            for row in rows:
                counts[row.outcome] = counts.get(row.outcome, 0) + 1
            values = [_values(unit.job_id, row) for row in rows]
            insert_rows(session.connection(), ImportItem.__table__, _COLUMNS, values)
            # At the end, because it locks the unit: whoever pauses the job waits for it no longer than for a commit.
            advance(session, unit, done, counts, importer.last_change)
            done += len(rows)

        run = ImportRun(
            self.database, self.settings, lambda _row: None, dry_run=job.dry_run, importer=importer, keep=keep,
            first=unit.first_index + unit.done,
        )  # fmt: skip
        for item in islice(self._items(unit, job), unit.done, None):
            run.add(item, None)
            if self._stop.is_set():
                run.flush()
                self._give_back(unit)
                return
        run.flush()
        with self.database.write() as session:
            finish_unit(session, unit)

    def _importer_of(self, job: ImportJob) -> Importer:
        """An importer remembers tags and authors: the same for all units of a job."""
        if self._importer is None or self._importer[0] != job.id:
            with self.database.read() as session:
                rights = rights_of(session, job)
            self._importer = (job.id, Importer(self.database, rights))
        return self._importer[1]

    def _items(self, unit: Unit, job: ImportJob) -> Iterator[ReadItem]:
        with self.database.current() as connection:
            files = files_of(connection, unit.job_id, unit.first_file, unit.last_file)
        options = ReadOptions(**job.options)
        if is_of_groups(unit.kind, unit.count, unit.first_file, unit.last_file):
            yield from self._grouped(unit.job_id, files, options)
            return
        for file in files:
            if unit.kind == "lines":
                stream = self._open(unit.job_id, unit.begins, unit.ends)
                for item in read_stream(stream, file.name, options, file.format):
                    yield _placed(item, file, unit.first_line)
                continue
            stream = self._open(unit.job_id, file.begins, file.ends)
            for item in read_stream(stream, file.name, options, job.format):
                yield _placed(item, file, 1)

    def _grouped(self, job_id: int, files: Sequence[StoredFile], options: ReadOptions) -> Iterator[ReadItem]:
        """The items of files that belong together."""
        names = [file.name.replace("\\", "/") for file in files]
        founds = [
            Found(name, file.name, partial(self._open, job_id, file.begins, file.ends))
            for name, file in zip(names, files, strict=True)
        ]
        for cluster in plan(names, lambda index: files[index].ends - files[index].begins):
            for _, item in read_cluster(founds, cluster, options, read_stream):
                yield item

    def _open(self, job_id: int, begins: int, ends: int) -> BinaryIO:
        return io.BufferedReader(ChunkReader(self.database, job_id, begins, ends), READ_BUFFER)

    def _finish(self, unit: Unit, job: ImportJob) -> None:
        """What can be settled only when all else is done; doing it again changes nothing."""
        change = None if job.dry_run else self._importer_of(job).finish()
        with self.database.current() as connection:
            stored = has_chunks(connection, job.id)
        if stored:
            drop_chunks(self.database, job.id)
        with self.database.write() as session:
            advance(session, unit, unit.done, {}, change)
            finish_unit(session, unit)
            end_job(session, session.get_one(ImportJob, job.id), "succeeded")
        log.info("imports.succeeded", job=job.id)

    def _undo(self, unit: Unit, job: ImportJob) -> None:
        done = unit.done
        while not self._stop.is_set():
            with self.database.write() as session:
                some = undo_some(session, unit=unit, done=done)
                done += some
                if not some:
                    finish_unit(session, unit)
                    end_undo(session, job_id=job.id)
                    return
        self._give_back(unit)

    def _end(self, unit: Unit, state: str, problem: dict[str, Any]) -> None:
        with self.database.write() as session:
            release(session, unit)
            job = session.get_one(ImportJob, unit.job_id, with_for_update=True)
            end_job(session, job, state, problem)
        log.error("imports.ended", job=unit.job_id, state=state, **problem)

    def _give_back(self, unit: Unit) -> None:
        with self.database.write() as session:
            release(session, unit)

    def _failed(self, unit: Unit, error: Exception) -> None:
        log.error("imports.failed", job=unit.job_id, unit=unit.number, attempts=unit.attempts, exc_info=error)
        # A full disk says nothing of the unit: it is tried until there is room.
        counts = not (isinstance(error, DBAPIError) and is_full(error))
        try:
            with self.database.write() as session:
                release(session, unit, timedelta(seconds=min(30, 2**unit.attempts)), counts=counts)
        except SQLAlchemyError as again:
            log.warning("imports.not_released", error=type(again).__name__)  # its lease ends by itself


def _at(unit: Unit) -> int:
    return unit.first_index + unit.done


def _values(job_id: int, row: ItemRow) -> tuple[Any, ...]:
    told = (row.outcome, row.work_id, row.problem, row.notices, row.possible_duplicates or None)
    return (job_id, row.index, row.input, row.key, *told)


def _placed(item: ReadItem, file: StoredFile, first_line: int) -> ReadItem:
    """The item with the line that it has in its whole file, where it was read from a block of one."""
    name, middle, number = item.input.rpartition(" line ")
    if middle and number.isdigit():
        item.input = f"{name}{middle}{int(number) + first_line - 1}"
    if file.name == STDIN:
        item.input = "body" if item.input == STDIN else item.input.removeprefix(f"{STDIN} ")
    return item
