"""Cutting what came in into units that workers share: blocks of lines where a format allows it, else whole files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

from app.formats.lines import LINE_LIMIT
from app.formats.registry import HEAD, READERS, by_name, choose

UNIT_BYTES = 4 * 1024 * 1024
UNIT_FILES = 50
_PIECE = 1024 * 1024
LINES_SAID = ("application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines")
"""Types of a body that say that its lines are works, whatever they look like."""


@dataclass(slots=True)
class Part:
    """A file of what came in, by its place in the whole."""

    name: str
    begins: int
    ends: int
    format: str | None = None


@dataclass(slots=True)
class Cut:
    """A unit: some lines of one file, or some files. ``count`` is its number of items where that is known."""

    kind: Literal["lines", "files"]
    first_file: int
    last_file: int
    begins: int
    ends: int
    first_line: int = 1
    first_index: int | None = None
    count: int | None = None


def cut(stream: BinaryIO, parts: Sequence[Part], file_format: str | None, said_lines: bool) -> list[Cut]:  # noqa: FBT001
    """The units of some files, in order; the parts learn their formats.

    Items are numbered through the whole input. So a unit's first number is known here as long as all before it can be
    counted without reading them; what comes after a file of several works waits until that was read.
    """
    units: list[Cut] = []
    for number, part in enumerate(parts):
        part.format = file_format or _format_of(stream, part, said_lines=said_lines)
        reader = READERS.get(part.format) if part.format else None
        if reader is not None and reader.by_line:
            units += _blocks(stream, number, part)
            continue
        one = part.format is None or by_name(part.format).one_work
        _add_file(units, number, part, 1 if one else None)
    index: int | None = 0
    for unit in units:
        unit.first_index = index
        index = index + unit.count if index is not None and unit.count is not None else None
    return units


def _format_of(stream: BinaryIO, part: Part, *, said_lines: bool) -> str | None:
    stream.seek(part.begins)
    reader = choose(stream.read(min(HEAD, part.ends - part.begins)), part.name)
    if said_lines and (reader is None or not reader.by_line):
        return "ndjson"
    return reader.name if reader is not None else None


def _add_file(units: list[Cut], number: int, part: Part, count: int | None) -> None:
    """Files of one work each share a unit until they are many or large."""
    last = units[-1] if units else None
    room = last is not None and last.kind == "files" and last.count is not None and last.count < UNIT_FILES
    if count is not None and last is not None and room and part.ends - last.begins <= UNIT_BYTES:
        last.last_file, last.ends, last.count = number, part.ends, (last.count or 0) + count
        return
    units.append(Cut("files", number, number, part.begins, part.ends, count=count))


def _blocks(stream: BinaryIO, number: int, part: Part) -> Iterator[Cut]:
    """Blocks of whole lines. Lines are counted as :func:`app.formats.lines.read_lines` counts them."""
    stream.seek(part.begins)
    at, line = part.begins, 1
    block = Cut("lines", number, number, at, at, line, count=0)
    while at < part.ends:
        length, blank = _line(stream, part.ends - at)
        at += length
        line += 1
        block.ends = at
        block.count = (block.count or 0) + (not blank)
        if block.ends - block.begins >= UNIT_BYTES:
            yield block
            block = Cut("lines", number, number, at, at, line, count=0)
    if block.ends > block.begins:
        yield block


def _line(stream: BinaryIO, most: int) -> tuple[int, bool]:
    """The length of the next line, and whether it is blank; holds a piece of it."""
    length, blank = 0, True
    while length < most:
        piece = stream.readline(min(_PIECE, most - length))
        length += len(piece)
        blank = blank and not piece.strip()
        if not piece or piece.endswith(b"\n"):
            break
    return length, blank and length <= LINE_LIMIT
