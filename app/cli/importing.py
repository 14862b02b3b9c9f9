"""``fanarchive import``: files into works."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import orjson
import typer

from app.cli.opening import indexing, open_archive
from app.cli.output import console, errors, progress_bar
from app.config import Settings
from app.db.engine import Database
from app.formats.options import ReadOptions
from app.formats.registry import NAMES
from app.imports.restoring import is_dump, restore_folder
from app.imports.runner import (
    Counts,
    ImportRun,
    ItemRow,
    import_items,
    read_files,
    reading_limits,
    walk,
)
from app.jobs.changes import newest_position
from app.kit.names import TokenKind, parse_ao3_token
from app.search.reader import SearchIndex

SHOWN_FAILURES = 20
Names = Annotated[list[str] | None, typer.Option()]


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, or - for standard input.")],
    *,
    file_format: Annotated[
        str | None, typer.Option("--format", help=f"One of {', '.join(NAMES)}; found out by default.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen, change nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write a JSON line an item.")] = None,
    title: str | None = None,
    author: Names = None,
    fandom: Names = None,
    character: Names = None,
    relationship: Names = None,
    freeform: Names = None,
    rating: str | None = None,
    language: str | None = None,
    status: str | None = None,
) -> None:
    """Import works. What a file does not say can be given as options.

    Exit code 0: all well; 1: some items failed; 2: nothing could be done.
    """
    _check(paths, file_format)
    if any(map(is_dump, paths)) and (len(paths) > 1 or dry_run):
        errors.print("A dump of a whole archive comes in alone, and not as a trial.")
        raise typer.Exit(2)
    # Millions of small objects that live a batch long: the collector would look through the caches again and again.
    gc.set_threshold(200_000, 20, 100)
    options = ReadOptions(
        title=title,
        authors=author or [],
        fandoms=fandom or [],
        characters=character or [],
        relationships=relationship or [],
        freeforms=freeform or [],
        rating=_token("rating", rating),
        language=language,
        status=_token("status", status),
    )
    settings = Settings()
    stdin = sys.stdin.buffer if any(str(path) == "-" for path in paths) else None
    with open_archive(settings) as database:
        counts = _run(database, settings, paths, stdin, options, file_format, report, dry_run=dry_run)
    console.print(
        f"{counts.seen:,} seen: {counts.created:,} created, {counts.updated:,} updated,"
        f" {counts.unchanged:,} unchanged, {counts.failed:,} failed ({counts.rate:,.0f}/s)"
        + (" — dry run, nothing was written" if dry_run else "")
    )
    if counts.failed:
        raise typer.Exit(2 if counts.failed == counts.seen else 1)
    if not counts.seen:
        errors.print("There was nothing to import.")
        raise typer.Exit(2)


def _check(paths: list[Path], name: str | None) -> None:
    for path in paths:
        if str(path) != "-" and not path.exists():
            errors.print(f"There is no {path}.")
            raise typer.Exit(2)
    if name is not None and name not in NAMES:
        errors.print(f"Unknown format {name}: one of {', '.join(NAMES)}.")
        raise typer.Exit(2)


def _token(kind: TokenKind, value: str | None) -> Any:
    if value is None:
        return None
    token = parse_ao3_token(kind, value)
    if token is None:
        errors.print(f"Unknown {kind} “{value}”.")
        raise typer.Exit(2)
    return token


def _run(
    database: Database,
    settings: Settings,
    paths: list[Path],
    stdin: BinaryIO | None,
    options: ReadOptions,
    name: str | None,
    report: Path | None,
    *,
    dry_run: bool,
) -> Counts:
    out = report.open("wb") if report else None
    shown = 0
    with indexing(settings, needed=not dry_run), progress_bar() as bar:
        total = None if stdin else sum(path.stat().st_size for path in walk(paths))
        task = bar.add_task("importing", total=None, rate="")

        def tell(row: ItemRow) -> None:
            nonlocal shown
            if out is not None:
                out.write(orjson.dumps(row.as_json()) + b"\n")
            if row.outcome == "failed" and shown < SHOWN_FAILURES:
                shown += 1
                problem = row.problem or {}
                where = f" at {problem['pointer']}" if problem.get("pointer") else ""
                errors.print(f"{row.input}: {problem.get('code')}{where}: {problem.get('detail')}", markup=False)

        def show(counts: Counts) -> None:
            bar.update(task, completed=counts.seen, rate=f"{counts.rate:,.0f}/s")

        bar.update(task, description=f"importing {total / 1e6:,.1f} MB" if total else "importing")
        try:
            if is_dump(paths[0]):
                counts = restore_folder(database, settings, paths[0], tell, show)
            else:
                run = ImportRun(database, settings, tell, dry_run=dry_run, progress=show)
                counts = import_items(run, read_files(paths, stdin, options, name, reading_limits(settings)))
        finally:
            if out is not None:
                out.close()
        if not dry_run:
            bar.update(task, description="indexing")
            wait_until_searchable(database, settings)
    if counts.failed > shown:
        errors.print(f"… and {counts.failed - shown:,} more failed; --report FILE has them all.")
    return counts


def wait_until_searchable(database: Database, settings: Settings, *, settled: bool = False) -> None:
    """Return when the index of this host has applied all that is in the log now.

    ``settled``: also when what acts on tags reach is indexed, which is in the background where it is much.
    """
    with database.reading() as connection:
        target = newest_position(connection)
    index = SearchIndex(settings.index_dir)
    while not index.wait_for(target, 1.0, settled=settled):
        time.sleep(0.1)
