"""Cutting the input into units that workers share: blocks of lines where a format allows it, else whole files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

from app.formats.containers import is_beside, is_passed_over
from app.formats.folder_plan import plan
from app.formats.lines import LINE_LIMIT
from app.formats.registry import HEAD, READERS, by_name, choose

UNIT_BYTES = 4 * 1024 * 1024
UNIT_FILES = 50
_PIECE = 1024 * 1024
_LOOKED_AT = 16
LINES_SAID = ("application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines")
"""Types of a body that say that its lines are works, whatever they look like."""


@dataclass(slots=True)
class Part:
    """A file of what came in, by its place in the whole."""

    name: str
    begins: int
    ends: int
    format: str | None = None

    @property
    def size(self) -> int:
        """In bytes."""
        return self.ends - self.begins


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
    size: int = 0
    """Of its files, in bytes."""

    @property
    def holds_groups(self) -> bool:
        """Whether its files belong together: nobody knows how many works some files are before they are read."""
        return is_of_groups(self.kind, self.count, self.first_file, self.last_file)


def is_of_groups(kind: str, count: int | None, first_file: int, last_file: int) -> bool:
    """Whether a unit's files are read together."""
    return kind == "files" and count is None and first_file < last_file


def cut(stream: BinaryIO, parts: list[Part], file_format: str | None, said_lines: bool) -> list[Cut]:  # noqa: FBT001
    """The units of some files, in order; the parts learn their formats.

    Items are numbered through the whole input. So a unit's first number is known here as long as all before it can be
    counted without reading them; what comes after a file of several works waits until that was read. Files that belong
    together are put side by side, and those that are no works out of ``parts``.
    """
    units: list[Cut] = []
    groups = _grouped(stream, parts) if len(parts) > 1 and file_format is None else [[part] for part in parts]
    parts[:] = [part for group in groups for part in group]
    number = 0
    for group in groups:
        for part in group:
            part.format = file_format or _format_of(stream, part, said_lines=said_lines)
        part = group[0]
        reader = READERS.get(part.format) if part.format else None
        if len(group) > 1:
            _add_group(units, number, group)
        elif reader is not None and reader.by_line:
            units += _blocks(stream, number, part)
        else:
            one = part.format is None or by_name(part.format).one_work
            _add_file(units, number, part, 1 if one else None)
        number += len(group)
    index: int | None = 0
    for unit in units:
        unit.first_index = index
        index = index + unit.count if index is not None and unit.count is not None else None
    return units


def _grouped(stream: BinaryIO, parts: Sequence[Part]) -> list[list[Part]]:
    """The files that belong together, and each other one; those that are no works are left out, unless all are."""
    kept = [part for part in parts if is_beside(_path(part)) or not is_passed_over(_path(part), _head(stream, part))]
    clusters = plan([_path(part) for part in kept], lambda index: kept[index].size)
    return [[kept[index] for index in sorted(one.all)] for one in clusters] or [[part] for part in parts]


def _path(part: Part) -> str:
    return part.name.replace("\\", "/")


def _head(stream: BinaryIO, part: Part) -> bytes:
    stream.seek(part.begins)
    return stream.read(min(_LOOKED_AT, part.size))


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
    if count is not None and last is not None and room and last.size + part.size <= UNIT_BYTES:
        last.last_file, last.ends, last.count = number, part.ends, (last.count or 0) + count
        last.size += part.size
        return
    units.append(Cut("files", number, number, part.begins, part.ends, count=count, size=part.size))


def _add_group(units: list[Cut], number: int, group: Sequence[Part]) -> None:
    """Files that belong together are in one unit, with others of the same kind: they are counted when they are read."""
    last = units[-1] if units else None
    size = sum(part.size for part in group)
    end = number + len(group) - 1
    if last is not None and last.holds_groups and end - last.first_file < UNIT_FILES and last.size + size <= UNIT_BYTES:
        last.last_file, last.ends, last.size = end, group[-1].ends, last.size + size
        return
    units.append(Cut("files", number, end, group[0].begins, group[-1].ends, size=size))


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
