"""``fanarchive db``: migrations."""

from __future__ import annotations

import typer

from app.cli.output import console, errors
from app.config import Settings
from app.db import migrate
from app.db.engine import Database
from app.models import Base

app = typer.Typer(help="Migrations of the database.", no_args_is_help=True)


@app.command()
def upgrade(revision: str = migrate.HEAD) -> None:
    """Bring the database to the newest schema."""
    database = Database(Settings())
    migrate.upgrade(database, revision)
    console.print(f"The database is at {migrate.current_revision(database)}.")


@app.command()
def downgrade(revision: str) -> None:
    """Take the database back to a revision (`base`: nothing left). Works are lost: make a backup first."""
    database = Database(Settings())
    migrate.downgrade(database, revision)
    console.print(f"The database is at {migrate.current_revision(database) or 'base'}.")


@app.command()
def check() -> None:
    """Say whether the database is at the schema that this program needs, and its tables as they should be."""
    database = Database(Settings())
    migrate.check_schema(database)
    differences = migrate.differences(database, Base.metadata)
    for line in differences:
        errors.print(line, markup=False)
    if differences:
        raise typer.Exit(1)
    console.print(f"The database is at {migrate.current_revision(database)}, its tables are as they should be.")
