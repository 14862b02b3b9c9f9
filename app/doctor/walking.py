"""Going through a table in short steps: each is a transaction of its own, and none holds more than some rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import FromClause, Table, select, tuple_

from app.db.engine import Database
from app.models import Work

WORKS_AT_ONCE = 1_000
ROWS_AT_ONCE = 5_000
Key = tuple[Any, ...]


def id_ranges(database: Database, model: Any = Work, size: int = WORKS_AT_ONCE) -> Iterator[tuple[int, int]]:
    """Ranges ``(after, upto]`` of the ids of a table, each with ``size`` rows but the last."""
    after = 0
    while True:
        with database.reading() as connection:
            part = select(model.id).where(model.id > after).order_by(model.id).limit(size).subquery()
            upto = connection.execute(select(part.c.id).order_by(part.c.id.desc()).limit(1)).scalar()
        if upto is None:
            return
        yield after, upto
        after = upto


def key_ranges(database: Database, table: FromClause, size: int = ROWS_AT_ONCE) -> Iterator[tuple[Key | None, Key]]:
    """The same by primary keys of any number of columns; the first range has no beginning."""
    assert isinstance(table, Table)
    columns = list(table.primary_key)
    after: Key | None = None
    while True:
        query = select(*columns).order_by(*columns).limit(size)
        if after is not None:
            query = query.where(beyond(columns, after))
        part = query.subquery()
        with database.reading() as connection:
            last = select(part).order_by(*(column.desc() for column in part.c)).limit(1)
            row = connection.execute(last).one_or_none()
        if row is None:
            return
        yield after, tuple(row)
        after = tuple(row)


def beyond(columns: Sequence[Any], key: Key) -> Any:
    """Rows after a key."""
    return columns[0] > key[0] if len(columns) == 1 else tuple_(*columns) > tuple_(*key)


def upto(columns: Sequence[Any], key: Key) -> Any:
    """Rows up to a key, and that one."""
    return columns[0] <= key[0] if len(columns) == 1 else tuple_(*columns) <= tuple_(*key)
