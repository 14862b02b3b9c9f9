"""Many rows at once: what an import needs instead of one statement per row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, FromClause, Table, text
from sqlalchemy.exc import DBAPIError

Row = Sequence[Any]
T = TypeVar("T")


def insert_rows(connection: Connection, table: FromClause, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert plain rows (values in the order of ``columns``) in one round: ``executemany``, or ``COPY``.

    Values pass through the column types, so times and JSON are given as Python objects. Raises
    :class:`~sqlalchemy.exc.DBAPIError` for what the database refuses, as a statement of SQLAlchemy's own would.
    """
    if not rows:
        return
    assert isinstance(table, Table)
    rows = _bound(connection, table, columns, rows)
    dialect = connection.dialect
    failure: Any = dialect.loaded_dbapi.Error
    try:
        _write(connection, table, ", ".join(columns), rows)
    except failure as error:
        lost = dialect.is_disconnect(error, connection.connection, None)
        statement = f"INSERT INTO {table.name}"
        raise DBAPIError.instance(
            statement, None, error, failure, connection_invalidated=lost, dialect=dialect
        ) from error


def _write(connection: Connection, table: Table, names: str, rows: Sequence[Row]) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608 names are ours
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def reserve_ids(connection: Connection, table: FromClause, count: int) -> range | list[int]:
    """``count`` new ids of a table, so that its rows and those that point at them can be written together.

    On SQLite the writing transaction holds the only write lock, so the ids after the highest are ours.
    """
    assert isinstance(table, Table)
    if count == 0:
        return []
    if connection.dialect.name == "sqlite":
        last = connection.execute(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        ).scalar()
        first = (last or 0) + 1
        return range(first, first + count)
    result = connection.execute(
        text("SELECT nextval(pg_get_serial_sequence(:name, :column)) FROM generate_series(1, :count)"),
        {"name": table.name, "column": next(iter(table.primary_key)).name, "count": count},
    )
    return [row[0] for row in result]


def _bound(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    converters: dict[int, Callable[[Any], Any]] = {}
    for index, name in enumerate(columns):
        processor: Any = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        if processor is not None:
            converters[index] = processor
    if not converters:
        return rows
    bound: list[Row] = []
    for row in rows:
        values = list(row)
        for index, convert in converters.items():
            values[index] = convert(values[index])
        bound.append(values)
    return bound


def batches(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """Lists of at most ``size`` items, in order."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
