"""The tables of an eFiction dump, put aside on disk until all of them have been read: a story needs rows of several."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

import orjson

from app.formats.sql_rows import Row, Value

Values = dict[str, Value]
NAMES: Final = {
    "authors": ("uid", "penname"),
    "categories": ("catid", "category"),
    "characters": ("charid", "charname"),
    "classes": ("class_id", "class_name"),
    "genres": ("gid", "genre"),
    "warnings": ("wid", "warning"),
    "ratings": ("rid", "rating"),
    "series": ("seriesid", "title"),
}
"""Tables that say what a number stands for: its column, and the one with the name."""
_TABLES = "|".join(("stories", "chapters", "inseries", "coauthors", "classtypes", *NAMES))


def table_of(name: str) -> str | None:
    """Which of eFiction's tables this is, whatever stands before its name; ``None`` for any other."""
    last = name.rpartition("_")[2]
    return (
        last if last in _TABLES.split("|") and (last == name or "fanfiction" in name or name.endswith(last)) else None
    )


class Spool:
    """What a dump holds, to be asked story by story."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        connection.execute("CREATE TABLE names (kind TEXT, id TEXT, name TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID")
        connection.execute("CREATE TABLE stories (sid TEXT PRIMARY KEY, row BLOB)")
        connection.execute("CREATE TABLE chapters (sid TEXT, place INTEGER, row BLOB)")
        connection.execute("CREATE TABLE links (kind TEXT, sid TEXT, id TEXT, place TEXT)")

    def add(self, row: Row) -> None:
        """Put a row aside; those of other tables are passed over."""
        table = table_of(row.table)
        values = row.values
        if table == "stories":
            self._db.execute("INSERT OR REPLACE INTO stories VALUES (?, ?)", (values.get("sid"), orjson.dumps(values)))
        elif table == "chapters":
            place = values.get("inorder") or "0"
            position = int(place) if place.isdecimal() and len(place) < 10 else 0  # noqa: PLR2004
            self._db.execute(
                "INSERT INTO chapters VALUES (?, ?, ?)", (values.get("sid"), position, orjson.dumps(values))
            )
        elif table in NAMES:
            number, name = NAMES[table]
            if values.get(number) is not None:  # else nothing can refer to it
                self._db.execute(
                    "INSERT OR REPLACE INTO names VALUES (?, ?, ?)", (table, values[number], values.get(name))
                )
        elif table == "inseries":
            link = (table, values.get("sid"), values.get("seriesid"), values.get("inorder"))
            self._db.execute("INSERT INTO links VALUES (?, ?, ?, ?)", link)
        elif table == "coauthors":
            self._db.execute("INSERT INTO links VALUES (?, ?, ?, NULL)", (table, values.get("sid"), values.get("uid")))

    def index(self) -> None:
        """All rows are there."""
        self._db.execute("CREATE INDEX chapters_of ON chapters (sid, place)")
        self._db.execute("CREATE INDEX links_of ON links (sid)")

    def stories(self) -> Iterator[Values]:
        """The stories in the order of their numbers."""
        for (row,) in self._db.execute("SELECT row FROM stories ORDER BY CAST(sid AS INTEGER), sid"):
            yield orjson.loads(row)

    def chapters(self, sid: str) -> Iterator[Values]:
        """The chapters of a story in their order."""
        for (row,) in self._db.execute("SELECT row FROM chapters WHERE sid = ? ORDER BY place, rowid", (sid,)):
            yield orjson.loads(row)

    def name(self, kind: str, number: str | None) -> str | None:
        """What a number stands for."""
        found = self._db.execute("SELECT name FROM names WHERE kind = ? AND id = ?", (kind, number)).fetchone()
        return found[0] if found is not None else None

    def has(self, kind: str) -> bool:
        """Whether the dump has such a table of names."""
        return self._db.execute("SELECT 1 FROM names WHERE kind = ? LIMIT 1", (kind,)).fetchone() is not None

    def links(self, kind: str, sid: str) -> list[tuple[str, str | None]]:
        """What a story is linked to: number and place."""
        query = "SELECT id, place FROM links WHERE sid = ? AND kind = ? ORDER BY rowid"
        return self._db.execute(query, (sid, kind)).fetchall()


@contextmanager
def spool() -> Iterator[Spool]:
    """A place for the rows of one dump, gone afterwards."""
    with closing(sqlite3.connect("", isolation_level=None)) as connection:  # a nameless file of its own
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        yield Spool(connection)
