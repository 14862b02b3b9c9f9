"""The rows of a MySQL dump: its ``INSERT`` statements taken apart, value by value. Nothing is ever executed.

A dump is read in pieces, so its length does not matter; one row may have 16 MiB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.formats.problems import Unreadable

ROW_LIMIT: Final = 16 * 1024 * 1024
MOST_COLUMNS: Final = 500
Value = str | None

_NAME = r"(?:[`\"]?\w{1,64}[`\"]?\.)?[`\"]?(?P<table>\w{1,64})[`\"]?"
_TABLE = re.compile(
    r"(?:INSERT|REPLACE)\s+(?:LOW_PRIORITY\s+|DELAYED\s+|IGNORE\s+)*INTO\s+"
    rf"{_NAME}\s*(?:\((?P<columns>[^()]{{1,20000}})\)\s*)?VALUES?\s*",
    re.IGNORECASE,
)
_CREATE = re.compile(rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*\(", re.IGNORECASE)
_COLUMN = re.compile(r"^\s*[`\"](?P<column>\w{1,64})[`\"]\s+\w", re.MULTILINE)
_STATEMENT = re.compile(r"\s*(?:INSERT|REPLACE|CREATE\s+TABLE)\b", re.IGNORECASE)
_SINGLE = r"'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+'"
_DOUBLE = r'"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+"'
_TOKEN = re.compile(
    rf"{_SINGLE}|{_DOUBLE}|--[ \t][^\n]*+\n|\#[^\n]*+\n|/\*(?:[^*]|\*(?!/))*+\*/|;|[^'\"\-\#/;]++|[\-\#/]", re.DOTALL
)
_VALUE = re.compile(
    rf"\s*+(?:(?:_\w+\s*)?(?P<text>{_SINGLE})|(?P<quoted>{_DOUBLE})|(?P<bare>[^\s,()'\"]{{1,100}}))\s*+(?P<end>[,)])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": "", "Z": "\x1a", "b": "\b"}


@dataclass(slots=True)
class Row:
    """A row of a table: values by column, in lower case."""

    table: str
    values: dict[str, Value]


@dataclass(slots=True)
class _Columns:
    """The columns of the tables, as the dump declares them."""

    by_table: dict[str, list[str]] = field(default_factory=dict)


def rows_of(pieces: Iterator[str]) -> Iterator[Row | Unreadable]:
    """The rows of a dump that comes in pieces; a row that cannot be read is an :class:`Unreadable`."""
    columns = _Columns()
    reader = _Buffer(pieces)
    while reader.skip_to_statement():
        created = reader.match(_CREATE)
        if created is not None:
            table = created["table"].lower()
            columns.by_table[table] = [one["column"].lower() for one in _COLUMN.finditer(reader.statement())][
                :MOST_COLUMNS
            ]
            continue
        inserted = reader.match(_TABLE)
        if inserted is None:
            reader.statement()
            continue
        table = inserted["table"].lower()
        named = [name.strip(' `"\n\t').lower() for name in (inserted["columns"] or "").split(",") if name.strip()]
        yield from _rows(reader, table, named or columns.by_table.get(table, []))


def _rows(reader: _Buffer, table: str, columns: list[str]) -> Iterator[Row | Unreadable]:
    while reader.opens_row():
        values = reader.values()
        if values is None:
            yield Unreadable("bad-sql", f"A row of {table} cannot be read.", table)
            reader.statement()
            return
        if not columns:
            yield Unreadable("bad-sql", f"The dump does not say which columns {table} has.", table)
        elif len(values) != len(columns):
            yield Unreadable("bad-sql", f"A row of {table} has {len(values)} values for {len(columns)} columns.", table)
        else:
            yield Row(table, dict(zip(columns, values, strict=True)))


class _Buffer:
    """As much of the dump as one row needs."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._ended = False

    def _more(self) -> bool:
        if self._ended:
            return False
        # As much again as there is, so that a long row is not looked at anew for each piece of it.
        kept = [self._text[self._at :]]
        wanted = len(kept[0])
        while wanted >= 0 and not self._ended:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
            else:
                kept.append(piece)
                wanted -= len(piece)
        self._text = "".join(kept)
        self._at = 0
        return len(kept) > 1

    def _fill(self, length: int) -> None:
        while len(self._text) - self._at < length and self._more():
            pass

    def skip_to_statement(self) -> bool:
        """Go to the next statement that says something of rows; ``False`` at the end."""
        while True:
            self._fill(100)
            if self._at >= len(self._text):
                return False
            if _STATEMENT.match(self._text, self._at):
                return True
            self.statement(keep=False)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What a pattern finds here; it is passed."""
        self._fill(30_000)
        found = re.compile(r"\s*").match(self._text, self._at)
        start = found.end() if found else self._at
        match = pattern.match(self._text, start)
        if match is not None:
            self._at = match.end()
        return match

    def statement(self, *, keep: bool = True) -> str:
        """The rest of a statement, which is passed; up to 1 MiB of it is kept."""
        kept: list[str] = []
        size = 0
        while True:
            self._fill(1)
            if self._at >= len(self._text):
                return "".join(kept)
            token = _TOKEN.match(self._text, self._at)
            partial = token is None or (token.end() == len(self._text) and token[0] != ";")
            if partial and len(self._text) - self._at < ROW_LIMIT and self._more():
                continue
            if token is None:  # a quotation that does not end: there is no telling what the rest of it is
                self._at, self._ended = len(self._text), True
                return "".join(kept)
            self._at = token.end()
            if token[0] == ";":
                return "".join(kept)
            if keep and size < 1024 * 1024:
                kept.append(token[0])
                size += len(token[0])
            elif not keep and "\n" in token[0] and _STATEMENT.match(self._text, self._at):
                return ""

    def opens_row(self) -> bool:
        """Whether another row begins here; its bracket is passed."""
        while True:
            self._fill(1_000)
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n,":
                self._at += 1
            if self._at < len(self._text) or not self._more():
                break
        if self._at < len(self._text) and self._text[self._at] == "(":
            self._at += 1
            return True
        return False

    def values(self) -> list[Value] | None:
        """The values up to the closing bracket; ``None`` where they are none."""
        values: list[Value] = []
        at = self._at
        while len(values) <= MOST_COLUMNS:
            found = _VALUE.match(self._text, at)
            if found is None:
                used = at - self._at
                if len(self._text) - self._at < ROW_LIMIT and self._more():
                    at = self._at + used
                    continue
                return None
            values.append(_value(found))
            at = found.end()
            if found["end"] == ")":
                self._at = at
                return values
        return None


def _value(found: re.Match[str]) -> Value:
    written = found["text"] or found["quoted"]
    if written is None:
        return None if found["bare"].upper() == "NULL" else found["bare"]
    text = written[1:-1]
    if "\\" not in text and "''" not in text:
        return text
    return _ESCAPE.sub(lambda one: "'" if one[1] is None else _ESCAPED.get(one[1], one[1]), text)
