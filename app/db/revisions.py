"""The revisions of the schema: which this program knows, at which a database is, and whether the two fit.

Hosts are renewed one after another, so a program has to work on a schema that is newer than itself. Each migration says
with ``compatible_from`` the oldest revision whose programs can go on, and what the newest one said is kept in the
database, where programs that do not know that migration find it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.errors import SchemaOutdated

FACT = "compatible_from"
_READ = text("SELECT value FROM archive_facts WHERE name = :name")
_DELETE = text("DELETE FROM archive_facts WHERE name = :name")
_WRITE = text("INSERT INTO archive_facts (name, value) VALUES (:name, :value)")


def migrations_dir() -> Path:
    """In an installed wheel they lie inside the package; in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"


@cache
def known_revisions() -> tuple[str, ...]:
    """All revisions that this program knows, the newest first. Reading them costs some milliseconds."""
    return tuple(script.revision for script in ScriptDirectory(str(migrations_dir())).walk_revisions())


def head_revision() -> str:
    """The newest revision that this program knows."""
    return known_revisions()[0]


def revision_of(connection: Connection) -> str | None:
    """The revision that a database is at; ``None`` for one that was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def check_revision(connection: Connection) -> None:
    """Raise :class:`SchemaOutdated` where this program cannot work with the schema."""
    current, head, known = revision_of(connection), head_revision(), known_revisions()
    if current == head:
        return
    if current is not None and current not in known:
        if compatible_from(connection) in known:
            return  # an upgrade is under way, and this program may stay until its turn comes
        raise SchemaOutdated(f"The database is at revision {current}, which is newer than this program: upgrade it.")
    at = "empty" if current is None else f"at revision {current}"
    raise SchemaOutdated(f"The database is {at}, this program needs {head}: run `fanarchive db upgrade`.")


def fits(connection: Connection) -> bool:
    """The same as an answer."""
    try:
        check_revision(connection)
    except SchemaOutdated:
        return False
    return True


def compatible_from(connection: Connection) -> str | None:
    """The oldest revision whose programs can work with this database, as its newest migration said."""
    if not inspect(connection).has_table("archive_facts"):
        return None
    return connection.execute(_READ, {"name": FACT}).scalar_one_or_none()


def keep_compatible_from(connection: Connection, script: ScriptDirectory, current: str | None) -> None:
    """Write down what the revision that the database has come to says; one that says nothing needs its own program."""
    if not inspect(connection).has_table("archive_facts"):
        return
    connection.execute(_DELETE, {"name": FACT})
    found = script.get_revision(current) if current is not None else None
    if found is not None:
        value = getattr(found.module, FACT, found.revision)
        connection.execute(_WRITE, {"name": FACT, "value": value})
