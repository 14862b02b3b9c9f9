"""``fanarchive import``: imports files, folders and standard input."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Self

import orjson
import typer
from rich.markup import escape

from app.cli.duplicates import told_alike
from app.cli.indexing import indexing
from app.cli.opening import open_archive
from app.cli.output import console, errors, progress_bar
from app.cli.remote import Remote, RemoteFailed, RemoteRun
from app.config import Settings
from app.db.engine import Database
from app.formats.options import ReadOptions
from app.formats.registry import NAMES
from app.imports.commands.storing import Importer
from app.imports.parameters import MODES
from app.imports.restoring import is_dump, restore_folder
from app.imports.rules import Rights
from app.imports.runner import (
    Counts,
    ImportRun,
    ItemRow,
    import_items,
    read_files,
    reading_limits,
)
from app.imports.shelves import walk
from app.jobs.changes import newest_position
from app.kit.languages import language_tag
from app.kit.names import TokenKind, parse_ao3_token
from app.search.reader import SearchIndex

SHOWN_FAILURES = 20
SHOWN_ALIKE = 20
Name = Annotated[str | None, typer.Option(help="For works that do not say it.")]
Names = Annotated[list[str] | None, typer.Option(help="For works that name none; repeatable.")]


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, or - for standard input.")],
    *,
    file_format: Annotated[
        str | None, typer.Option("--format", help=f"One of {', '.join(NAMES)}; detected by default.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen; write nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="File for one JSON line per item.")] = None,
    title: Name = None,
    author: Names = None,
    fandom: Names = None,
    character: Names = None,
    relationship: Names = None,
    freeform: Names = None,
    rating: Name = None,
    language: Name = None,
    status: Name = None,
    mode: Annotated[
        str, typer.Option(help="create_only leaves existing works alone; replace also overwrites edits made here.")
    ] = "upsert",
    url: Annotated[str | None, typer.Option(help="Import into an archive elsewhere: https://archive.example.")] = None,
    token: Annotated[str, typer.Option(envvar="FANARCHIVE_TOKEN", help="The token for that archive.")] = "",
) -> None:
    """Import works. What a file does not say can be given as options.

    Exit status 0: everything was imported; 1: some items failed; 2: nothing could be done.
    """
    _check(paths, file_format, mode)
    if any(map(is_dump, paths)) and (len(paths) > 1 or dry_run or url):
        errors.print("A dump of a whole archive is imported by itself, without --dry-run and --url.")
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
        language=_language(language),
        status=_token("status", status),
    )
    settings = Settings()
    stdin = sys.stdin.buffer if any(str(path) == "-" for path in paths) else None
    with _Report(report) as shown:
        if url is not None:
            given = _params(options, file_format, mode, dry_run=dry_run)
            run = RemoteRun(Remote(url, token), given, shown.tell, shown.progress, whole=report is not None)
            try:
                counts = run.run(paths, stdin, file_format)
            except RemoteFailed as failed:
                errors.print(f"[bold red]error:[/] {escape(str(failed))}")
                raise typer.Exit(2) from failed
        else:
            with open_archive(settings) as database:
                counts = _run(database, settings, paths, stdin, options, file_format, mode, shown, dry_run=dry_run)
    shown.count_the_rest(counts)
    console.print(
        f"{counts.seen:,} seen: {counts.created:,} created, {counts.updated:,} updated,"
        f" {counts.unchanged:,} unchanged, {counts.failed:,} failed ({counts.rate:,.0f}/s)"
        + (f", {counts.alike:,} with possible duplicates" if counts.alike else "")
        + (f", {shown.passed:,} other file{'s' if shown.passed > 1 else ''} passed over" if shown.passed else "")
        + (" — dry run, nothing was written" if dry_run else ""),
        soft_wrap=True,
    )
    if counts.failed:
        raise typer.Exit(2 if counts.failed == counts.seen else 1)
    if not counts.seen:
        errors.print("There was nothing to import.")
        raise typer.Exit(2)


def _check(paths: list[Path], name: str | None, mode: str) -> None:
    for path in paths:
        if str(path) != "-" and not path.exists():
            errors.print(f"There is no {path}.")
            raise typer.Exit(2)
    if name is not None and name not in NAMES:
        errors.print(f"Unknown format {name}: one of {', '.join(NAMES)}.")
        raise typer.Exit(2)

    if mode not in MODES:
        errors.print(f"Unknown mode {mode}: one of {', '.join(MODES)}.")
        raise typer.Exit(2)


def _token(kind: TokenKind, value: str | None) -> Any:
    if value is None:
        return None
    token = parse_ao3_token(kind, value)
    if token is None:
        errors.print(f"Unknown {kind} “{value}”.")
        raise typer.Exit(2)
    return token


def _language(value: str | None) -> str | None:
    if value is None:
        return None
    tag = language_tag(value)
    if tag is None:
        errors.print(f"Unknown language “{value}”: a BCP 47 tag, such as en or pt-BR, or a name.", markup=False)
        raise typer.Exit(2)
    return tag


def _params(options: ReadOptions, file_format: str | None, mode: str, *, dry_run: bool) -> dict[str, Any]:
    """The same options as parameters of the API."""
    given = {name.removesuffix("s") if name != "status" else name: value for name, value in asdict(options).items()}
    return given | {"format": file_format, "mode": mode, "dry_run": "true" if dry_run else None}


class _Report:
    """The report file, the first failures on the terminal, and a bar."""

    def __init__(self, path: Path | None) -> None:
        self._out = path.open("wb") if path else None
        self._bar = progress_bar()
        self._task = self._bar.add_task("importing", total=None, rate="")
        self._shown = 0
        self._alike = 0
        self.passed = 0
        """Files of folders that are no works."""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
        if self._out is not None:
            self._out.close()

    def tell(self, row: ItemRow) -> None:
        """One item."""
        if self._out is not None:
            self._out.write(orjson.dumps(row.as_json()) + b"\n")
        if row.outcome == "failed" and self._shown < SHOWN_FAILURES:
            self._shown += 1
            problem = row.problem or {}
            where = f" at {problem['pointer']}" if problem.get("pointer") else ""
            errors.print(f"{row.input}: {problem.get('code')}{where}: {problem.get('detail')}", markup=False)
        if row.possible_duplicates and self._alike < SHOWN_ALIKE:
            self._alike += 1
            errors.print(
                f"{row.input}: possible duplicate: {told_alike(row.possible_duplicates[0])}",
                markup=False,
                soft_wrap=True,
            )

    def pass_over(self, count: int) -> None:
        """Some files that are no works."""
        self.passed += count

    def progress(self, counts: Counts) -> None:
        """How far it is."""
        self._bar.update(self._task, completed=counts.seen, rate=f"{counts.rate:,.0f}/s")

    def say(self, what: str) -> None:
        """What is being done."""
        self._bar.update(self._task, description=what)

    def count_the_rest(self, counts: Counts) -> None:
        """Say how many failures and possible duplicates were not shown."""
        if counts.failed > self._shown:
            errors.print(f"… and {counts.failed - self._shown:,} more failed; --report FILE has them all.")
        if counts.alike > self._alike:
            errors.print(f"… and {counts.alike - self._alike:,} more with possible duplicates.")


def _run(
    database: Database,
    settings: Settings,
    paths: list[Path],
    stdin: BinaryIO | None,
    options: ReadOptions,
    name: str | None,
    mode: Any,
    shown: _Report,
    *,
    dry_run: bool,
) -> Counts:
    with indexing(settings, needed=not dry_run) as indexer:
        total = None if stdin else sum(path.stat().st_size for path in walk(paths))
        shown.say(f"importing {total / 1e6:,.1f} MB" if total else "importing")
        if is_dump(paths[0]):
            counts = restore_folder(database, settings, paths[0], shown.tell, shown.progress)
        else:
            importer = Importer(database, Rights(mode=mode))
            run = ImportRun(database, settings, shown.tell, dry_run=dry_run, progress=shown.progress, importer=importer)
            limits = reading_limits(settings)
            counts = import_items(run, read_files(paths, stdin, options, name, limits, shown.pass_over))
        if indexer is not None:
            shown.say("indexing")
            indexer.hurry()
            wait_until_searchable(database, settings)
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
