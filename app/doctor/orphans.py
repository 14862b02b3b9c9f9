"""Rows whose other half is gone: what foreign keys forbid, and what they cannot say.

A database keeps its foreign keys by itself. One that was mended by hand, restored in parts or damaged may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Table, delete, exists, select, tuple_, update

from app.doctor.finding import Examination, Finding, Wrong
from app.doctor.walking import Key, beyond, id_ranges, key_ranges, upto
from app.models import Base, Chapter, Work, WorkAuthor

AT_ONCE = 500


def check_orphans(examination: Examination) -> Iterator[Finding]:
    """One finding a table that has any, one for all that have none."""
    found = False
    for table in Base.metadata.sorted_tables:
        keys = list(table.foreign_key_constraints)
        wrong = Wrong()
        for after, last in key_ranges(examination.database, table) if keys else ():
            for key in keys:
                wrong.add(*_orphans(examination, table, key, after, last))
        if wrong.count:
            found = True
            text = f"rows of {table.name} that point at rows that are gone"
            yield wrong.finding("orphans", text, "", mended=examination.repair)
    if not found:
        yield Finding("orphans", "ok", "every row's other half is there")


def _orphans(
    examination: Examination, table: Table, key: ForeignKeyConstraint, after: Key | None, last: Key
) -> list[Any]:
    """The keys of the rows in a range whose foreign key points nowhere; they are mended on the way."""
    primary = list(table.primary_key)
    (element,) = key.elements
    column, target = element.parent, element.column
    other = target.table.alias()
    gone = ~exists().where(other.c[target.name] == column)
    query = select(*primary).where(upto(primary, last), column.is_not(None), gone)
    if after is not None:
        query = query.where(beyond(primary, after))
    with examination.database.reading() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    if examination.repair:
        for start in range(0, len(rows), AT_ONCE):
            _mend(examination, table, column, key, rows[start : start + AT_ONCE], gone)
    return [row[0] if len(row) == 1 else row for row in rows]


def _mend(
    examination: Examination,
    table: Table,
    column: Column[Any],
    key: ForeignKeyConstraint,
    rows: list[Key],
    gone: Any,
) -> None:
    """What deleting the other half would have done: the row goes with it, or no longer points there."""
    primary = list(table.primary_key)
    these = primary[0].in_([row[0] for row in rows]) if len(primary) == 1 else tuple_(*primary).in_(rows)
    statement: Any = update(table).values({column.name: None})
    if key.ondelete == "CASCADE" or not column.nullable:
        statement = delete(table)
    with examination.database.write() as session:
        session.execute(statement.where(these, gone))


def check_whole_works(examination: Examination) -> Iterator[Finding]:
    """Works without what every work has. Who should sign one, or what it said, nobody can guess: it is told only."""
    unsigned, empty = Wrong(), Wrong()
    chapters = exists().where(Chapter.work_id == Work.id)
    for after, last in id_ranges(examination.database):
        mine = (Work.id > after) & (Work.id <= last)
        with examination.database.reading() as connection:
            nobody = select(Work.id).where(mine, ~exists().where(WorkAuthor.work_id == Work.id))
            unsigned.add(*connection.execute(nobody).scalars())
            nothing = select(Work.id).where(mine, Work.has_text, ~chapters)
            empty.add(*connection.execute(nothing).scalars())
    yield unsigned.finding("works", "works without an author", "every work has an author")
    yield empty.finding("works", "works that should have text and have no chapter", "every work with text has chapters")
