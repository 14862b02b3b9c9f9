"""``fanarchive doctor``: checks the archive."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from app.cli.importing import wait_until_searchable
from app.cli.indexing import indexing
from app.cli.output import console
from app.config import Settings
from app.db.engine import Database
from app.doctor.examining import examine
from app.doctor.finding import Examination, Finding

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "bold red", "mended": "cyan"}


def doctor(
    *,
    repair: Annotated[bool, typer.Option(help="Repair what can be repaired without a decision.")] = False,
    thorough: Annotated[bool, typer.Option(help="Read every page of a SQLite database, too.")] = False,
    exact_kudos: Annotated[
        bool, typer.Option(help="Count kudos without a row as wrong; not after importing an export.")
    ] = False,
    json: Annotated[bool, typer.Option(help="Write one JSON object per line.")] = False,
) -> None:
    """Check the archive, with or without a running server; exit with 1 if a problem is left."""
    settings = Settings()
    # A replica may lag: what is compared has to be the primary's.
    database = Database(settings.model_copy(update={"read_database_url": None}))

    def catch_up() -> None:
        with indexing(settings):
            wait_until_searchable(database, settings, settled=True)

    examination = Examination(database, settings, catch_up, repair, thorough, exact_kudos)
    try:
        problems = sum(_tell(finding, json=json) for finding in examine(examination))
    finally:
        database.dispose()
    if problems:
        raise typer.Exit(1)


def _tell(finding: Finding, *, json: bool) -> bool:
    """Say what was found; whether it is a problem that is left."""
    if json:
        typer.echo(orjson.dumps(finding.as_json()))
    else:
        colour = _COLOURS[finding.state]
        console.print(f"[{colour}]{finding.state:8}[/] {finding.check:12} ", end="")
        console.print(finding.text, markup=False, highlight=False, soft_wrap=True)
        for example in finding.examples if finding.state != "ok" else ():
            console.print(f"{'':22}{example}", markup=False, highlight=False, soft_wrap=True)
    return finding.state == "problem"
