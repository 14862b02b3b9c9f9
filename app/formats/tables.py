"""Tables as people export them: encoding, delimiter and header found out, rows streamed in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.problems import Unreadable
from app.kit.encoding import UndecodableText, decode

FIELD_LIMIT = 16 * 1024 * 1024
"""The longest field and the longest line, in characters."""
HEAD = 65_536
_DELIMITERS = (",", ";", "\t", "|")
_BAD_BYTE = re.compile("[\udc80-\udcff]")  # what ``surrogateescape`` makes of bytes that are no UTF-8

Row = dict[str, str] | Unreadable


class Table:
    """A table: ``names`` are its columns (normalised), ``notice`` says what was guessed, iterating gives its rows.

    A row is a mapping from column to value, numbered by the line it ends on; one that cannot be read is an
    :class:`Unreadable` in its place, and the rows after it are read.
    """

    def __init__(self, stream: BinaryIO) -> None:
        # The reader of a stream that can look ahead must not read more than it was given.
        self._stream = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream, HEAD)  # type: ignore[type-var]
        head = self._stream.peek(HEAD)
        self._encoding, guessed = encoding_of(head)
        self.names, self._delimiter = header_of(head)
        self.notice = f"The encoding was guessed: {self._encoding}." if guessed else None

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        """Give the rows with the numbers of their lines; can be done once."""
        csv.field_size_limit(FIELD_LIMIT)
        errors = "surrogateescape" if self._encoding in {"utf-8", "utf-8-sig"} else "strict"
        text = io.TextIOWrapper(self._stream, self._encoding, newline="", errors=errors)
        reader = csv.reader(_Lines(text), delimiter=self._delimiter)
        first = True
        while True:
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                yield reader.line_num, Unreadable("bad-csv", f"The row cannot be read: {error}.")
            except _LineTooLong:
                detail = f"The line is longer than {FIELD_LIMIT // 1024**2} Mi characters."
                yield reader.line_num + 1, Unreadable("line-too-long", detail)
            except UnicodeDecodeError as error:
                # There is no telling where the next letter begins.
                yield reader.line_num + 1, _undecodable(self._encoding, error.object[error.start])
                break
            else:
                if first:
                    first = False
                elif any(row):
                    yield reader.line_num, self._named(row)
        text.detach()

    def _named(self, row: list[str]) -> Row:
        names = self.names
        if len(row) == len(names) + 1:
            if not row[-1].strip():
                row = row[:-1]  # a delimiter at the end of the row
            elif row[0].isdigit() and ("id" not in names[0].split() or row[1].isdigit()):
                row = row[1:]  # a nameless index that the header leaves out
        if len(row) > len(names) or 2 * len(row) < len(names):
            return Unreadable("bad-csv", f"The row has {len(row)} fields, the header {len(names)}.")
        for value in row:
            bad = None if value.isascii() else _BAD_BYTE.search(value)
            if bad is not None:
                return _undecodable("UTF-8", ord(bad[0]) - 0xDC00)
        return {name: value.strip() for name, value in zip(names, row, strict=False) if name}


class _LineTooLong(Exception):
    """A line over the limit was passed over."""


class _Lines:
    """Lines of a text, none longer than the limit: the rest of one that is longer is passed over."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(FIELD_LIMIT)
        if not line:
            raise StopIteration
        if len(line) >= FIELD_LIMIT and not line.endswith(("\n", "\r")):
            while line and not line.endswith(("\n", "\r")):
                line = self._text.readline(HEAD)
            raise _LineTooLong
        return line


def encoding_of(head: bytes) -> tuple[str, bool]:
    """The encoding and whether it was guessed: a byte order mark decides, then zero bytes, UTF-8, and the letters."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", False
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    if head[1:200:2].count(0) > 40:  # noqa: PLR2004  nearly every second byte
        return "utf-16-le", True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        try:
            _, encoding, guessed = decode(head[: head.rfind(b"\n") + 1] or head)
        except UndecodableText:
            return "utf-8", False
        return encoding, guessed
    return "utf-8", False


def header_of(head: bytes) -> tuple[list[str], str]:
    """The column names of the first row and the delimiter that cuts it into most of them."""
    text = head.decode(encoding_of(head)[0], "replace")
    line = text.lstrip("\ufeff \r\n").partition("\n")[0].rstrip("\r")
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        row = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        row = []
    return [normalise(name) for name in row], delimiter


def is_regular(head: bytes) -> bool:
    """Whether the first lines are cut into as many fields as the header: a table, whatever it is about."""
    names, delimiter = header_of(head)
    if len(names) < 2 or any(len(name) > 40 for name in names):  # noqa: PLR2004  columns have short names
        return False
    lines = head.decode(encoding_of(head)[0], "replace").splitlines()[:-1][:20]
    try:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return False
    return len(counts) > 3 and all(count == len(names) for count in counts)  # noqa: PLR2004  too few to tell


def normalise(name: str) -> str:
    """A column name without what scrapers leave in it: case, blanks, dots, underscores."""
    return " ".join(name.strip(" .\ufeff").replace("_", " ").replace(".", " ").lower().split())


def _undecodable(encoding: str, byte: int) -> Unreadable:
    return Unreadable("not-utf-8", f"The row is not {encoding}: byte 0x{byte:02X} cannot be read; convert the file.")
