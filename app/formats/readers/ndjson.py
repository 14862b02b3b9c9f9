"""Our own form: JSON lines, one import record each (``/schemas/import-record.json``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from app.formats.json_values import head_of
from app.formats.lines import LineTooLong, read_lines
from app.formats.manuscript import ReadItem
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.formats.record import key_of, parse_record


def score(head: bytes, name: str) -> float:
    """Lines that begin with a brace; weaker than the forms that are known by their members."""
    if head_of(head).startswith(b"{"):
        return 0.6 if b'"title"' in head or b'"chapters"' in head else 0.4
    return 0.35 if name.endswith((".ndjson", ".jsonl")) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item a line; a bad line is a failed item and stops nothing."""
    for number, line in read_lines(stream):
        where = f"{name} line {number}"
        if isinstance(line, LineTooLong):
            yield ReadItem(where, problem=line.as_problem())
            continue
        try:
            yield ReadItem(where, parse_record(line))
        except Unreadable as error:
            yield ReadItem(where, problem=error.as_problem(), key=key_of(line))


READER = Reader("ndjson", score, read, streams=True, by_line=True)
