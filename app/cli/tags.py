"""``fanarchive tags``: imports and exports whole tables of tags."""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import orjson
import typer

from app.cli.importing import SHOWN_FAILURES, wait_until_searchable
from app.cli.indexing import indexing
from app.cli.opening import open_archive
from app.cli.output import console, errors, progress_bar
from app.config import Settings
from app.db.engine import Database
from app.formats.tag_tables.facts import TAG_TYPES
from app.formats.tag_tables.registry import HEAD, NAMES
from app.tags.bulk.exporting import FORMATS, export_tags
from app.tags.bulk.importing import TableCounts, TableImport
from app.tags.bulk.spool import Outcome

app = typer.Typer(help="Tables of tags.", no_args_is_help=True)


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Tables, or - for standard input.")],
    *,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen; write nothing.")] = False,
    given_type: Annotated[
        str | None, typer.Option("--type", help=f"Type of rows that do not say it: {', '.join(TAG_TYPES)}.")
    ] = None,
    shape: Annotated[
        str | None, typer.Option("--format", help=f"One of {', '.join(NAMES)}; detected by default.")
    ] = None,
    replace: Annotated[bool, typer.Option(help="Let the tables override what was decided here.")] = False,
    report: Annotated[Path | None, typer.Option(help="File for one JSON line per row.")] = None,
) -> None:
    """Wrangle tags by tables: canonical tags, synonyms, parents, broader tags.

    Exit status 0: everything was imported; 1: some rows failed; 2: nothing could be done.
    """
    _check(paths, given_type, shape)
    gc.set_threshold(200_000, 20, 100)
    settings = Settings()
    with open_archive(settings) as database:
        work = TableImport(database, given_type=given_type, shape=shape, replace=replace, dry_run=dry_run)
        counts = _run(work, settings, paths, report)
    _sum_up(counts, dry_run=dry_run)
    if counts.failed:
        raise typer.Exit(2 if counts.failed == counts.seen else 1)
    if not counts.seen:
        errors.print("There was nothing to import.")
        raise typer.Exit(2)


def _check(paths: list[Path], given_type: str | None, shape: str | None) -> None:
    for path in paths:
        if str(path) != "-" and not path.is_file():
            errors.print(f"There is no file {path}.", markup=False)
            raise typer.Exit(2)
    for value, known in ((given_type, TAG_TYPES), (shape, NAMES)):
        if value is not None and value not in known:
            errors.print(f"Unknown: {value}. It is one of {', '.join(known)}.", markup=False)
            raise typer.Exit(2)


def _run(work: TableImport, settings: Settings, paths: list[Path], report: Path | None) -> TableCounts:
    with indexing(settings, needed=not work.dry_run), _report(report) as tell, progress_bar() as bar:
        task = bar.add_task("reading", total=None, rate="")

        def show(what: str, done: int, counts: TableCounts) -> None:
            total = counts.seen if what != "reading" else None
            bar.update(task, description=what, completed=done, total=total, rate=f"{counts.rate:,.0f}/s")

        work.progress = show
        counts = work.run(_open(paths), tell)
        if not work.dry_run:
            bar.update(task, description="indexing")
            wait_until_searchable(work.database, settings, settled=True)
    if counts.failed > SHOWN_FAILURES:
        errors.print(f"… and {counts.failed - SHOWN_FAILURES:,} more failed; --report FILE has them all.")
    return counts


@contextmanager
def _report(path: Path | None) -> Iterator[Callable[[Outcome], None]]:
    """Where rows are told: all in a file, the first failures on stderr."""
    shown = 0
    with path.open("wb") if path else nullcontext() as out:

        def tell(row: Outcome) -> None:
            nonlocal shown
            if out is not None:
                out.write(orjson.dumps(row) + b"\n")
            if row.outcome == "failed" and shown < SHOWN_FAILURES:
                shown += 1
                errors.print(_failure(row), markup=False)

        yield tell


def _failure(row: Outcome) -> str:
    problem = row.problem or {}
    where = f" at {problem['pointer']}" if problem.get("pointer") else ""
    return f"{row.input}: {problem.get('code')}{where}: {problem.get('detail')}"


def _open(paths: list[Path]) -> Iterator[tuple[str, BinaryIO]]:
    for path in paths:
        if str(path) == "-":
            # Looked at before it is read, and a pipe gives what it has.
            with tempfile.TemporaryFile(buffering=HEAD) as copy:
                shutil.copyfileobj(sys.stdin.buffer, copy)
                copy.seek(0)
                yield "-", cast("BinaryIO", copy)
            continue
        with path.open("rb", HEAD) as stream:
            yield path.name, stream


def _sum_up(counts: TableCounts, *, dry_run: bool) -> None:
    ending = " — dry run, nothing was written" if dry_run else ""
    console.print(
        f"{counts.seen:,} rows: {counts.created:,} created, {counts.updated:,} updated, {counts.unchanged:,} unchanged,"
        f" {counts.kept:,} kept as they are here, {counts.skipped:,} skipped, {counts.failed:,} failed"
        f" ({counts.rate:,.0f}/s){ending}",
        soft_wrap=True,
    )
    console.print(
        f"{counts.tags:,} tags made, {counts.canonical:,} marked canonical, {counts.synonyms:,} synonyms,"
        f" {counts.parents:,} parents, {counts.broader:,} broader; filters of {counts.works:,} works change",
        soft_wrap=True,
    )


@app.command()
def export(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="File to write, - for standard output.")],
    *,
    file_format: Annotated[
        str | None, typer.Option("--format", help=f"One of {', '.join(FORMATS)}; by the file's name by default.")
    ] = None,
    unwrangled: Annotated[bool, typer.Option("--all", help="Include tags that nobody has wrangled.")] = False,
) -> None:
    """Write all tags as a table that `tags import` reads."""
    chosen = file_format or ("csv" if path.suffix == ".csv" else "ndjson")
    if chosen not in FORMATS:
        errors.print(f"Unknown: {chosen}. It is one of {', '.join(FORMATS)}.", markup=False)
        raise typer.Exit(2)
    with open_archive(Settings()) as database:
        if str(path) == "-":
            _write(database, sys.stdout.buffer, chosen, unwrangled=unwrangled)
            return
        with path.open("wb") as file:
            count = _write(database, file, chosen, unwrangled=unwrangled)
    errors.print(f"{count:,} tags")


def _write(database: Database, file: BinaryIO, file_format: str, *, unwrangled: bool) -> int:
    count = -1 if file_format == "csv" else 0
    with database.reading() as connection:
        for line in export_tags(connection, file_format, unwrangled=unwrangled):
            file.write(line)
            count += 1
    return count
