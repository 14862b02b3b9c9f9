"""A whole dump into an archive: records like any import, and with each work what its record has no word for.

The same dump again changes nothing. Ids are this archive's own; those of the dump only join its files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

from app.config import Settings
from app.db.bulk import batches
from app.db.engine import Database
from app.formats.manuscript import ReadItem
from app.formats.problems import Unreadable
from app.formats.record import manuscript_of
from app.imports.commands.storing import Importer, Then
from app.imports.errors import BadDump
from app.imports.facts import ActFacts, AuthorFacts, Manifest, RevisionFacts, SeriesFacts, WorkFacts
from app.imports.keeping import keep_text
from app.imports.planning import ItemResult, Plan
from app.imports.prepare import limits_of
from app.imports.restored_acts import Restored, restore_acts
from app.imports.restored_rows import ensure_authors, ensure_series, restore_facts, restore_revisions
from app.imports.runner import Counts, ImportRun, ItemRow, import_items
from app.tags.acts import BY_DUMP
from app.tags.bulk.importing import TableImport
from app.works.commands.bulk import ResolvedWork
from app.works.commands.sketching import mark_for_sketching
from app.works.drafts import WorkDraft
from app.works.queries.before import works_before
from app.works.texts import BadMember, clean_content, clean_prose

MANIFEST, ACTS = "manifest.json", "acts.ndjson"
ROWS_AT_ONCE = 500
LONGEST_LINE = 64 * 1024 * 1024
Line = TypeVar("Line", bound=BaseModel)


def is_dump(path: Path) -> bool:
    """Whether a path is a folder that holds a whole dump."""
    return (path / MANIFEST).is_file()


def restore_folder(
    database: Database, settings: Settings, folder: Path, report: Callable[[ItemRow], None], progress: Any = None
) -> Counts:
    """Bring in a dump: tags, authors, series, works, and what chapters were before. Raises :class:`BadDump`."""
    manifest = _manifest(folder)
    with (folder / "tags.ndjson").open("rb") as tags:
        TableImport(database, by=BY_DUMP, shape="tags").run([("tags.ndjson", tags)], lambda _row: None)
    importer = RestoringImporter(database, manifest.origin)
    for authors in batches(_lines(folder / "authors.ndjson", AuthorFacts), ROWS_AT_ONCE):
        with database.write() as session:
            found = ensure_authors(session.connection(), [_clean_author(one, settings) for one in authors])
        importer.authors |= found
    for series in batches(_lines(folder / "series.ndjson", SeriesFacts), ROWS_AT_ONCE):
        with database.write() as session:
            cleaned = [_clean_series(one, settings) for one in series]
            importer.series |= ensure_series(session.connection(), cleaned, importer.authors)
    run = ImportRun(database, settings, report, progress=progress, importer=importer)
    counts = import_items(run, ((item, None) for item in importer.read(folder / "works.ndjson")))
    for revisions in batches(_lines(folder / "revisions.ndjson", RevisionFacts), ROWS_AT_ONCE):
        cleaned_revisions = [_clean_revision(one, settings) for one in revisions if one.work_id in importer.works]
        with database.write() as session:
            restore_revisions(session.connection(), cleaned_revisions, importer.works)
    if (folder / ACTS).is_file():  # dumps of before have none
        _restore_acts(database, folder / ACTS)
    return counts


def _restore_acts(database: Database, path: Path) -> None:
    """What was done to tags, a transaction there a transaction here."""
    restored = Restored()
    for _, acts in groupby(_lines(path, ActFacts), key=lambda act: (act.at, act.signed_by)):
        with database.write() as session:
            restore_acts(session.connection(), list(acts), restored)


class RestoringImporter(Importer):
    """Stores works under the authors and in the series of a dump, in the state they were in there."""

    def __init__(self, database: Database, origin: str) -> None:
        super().__init__(database)
        self.origin = origin
        self.authors: dict[int, tuple[int, str]] = {}
        self.series: dict[int, tuple[int, str]] = {}
        self.works: dict[int, int] = {}
        """Ids here by those of the dump."""
        self._waiting: dict[str, tuple[int, WorkFacts]] = {}
        """What the works of the next batch have beside their records, by their keys."""

    def read(self, path: Path) -> Iterator[ReadItem]:
        """The records of a dump; one that cannot be read is a failed item."""
        with path.open("rb") as file:
            for number, line in enumerate(_bounded(file), 1):
                where = f"{path.name} line {number}"
                try:
                    yield ReadItem(where, self._manuscript(line))
                except Unreadable as error:
                    yield ReadItem(where, problem=error.as_problem())

    def _manuscript(self, line: bytes) -> Any:
        try:
            record = orjson.loads(line)
            dump_id = int(record["id"])
            facts = WorkFacts.model_validate(record.pop("archive"))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            pointer = "/archive" + "".join(f"/{part}" for part in first["loc"])
            raise Unreadable("bad-value", f"{first['msg']}.", pointer) from error
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable("not-of-a-dump", "It is no line of a dump: a record with `id` and `archive`.") from error
        # Shown to nobody before it is in the state that it was in.
        record["state"] = "published" if facts.state == "published" else "draft"
        record["key"] = f"dump/{self.origin}/{dump_id}"
        manuscript = manuscript_of(record)
        self._waiting[f"key:{record['key']}"] = (dump_id, facts)
        return manuscript

    def store(self, drafts: Sequence[WorkDraft], then: Then | None = None) -> list[ItemResult]:
        """The same, and which works they are here is remembered for what comes after."""
        results = super().store(drafts, then)
        for draft, result in zip(drafts, results, strict=True):
            dump_id, facts = self._waiting.pop(draft.keys[0])
            if result.work_id is not None:
                self.works[dump_id] = result.work_id
            elif (result.problem or {}).get("code") == "withdrawn" and facts.state in {"hidden", "deleted"}:
                result.outcome, result.problem = "unchanged", None
        return results

    def _store(self, connection: Connection, drafts: Sequence[WorkDraft]) -> list[ItemResult]:
        results = super()._store(connection, drafts)
        stored = [
            (result.work_id, self._waiting[draft.keys[0]][1])
            for draft, result in zip(drafts, results, strict=True)
            if result.outcome in {"created", "updated"} and result.work_id is not None
        ]
        restore_facts(connection, stored, self.series)
        return results

    def _recognise(self, connection: Connection, drafts: Sequence[WorkDraft], results: Sequence[ItemResult]) -> None:
        """Later: which chapters count is known when the works are in the state that they were in."""
        del drafts
        mark_for_sketching(connection, [result.work_id for result in results if result.work_id is not None])

    def _weigh(self, connection: Connection, plan: Plan) -> None:
        """A dump says all; only a work without chapters in it cannot be told from one that lost them."""
        before = works_before(connection, [work.work_id for _, work in plan.update])
        for _, work in plan.update:
            keep_text(work.draft, before[work.work_id])

    def _sign(self, connection: Connection, works: Sequence[ResolvedWork]) -> None:
        for work in works:
            facts = self._waiting[work.draft.keys[0]][1]
            work.authors = [self.authors[one] for one in facts.authors if one in self.authors]
            work.series = sorted(
                (*self.series[one.series_id], one.position) for one in facts.series if one.series_id in self.series
            )
        super()._sign(connection, [work for work in works if not work.authors])


def _manifest(folder: Path) -> Manifest:
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (ValidationError, OSError) as error:
        raise BadDump(f"{folder / MANIFEST} is not that of a dump that this program reads.") from error


def _bounded(file: Any) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        yield line


def _lines(path: Path, model: type[Line]) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, line in enumerate(_bounded(file), 1):
            try:
                yield model.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                place = ".".join(map(str, first["loc"]))
                raise BadDump(f"{path.name} line {number}: {place}: {first['msg']}.") from error


def _clean_author(author: AuthorFacts, settings: Settings) -> AuthorFacts:
    limits = limits_of(settings)
    return author.model_copy(update={"bio": clean_prose(author.bio, "/bio", limits.chapter, limits)})


def _clean_series(series: SeriesFacts, settings: Settings) -> SeriesFacts:
    limits = limits_of(settings)
    return series.model_copy(update={"summary": clean_prose(series.summary, "/summary", limits.chapter, limits)})


def _clean_revision(revision: RevisionFacts, settings: Settings) -> RevisionFacts:
    limits = limits_of(settings)
    place = f"revisions.ndjson, work {revision.work_id}, chapter {revision.position}, revision {revision.revision}"
    try:
        parts = {
            name: clean_prose(getattr(revision, name), f"/{name}", limits.chapter, limits)
            for name in ("summary", "notes", "end_notes")
        }
        content, _ = clean_content(revision.content, "html", "/content", limits)
    except BadMember as error:
        raise BadDump(f"{place}: {error.detail}") from error
    return revision.model_copy(update=parts | {"content": content})
