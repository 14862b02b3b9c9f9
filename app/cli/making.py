"""``fanarchive make-works``: works to load an archive with, as lines, or straight into the archive."""

from __future__ import annotations

import gc
import io
import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from app.cli.importing import wait_until_searchable
from app.cli.indexing import indexing
from app.cli.opening import open_archive
from app.cli.output import console, errors, progress_bar
from app.config import Settings
from app.db.engine import Database
from app.demo.made import made_records, write_made
from app.demo.made_tags import respell, write_tags
from app.formats.record import parse_record
from app.imports.runner import Counts, ImportRun, ItemRow, import_manuscripts
from app.tags.bulk.importing import TableImport
from app.tags.bulk.spool import Outcome


def make_works(
    count: Annotated[int, typer.Option(min=1, help="How many works.")],
    *,
    words: Annotated[int, typer.Option(min=0, help="Words of text per chapter; 0 for metadata only.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same works.")] = 1,
    wrangled: Annotated[bool, typer.Option(help="With the spellings that the table of tags makes synonyms.")] = False,
    out: Annotated[Path, typer.Option(help="File to write, - for standard output.")] = Path("-"),
    tags_out: Annotated[Path | None, typer.Option(help="File for that table; `tags import` reads it.")] = None,
    load: Annotated[bool, typer.Option(help="Import them into the archive, the table of tags first.")] = False,
) -> None:
    """Make works for load tests, one JSON line each, in the form that `import` takes.

    Exit status 1 with --load: something of it did not go in.
    """
    if tags_out is not None:
        with tags_out.open("wb") as file:
            errors.print(f"{write_tags(file):,} rows of tags")
    if load:
        _load(count, words, seed, wrangled=wrangled)
    elif str(out) == "-":
        write_made(count, seed, sys.stdout.buffer, body_words=words, wrangled=wrangled)
    else:
        with out.open("wb") as file:
            size = write_made(count, seed, file, body_words=words, wrangled=wrangled)
        errors.print(f"{count:,} works, {size / 1e6:,.1f} MB")


def _load(count: int, words: int, seed: int, *, wrangled: bool) -> None:
    """The same into the archive, by the code that imports files; memory holds a batch."""
    gc.set_threshold(200_000, 20, 100)
    settings = Settings()
    records = made_records(count, seed, body_words=words)
    if wrangled:
        records = map(respell, records)
    with open_archive(settings) as database, indexing(settings), progress_bar() as bar:
        if wrangled:
            _load_tags(database)
        task = bar.add_task("importing", total=count, rate="")

        def show(counts: Counts) -> None:
            bar.update(task, completed=counts.seen, rate=f"{counts.rate:,.0f}/s")

        run = ImportRun(database, settings, _tell, progress=show)
        counts = import_manuscripts(run, (parse_record(orjson.dumps(record)) for record in records), "made work")
        bar.update(task, description="indexing")
        wait_until_searchable(database, settings, settled=True)
    console.print(f"{counts.created:,} works made, {counts.unchanged:,} were here, {counts.failed:,} failed")
    if counts.failed:
        raise typer.Exit(1)


def _load_tags(database: Database) -> None:
    table = io.BytesIO()
    write_tags(table)
    table.seek(0)
    counts = TableImport(database, by="make-works").run([("made tags", table)], _tell)
    if counts.failed:
        raise typer.Exit(1)


def _tell(row: ItemRow | Outcome) -> None:
    if row.outcome == "failed":
        errors.print(f"{row.input}: {row.problem}", markup=False)
