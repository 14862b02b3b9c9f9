"""A whole import: from paths to one report row per item. Memory holds one batch, whatever the size of the input."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from app.config import Settings
from app.db.engine import Database
from app.formats.clusters import Found, read_cluster
from app.formats.folder_plan import Cluster, plan
from app.formats.manuscript import Manuscript, ReadItem
from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from app.formats.sandbox import Sandbox, SandboxLimits
from app.formats.unpacking import Limits
from app.imports.commands.storing import Importer, Then, identities_of
from app.imports.planning import ItemResult
from app.imports.prepare import prepare
from app.imports.shelves import STDIN, Shelf, shelves
from app.imports.weighing import place_of
from app.works.drafts import WorkDraft
from app.works.queries.identities import Identity
from app.works.texts import BadMember

BATCH = 1_000
BATCH_BYTES = 16_000_000
OUTCOMES = ("created", "updated", "unchanged", "failed")


@dataclass(slots=True)
class ItemRow:
    """What the report says of one item."""

    index: int
    input: str
    key: str | None
    outcome: str
    work_id: int | None = None
    problem: dict[str, Any] | None = None
    notices: list[str] = field(default_factory=list)
    possible_duplicates: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The row of a report file."""
        return asdict(self)


@dataclass(slots=True)
class Counts:
    """How far an import is."""

    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    alike: int = 0
    """Items with possible duplicates."""
    started: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Items a second since the start."""
        return self.seen / max(1e-6, time.monotonic() - self.started)


@dataclass(slots=True)
class _Pending:
    """An item that waits for its batch; one that has failed already waits too, so that rows come in order."""

    index: int
    input: str
    key: str | None
    draft: WorkDraft | None = None
    problem: dict[str, Any] | None = None


class ImportRun:
    """Imports items and reports each; ``dry_run`` looks up what would happen and writes nothing.

    ``keep`` writes rows in the transaction of the works that they tell of. Indexes go on from ``first``.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        report: Callable[[ItemRow], None],
        *,
        dry_run: bool = False,
        progress: Callable[[Counts], None] | None = None,
        importer: Importer | None = None,
        keep: Callable[[Session, list[ItemRow]], None] | None = None,
        first: int = 0,
    ) -> None:
        self.settings = settings
        self.report = report
        self.dry_run = dry_run
        self.importer = importer or Importer(database)
        self.counts = Counts()
        self._first = first
        self._keep = keep
        self._progress = progress or (lambda _counts: None)
        self._batch: list[_Pending] = []
        self._identities: set[Identity] = set()
        self._bytes = 0

    def add(self, item: ReadItem, file_key: str | None) -> None:
        """Take one item: checked now, stored with its batch."""
        index = self._first + self.counts.seen
        self.counts.seen += 1
        if item.manuscript is None:
            unreadable = {"code": "unreadable", "detail": "It cannot be read."}
            self._fail(index, item.input, item.key, item.problem or unreadable)
            return
        try:
            draft = prepare(item.manuscript, self.settings, file_key=file_key, known_beside=item.known_beside)
        except BadMember as error:
            self._fail(index, item.input, item.manuscript.key, error.as_problem())
            return
        if item.format is not None:
            draft.format, draft.place = item.format, place_of(item.format, item.entry or item.file)
        identities = identities_of(draft, self.importer.importer)
        if not self._identities.isdisjoint(identities):
            self.flush()
        self._identities.update(identities)
        self._batch.append(_Pending(index, item.input, item.manuscript.key, draft))
        self._bytes += sum(len(chapter.content) for chapter in draft.chapters)
        if len(self._batch) >= BATCH or self._bytes >= BATCH_BYTES:
            self.flush()

    def _fail(self, index: int, where: str, key: str | None, problem: dict[str, Any]) -> None:
        self._batch.append(_Pending(index, where, key, problem=problem))
        if len(self._batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Store what is waiting."""
        if not self._batch:
            return
        rows: list[ItemRow] = []

        def then(session: Session, results: list[ItemResult]) -> None:
            rows[:] = _rows(self._batch, results)
            if self._keep is not None:
                self._keep(session, rows)

        drafts = [pending.draft for pending in self._batch if pending.draft is not None]
        if self._keep is not None:
            self._store(drafts, then)
        else:
            rows = _rows(self._batch, self._store(drafts, None) if drafts else [])
        for row in rows:
            setattr(self.counts, row.outcome, getattr(self.counts, row.outcome) + 1)
            self.counts.alike += bool(row.possible_duplicates)
            self.report(row)
        self._batch.clear()
        self._identities.clear()
        self._bytes = 0
        self._progress(self.counts)

    def _store(self, drafts: list[WorkDraft], then: Then | None) -> list[ItemResult]:
        return self.importer.preview(drafts, then) if self.dry_run else self.importer.store(drafts, then)

    def finish(self) -> Counts:
        """Store the rest and settle what could only be settled at the end."""
        self.flush()
        if not self.dry_run and (self.counts.created or self.counts.updated):
            self.importer.finish()
        return self.counts


def _rows(batch: list[_Pending], results: list[ItemResult]) -> list[ItemRow]:
    """The rows of a batch in its order; ``results`` are those of what could be prepared."""
    stored = iter(results)
    rows = []
    for pending in batch:
        result = ItemResult("failed", problem=pending.problem) if pending.draft is None else next(stored)
        where = (pending.index, pending.input, pending.key)
        alike = [one.as_json() for one in result.alike]
        rows.append(ItemRow(*where, result.outcome, result.work_id, result.problem, result.notices, alike))
    return rows


def import_items(run: ImportRun, items: Iterable[tuple[ReadItem, str | None]]) -> Counts:
    """Run a whole stream of items through an import."""
    for item, file_key in items:
        run.add(item, file_key)
    return run.finish()


def import_manuscripts(run: ImportRun, manuscripts: Iterable[Manuscript], name: str) -> Counts:
    """Import works that were made rather than read."""
    named = (ReadItem(f"{name} {number}", manuscript) for number, manuscript in enumerate(manuscripts, 1))
    return import_items(run, ((item, None) for item in named))


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What reading a file may cost, and what an archive of files may hold."""

    file: SandboxLimits = field(default_factory=SandboxLimits)
    archive: Limits = field(default_factory=Limits)


def reading_limits(settings: Settings) -> ReadingLimits:
    """The limits as the settings have them."""
    return ReadingLimits(
        SandboxLimits(settings.import_file_seconds, settings.import_file_memory),
        Limits(settings.import_archive_entries, settings.import_archive_bytes),
    )


def read_files(
    paths: Iterable[Path],
    stdin: BinaryIO | None,
    options: ReadOptions,
    name: str | None,
    limits: ReadingLimits | None = None,
    on_passed: Callable[[int], None] = lambda _count: None,
) -> Iterator[tuple[ReadItem, str | None]]:
    """The items of files (``-`` is ``stdin``) and what identifies a work whose file says nothing else.

    ``on_passed`` is told how many files of a folder are passed over: covers, metadata, what systems leave behind.
    """
    limits = limits or ReadingLimits()
    with Sandbox(limits.file) as sandbox:
        read = partial(read_stream, limits=limits.archive, read=sandbox.read)
        for shelf in shelves(paths):
            on_passed(shelf.passed)
            if stdin is not None and shelf.files[:1] == [STDIN]:
                for item in read(stdin, "-", options, name):
                    yield item, None
                continue
            yield from _read_shelf(shelf, options, name, read)


def _read_shelf(
    shelf: Shelf, options: ReadOptions, name: str | None, read: Callable[..., Iterator[ReadItem]]
) -> Iterator[tuple[ReadItem, str | None]]:
    """The items of the files of a folder: those that belong together, and each other one."""
    names = [path.name for path in shelf.files]
    paths = dict(zip(names, shelf.files, strict=True))
    clusters = [Cluster((index,)) for index in range(len(names))]
    if name is None:
        clusters = plan(names, shelf.size_of, shelf.called)
    founds = [Found(path.name, path.name, partial(_open, path)) for path in shelf.files]
    for cluster in clusters:
        if cluster.is_one and names[cluster.files[0]] in shelf.beside:
            continue
        path = shelf.files[cluster.all[0]]
        try:
            if cluster.is_one:
                with path.open("rb") as stream:
                    for item in read(stream, path.name, options, name):
                        yield item, _file_key(path, item)
                continue
            for found, item in read_cluster(founds, cluster, options, read):
                yield item, _file_key(paths[found.name], item)
        except OSError as error:
            problem = {"code": "unreadable", "detail": str(error.strerror or error)}
            yield ReadItem(str(path), problem=problem), None


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _file_key(path: Path, item: ReadItem) -> str | None:
    """What stands for a work that fills its file: the file's path, and its name within an archive."""
    if not item.alone:
        return None
    return str(path.resolve()) if item.entry is None else f"{path.resolve()}: {item.entry}"
