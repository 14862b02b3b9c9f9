"""Tables as people export them: encoding, delimiter and header found out, rows streamed in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.problems import Unreadable

FIELD_LIMIT = 16 * 1024 * 1024
_DELIMITERS = (",", ";", "\t", "|")


def encoding_of(head: bytes) -> str:
    """By byte order mark; UTF-16 without one by its zero bytes; else UTF-8."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1:200:2].count(0) > 40:  # noqa: PLR2004  nearly every second byte
        return "utf-16-le"
    return "utf-8"


def header_of(head: bytes) -> tuple[list[str], str]:
    """The column names of the first row and the delimiter that cuts it into most of them."""
    text = head.decode(encoding_of(head), "replace")
    line = text.lstrip().partition("\n")[0].strip("\r")
    delimiter = max(_DELIMITERS, key=line.count)
    row = next(csv.reader([line], delimiter=delimiter), [])
    return [normalise(name) for name in row], delimiter


def normalise(name: str) -> str:
    """A column name without what scrapers leave in it: case, blanks, dots, underscores."""
    return " ".join(name.strip(" .\ufeff").replace("_", " ").replace(".", " ").lower().split())


def read_rows(stream: BinaryIO) -> Iterator[tuple[int, dict[str, str] | Unreadable]]:
    """Rows by column name, numbered by the line they end on; blank rows are left out."""
    head = stream.peek(8_192) if isinstance(stream, io.BufferedReader) else b""
    names, delimiter = header_of(head)
    csv.field_size_limit(FIELD_LIMIT)
    text = io.TextIOWrapper(stream, encoding_of(head), newline="", errors="strict")
    reader = csv.reader(text, delimiter=delimiter)
    first = True
    while True:
        try:
            row = next(reader)
        except StopIteration:
            text.detach()
            return
        except csv.Error as error:
            yield reader.line_num, Unreadable("bad-csv", f"The row cannot be read: {error}.")
            continue
        except UnicodeDecodeError as error:
            detail = (
                f"The file is not {error.encoding}: byte {error.object[error.start]:#04x} cannot be read; convert it."
            )
            yield reader.line_num + 1, Unreadable("not-utf-8", detail)
            return
        if first or not any(row):
            first = False
            continue
        yield reader.line_num, _named(names, row)


def _named(names: list[str], row: list[str]) -> dict[str, str] | Unreadable:
    if len(row) > len(names) + 1:
        return Unreadable("bad-csv", f"The row has {len(row)} fields, the header {len(names)}.")
    if len(row) == len(names) + 1:
        # Writers that put a nameless index first forget it in the header.
        row = row[1:] if row[0].isdigit() else row
    return {name: value.strip() for name, value in zip(names, row, strict=False) if name}
