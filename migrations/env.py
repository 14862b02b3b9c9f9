"""How Alembic reaches the database: the settings' URL unless the caller gave one."""

from __future__ import annotations

from collections.abc import Collection

from alembic import context
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, pool
from sqlalchemy.engine import create_engine

from app.config import Settings
from app.db.revisions import keep_compatible_from
from app.models import Base

config = context.config
LOCK_SECONDS = 5
"""A migration that waits for a table's lock holds up all who come after it: rather fail, and be run again."""
url = make_url(config.get_main_option("sqlalchemy.url") or Settings().database_url)


def keep_mark(ctx: MigrationContext, heads: Collection[str], **_rest: object) -> None:
    """In the migration's own transaction: which programs can work with what it leaves."""
    if ctx.connection is not None:
        keep_compatible_from(ctx.connection, context.script, next(iter(heads), None))


def run(connection: Connection) -> None:
    """Run the migrations in one transaction; batch mode rebuilds tables on SQLite, which needs foreign keys off."""
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=is_sqlite,
        transaction_per_migration=True,
        on_version_apply=keep_mark,
    )
    context.run_migrations()


def check_foreign_keys(connection: Connection) -> None:
    """SQLite checked nothing while foreign keys were off: look now."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"migration left rows without their parents: {broken[:5]}")


def main() -> None:
    """Open one connection of our own: the pool's connections have foreign keys on."""
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        else:
            connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            connection.commit()
        run(connection)
        connection.commit()
        if connection.dialect.name == "sqlite":
            check_foreign_keys(connection)
    engine.dispose()


main()
