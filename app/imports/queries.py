"""Jobs, their counts and their items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select

from app.accounts.rules import Viewer, is_admin
from app.db.pages import RowPage, Slice, page_of
from app.imports.errors import ImportNotFound
from app.imports.rules import importer_of, may_see
from app.imports.weighing import Input
from app.models import ImportChunk, ImportFile, ImportItem, ImportJob, ImportUnit, WorkInput

LOOKUP = 500


@dataclass(frozen=True, slots=True)
class Only:
    """Which items of a job are asked for; ``alike`` is whether they have possible duplicates."""

    outcome: str | None = None
    undone: str | None = None
    alike: bool | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: the sum of its units."""

    done: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    total: int | None = None
    change: int | None = None
    alike: int = 0


JOB = (
    ImportJob.id, ImportJob.state, ImportJob.mode, ImportJob.dry_run, ImportJob.format, ImportJob.bytes,
    ImportJob.created_at, ImportJob.started_at, ImportJob.finished_at, ImportJob.problem, ImportJob.undo,
    ImportJob.importer, ImportJob.by,
)  # fmt: skip
ITEM = (
    ImportItem.number, ImportItem.input, ImportItem.key, ImportItem.outcome, ImportItem.work_id, ImportItem.problem,
    ImportItem.notices, ImportItem.possible_duplicates, ImportItem.undone,
)  # fmt: skip


def job_row(connection: Connection, viewer: Viewer, job_id: int) -> Any:
    """One job that the caller may see."""
    row = connection.execute(select(*JOB).where(ImportJob.id == job_id)).one_or_none()
    if row is None or row.state == "receiving" or not may_see(viewer, row.importer):
        raise ImportNotFound
    return row


def job_rows(connection: Connection, viewer: Viewer, state: str | None, asked: Slice) -> RowPage:
    """The caller's jobs, newest first; admins find all."""
    conditions = [ImportJob.state != "receiving"]
    if not is_admin(viewer):
        conditions.append(ImportJob.importer == importer_of(viewer))
    if state is not None:
        conditions.append(ImportJob.state == state)
    return page_of(connection, select(*JOB), ImportJob.id, conditions, asked)


def progress_of(connection: Connection, ids: Sequence[int]) -> dict[int, Progress]:
    """How far some jobs are."""
    unit = ImportUnit
    reads = unit.kind.in_(("lines", "files"))
    unknown = func.sum(case((reads & unit.count.is_(None), 1), else_=0))
    query = (
        select(
            unit.job_id,
            func.sum(case((reads, unit.done), else_=0)),
            func.sum(unit.created),
            func.sum(unit.updated),
            func.sum(unit.unchanged),
            func.sum(unit.failed),
            func.sum(case((reads, func.coalesce(unit.count, 0)), else_=0)),
            unknown,
            func.max(unit.change),
        )
        .where(unit.job_id.in_(ids), unit.kind != "undo")
        .group_by(unit.job_id)
    )
    found = {}
    alike = alike_of(connection, ids)
    for job_id, done, created, updated, unchanged, failed, total, missing, change in connection.execute(query):
        known = None if missing else int(total)
        counts = (int(done), int(created), int(updated), int(unchanged), int(failed))
        found[job_id] = Progress(*counts, total=known, change=change, alike=alike.get(job_id, 0))
    return found


def undone_of(connection: Connection, job_id: int) -> dict[str, int]:
    """What an undo has done so far: how many works were withdrawn, and how many left."""
    query = select(ImportItem.undone, func.count()).where(
        ImportItem.job_id == job_id, ImportItem.outcome == "created", ImportItem.undone.is_not(None)
    )
    return {str(row[0]): row[1] for row in connection.execute(query.group_by(ImportItem.undone))}


def alike_of(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """How many items of some jobs have possible duplicates."""
    query = select(ImportItem.job_id, func.count()).where(ImportItem.job_id.in_(ids), _IS_ALIKE)
    return {row[0]: row[1] for row in connection.execute(query.group_by(ImportItem.job_id))}


# As the partial index has it.
_IS_ALIKE = ImportItem.possible_duplicates.is_not(None)


def item_rows(connection: Connection, job_id: int, only: Only, asked: Slice) -> RowPage:
    """The items of a job in order, those that are asked for."""
    conditions = [ImportItem.job_id == job_id]
    if only.outcome is not None:
        conditions.append(ImportItem.outcome == only.outcome)
    if only.undone is not None:
        conditions.append(ImportItem.undone == only.undone)
    if only.alike is not None:
        conditions.append(_IS_ALIKE if only.alike else ~_IS_ALIKE)
    return page_of(connection, select(*ITEM), ImportItem.number, conditions, asked, newest_first=False)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a job, by its place in what came in."""

    name: str
    begins: int
    ends: int
    format: str | None


def files_of(connection: Connection, job_id: int, first: int, last: int) -> list[StoredFile]:
    """Some files of a job, in order."""
    columns = (ImportFile.name, ImportFile.begins, ImportFile.ends, ImportFile.format)
    query = select(*columns).where(ImportFile.job_id == job_id, ImportFile.number.between(first, last))
    return [StoredFile(*row) for row in connection.execute(query.order_by(ImportFile.number))]


def has_chunks(connection: Connection, job_id: int) -> bool:
    """Whether what came in is still here."""
    query = select(ImportChunk.number).where(ImportChunk.job_id == job_id).limit(1)
    return connection.execute(query).first() is not None


def inputs_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[Input]]:
    """The files that told what stands of some works, the oldest first; one statement for each 500."""
    found: dict[int, list[Input]] = {}
    columns = (
        WorkInput.place, WorkInput.format, WorkInput.digest, WorkInput.told, WorkInput.day, WorkInput.chapters,
    )  # fmt: skip
    for start in range(0, len(ids), LOOKUP):
        query = select(WorkInput.work_id, *columns).where(WorkInput.work_id.in_(ids[start : start + LOOKUP]))
        for row in connection.execute(query.order_by(WorkInput.taken_at, WorkInput.place)):
            found.setdefault(row.work_id, []).append(Input(*row[1:]))
    return found
