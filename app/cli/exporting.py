"""``fanarchive export``: writes works to files that can be imported again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, BinaryIO
from urllib.parse import quote

import orjson
import typer

from app.accounts.rules import Viewer
from app.cli.opening import open_archive
from app.cli.output import console, errors, progress_bar
from app.config import Settings
from app.db.engine import Database
from app.errors import Invalid
from app.exports.books import dump_books, write_books
from app.exports.dumps import DUMP, NO_FILTERS, dump_records, unknown_names
from app.exports.folder import write_folder
from app.exports.tables import csv_lines
from app.search.archive import Archive, Given
from app.search.reader import SearchIndex

OPERATOR = Viewer(signed_in=True, scopes=frozenset({"admin"}), name="operator")
FORMATS = ("ndjson", "csv", "epub")
_BY_SUFFIX = {".csv": "csv", ".zip": "epub"}


def export(
    filters: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILTER…]", help="Parameters of GET /v1/works, such as fandom=Naruto; all works without."
        ),
    ] = None,
    *,
    to: Annotated[Path, typer.Option(help="File to write, - for standard output, or a folder for all there is.")],
    file_format: Annotated[
        str | None, typer.Option("--format", help=f"One of {', '.join(FORMATS)}; by the file's name by default.")
    ] = None,
) -> None:
    """Write works as JSON lines or books (a .zip) that `import` takes, as a table, or all of the archive as a folder.

    A file gets its name when it is complete; an export of books that was cut off continues when it is run again. Exit
    status 2: nothing was written.
    """
    if to.is_dir() or not (to.suffix or file_format or str(to) == "-"):
        _export_folder(to, filters)
        return
    chosen = file_format or _BY_SUFFIX.get(to.suffix.lower(), "ndjson")
    if chosen not in FORMATS:
        errors.print(f"Unknown: {chosen}. It is one of {', '.join(FORMATS)}.", markup=False)
        raise typer.Exit(2)
    given = _parse(filters or [])
    settings = Settings()
    with open_archive(settings) as database:
        archive = _opened(database, settings, given)
        if str(to) == "-":
            _write(sys.stdout.buffer, archive, given, chosen)
            return
        if chosen == "epub":
            told = _export_books(archive, given, to, filters or [])
        else:
            told = _export_file(archive, given, to, chosen)
    console.print(told, soft_wrap=True, highlight=False)


def _export_file(archive: Archive, given: Given, to: Path, chosen: str) -> str:
    partial = to.with_name(f"{to.name}.part")
    with partial.open("wb") as file:
        count, left_out = _write(file, archive, given, chosen)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(to)
    return f"{count:,} works in {to}" + (f"; {left_out:,} left out: their authors do not allow it" if left_out else "")


def _export_books(archive: Archive, given: Given, to: Path, filters: list[str]) -> str:
    with progress_bar() as bar:
        task = bar.add_task("exporting", total=None, rate="")
        journal = write_books(archive, OPERATOR, given, to, filters, lambda count: bar.update(task, completed=count))
    return journal.remark(f" in {to}")


def _export_folder(folder: Path, filters: list[str] | None) -> None:
    if filters:
        errors.print("A folder holds the whole archive: filters are for files.")
        raise typer.Exit(2)
    settings = Settings()
    with open_archive(settings) as database, progress_bar() as bar:
        task = bar.add_task("exporting", total=None, rate="")

        def show(name: str, count: int) -> None:
            bar.update(task, description=name, completed=count)

        counts = write_folder(database, OPERATOR, settings.secret(), folder, show)
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    console.print(f"{told} in {folder}", soft_wrap=True)


def _parse(filters: list[str]) -> Given:
    """The filters, checked as the API checks them."""
    for one in filters:
        if "=" not in one:
            errors.print(f"A filter is name=value, such as fandom=Naruto; not {one}.", markup=False)
            raise typer.Exit(2)
    pairs = (one.split("=", 1) for one in filters)
    query = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in pairs)
    try:
        return DUMP.parse(query.encode())
    except Invalid as error:
        for problem in error.errors:
            hint = f" Did you mean {problem.suggestion}?" if problem.suggestion else ""
            errors.print(f"{problem.parameter}: {problem.detail}{hint}", markup=False)
        raise typer.Exit(2) from error


def _opened(database: Database, settings: Settings, given: Given) -> Archive:
    index = SearchIndex(settings.index_dir, database)
    if not given.keys() <= NO_FILTERS:
        index.refresh()
    archive = Archive(database, index, settings, settings.secret())
    if not given.keys() <= NO_FILTERS:
        _refuse_unknown(archive, given)
    return archive


def _refuse_unknown(archive: Archive, given: Given) -> None:
    """A name that nothing has is a mistake: a dump of nothing, or of what it was to leave out, would hide it."""
    unknown = unknown_names(archive, OPERATOR, given)
    for one in unknown:
        hint = f" Did you mean {', or '.join(one.suggestions)}?" if one.suggestions else ""
        errors.print(f"{one.parameter}: nothing here is called {one.name}.{hint}", markup=False)
    if unknown:
        raise typer.Exit(2)


def _write(file: BinaryIO, archive: Archive, given: Given, chosen: str) -> tuple[int, int]:
    """How many works were written, and how many left out."""
    count = left_out = 0
    if chosen == "epub":
        file.writelines(dump_books(archive, OPERATOR, given))
        return count, left_out
    with progress_bar() as bar:
        task = bar.add_task("exporting", total=None, rate="")

        def leave_out(number: int) -> None:
            nonlocal left_out
            left_out += number

        def works() -> Iterator[dict[str, object]]:
            nonlocal count
            batches = dump_records(archive, OPERATOR, given, text=chosen == "ndjson", leave_out=leave_out)
            for record in chain.from_iterable(batches):
                yield record
                count += 1
                bar.update(task, completed=count)

        lines = csv_lines(works()) if chosen == "csv" else (orjson.dumps(work) + b"\n" for work in works())
        file.writelines(lines)
    return count, left_out
