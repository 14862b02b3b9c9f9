"""Migrations: where they are, how far this database is, and how to bring it up."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import URL, MetaData, inspect

from app.db.engine import Database
from app.db.revisions import check_revision, migrations_dir, revision_of

HEAD = "head"


def alembic_config(url: URL) -> Config:
    """Alembic's configuration for one database, without any file."""
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.set_main_option("sqlalchemy.url", url.render_as_string(hide_password=False).replace("%", "%%"))
    return config


def current_revision(database: Database) -> str | None:
    """The revision that the database is at; ``None`` for one that was never migrated."""
    with database.reading() as connection:
        return revision_of(connection)


def is_empty(database: Database) -> bool:
    """Whether there is no table at all yet."""
    with database.reading() as connection:
        return not inspect(connection).get_table_names()


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Bring the database to a revision; each migration is one transaction where the database can do that."""
    command.upgrade(alembic_config(database.url), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to a revision (``base`` for nothing at all)."""
    command.downgrade(alembic_config(database.url), revision)


def check_schema(database: Database) -> None:
    """Raise :class:`~app.errors.SchemaOutdated` where this program cannot work with the database's schema."""
    with database.reading() as connection:
        check_revision(connection)


def differences(database: Database, metadata: MetaData) -> list[str]:
    """How the tables differ from the models' metadata, one line a difference; empty when they agree."""
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:  # noqa: FBT001
    return not (kind == "table" and name in {"alembic_version", "sqlite_sequence"})
