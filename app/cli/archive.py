"""``fanarchive demo``: sample works for an empty archive."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer
from sqlalchemy import select

from app.cli.importing import wait_until_searchable
from app.cli.indexing import indexing
from app.cli.opening import open_archive
from app.cli.output import console, errors
from app.config import Settings
from app.db.engine import Database
from app.demo.archive import demo_records
from app.formats.record import parse_record
from app.imports.runner import ImportRun, ItemRow, import_manuscripts
from app.models import Work


def demo(*, if_empty: Annotated[bool, typer.Option(help="Do nothing where there are works already.")] = False) -> None:
    """Load the demo archive into an empty database."""
    settings = Settings()
    with open_archive(settings) as database:
        if _has_works(database):
            if not if_empty:
                errors.print("The archive has works already; the demo is for an empty one.")
                raise typer.Exit(2)
            return
        with indexing(settings):
            run = ImportRun(database, settings, _must_succeed)
            records = (parse_record(orjson.dumps(record)) for record in demo_records())
            counts = import_manuscripts(run, records, "demo")
            wait_until_searchable(database, settings)
    console.print(f"The demo archive is loaded: {counts.created} works.")


def _has_works(database: Database) -> bool:
    with database.reading() as connection:
        return connection.execute(select(Work.id).limit(1)).first() is not None


def _must_succeed(row: ItemRow) -> None:
    if row.outcome == "failed":
        errors.print(f"{row.input}: {row.problem}", markup=False)
        raise typer.Exit(1)
