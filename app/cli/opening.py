"""Opening the archive for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.config import Settings
from app.db.engine import Database
from app.db.migrate import check_schema, is_empty, upgrade


@contextmanager
def open_archive(settings: Settings) -> Iterator[Database]:
    """The database, migrated if it is still empty; an old schema is refused with the command that mends it."""
    database = Database(settings)
    try:
        if is_empty(database):
            upgrade(database)
        check_schema(database)
        yield database
    finally:
        database.dispose()
