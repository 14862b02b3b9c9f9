"""A copy of the tags to try a table on: the archive is only read, and nobody waits.

A dry run goes through all that an import does, each pass on what those before it did, on a SQLite database that holds
the tags and their links alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, FromClause, Select, select

from app.config import Settings
from app.db.bulk import batches, insert_rows
from app.db.engine import Database
from app.models import (
    Base,
    Change,
    RelationshipMember,
    Tag,
    TagAct,
    TagActEffect,
    TagBroader,
    Tagging,
    TagParent,
)

ROWS = 5_000
_TABLES = (Tag, TagParent, TagBroader, RelationshipMember)
_EMPTY = (Tagging, TagAct, TagActEffect, Change)


@contextmanager
def trial_archive(database: Database) -> Iterator[Database]:
    """A database with the tags of another, which is thrown away."""
    with tempfile.TemporaryDirectory(prefix="fanarchive-tags-") as folder:
        trial = Database(Settings(data_dir=Path(folder), database_url=f"sqlite:///{folder}/tags.db", threads=1))
        try:
            with trial.write() as session, database.reading() as source:
                _copy(source, session.connection())
            yield trial
        finally:
            trial.dispose()


def _copy(source: Connection, target: Connection) -> None:
    # Works and everything else that these tables point at stay behind.
    tables: list[Any] = [model.__table__ for model in (*_TABLES, *_EMPTY)]
    target.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    Base.metadata.create_all(target, tables=tables)
    for model in _TABLES:
        table: FromClause = model.__table__
        columns = [column.name for column in table.columns]
        for rows in batches(_stream(source, select(*table.columns)), ROWS):
            insert_rows(target, table, columns, rows)


def _stream(source: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from source.execution_options(yield_per=ROWS).execute(query)
