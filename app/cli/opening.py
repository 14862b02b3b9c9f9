"""Opening the archive for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from app.config import Settings
from app.db.engine import Database
from app.db.migrate import check_schema, is_empty, upgrade
from app.errors import DatabaseUnavailable
from app.search.process import IndexerProcess


@contextmanager
def open_archive(settings: Settings) -> Iterator[Database]:
    """The database, migrated if it is still empty; an old schema is refused with the command that mends it."""
    database = Database(settings)
    try:
        _prepare(database)
        yield database
    finally:
        database.dispose()


def _prepare(database: Database) -> None:
    try:
        if is_empty(database):
            upgrade(database)
        check_schema(database)
    except OperationalError as error:
        reason = str(error.orig).partition("\n")[0]
        raise DatabaseUnavailable(f"The database cannot be used: {reason}") from error


@contextmanager
def indexing(settings: Settings, *, needed: bool = True) -> Iterator[IndexerProcess | None]:
    """An indexer for the time of a command, if one is needed; however the command ends, the indexer ends."""
    if not needed:
        yield None
        return
    indexer = IndexerProcess(settings)
    indexer.start()
    try:
        yield indexer
    finally:
        indexer.stop()
