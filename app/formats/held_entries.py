"""The entries of a container, some at a time: those of one folder that follow one another are looked at together.

They are held in memory within limits; what is larger is read as it comes, by itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from app.formats.problems import Unreadable
from app.formats.unpacking import Counted, Entry

LARGEST_HELD: Final = 16 * 1024 * 1024
_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_ENTRIES: Final = 5_000
_PIECE: Final = 1024 * 1024
_ENDLESS: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Held:
    """An entry that can be opened: as often as needed where it is held, once where it is too large for that."""

    name: str
    data: bytes = b""
    rest: BinaryIO | None = None
    problem: Unreadable | None = None
    """What is wrong with the entry: at its begin, or behind ``data``."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it is held."""
        return self.rest is None and self.problem is None

    def open(self) -> AbstractContextManager[BinaryIO]:
        """Its bytes, from the begin."""
        if self.is_whole:
            return io.BytesIO(self.data)
        rest = self.rest if self.rest is not None else io.BufferedReader(_Raises(self.problem))
        return nullcontext(io.BufferedReader(Counted(self.data, rest, _ENDLESS), 1 << 16))


class _Raises(io.RawIOBase):
    """The end of an entry that is damaged there."""

    def __init__(self, problem: Unreadable | None) -> None:
        self._problem = problem

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: memoryview) -> int:  # type: ignore[override]
        if self._problem is not None:
            raise self._problem
        return 0


def held_entries(entries: Iterator[Entry]) -> Iterator[list[Held]]:
    """The entries in groups of one folder; what ends the container is raised behind those that came before."""
    held: list[Held] = []
    folder, size = "", 0
    try:
        for entry in entries:
            here = PurePosixPath(entry.name).parent.as_posix()
            if held and (here != folder or size > _MOST_BYTES or len(held) >= _MOST_ENTRIES):
                yield held
                held, size = [], 0
            folder = here
            one = _held(entry)
            if one.rest is not None:
                if held:
                    yield held
                    held, size = [], 0
                yield [one]
                continue
            held.append(one)
            size += len(one.data)
    except Unreadable:
        if held:
            yield held
        raise
    if held:
        yield held


def _held(entry: Entry) -> Held:
    if entry.problem is not None or entry.stream is None:
        return Held(entry.name, problem=entry.problem or Unreadable("bad-archive", "The entry cannot be read."))
    pieces: list[bytes] = []
    size = 0
    try:
        while size <= LARGEST_HELD and (piece := entry.stream.read(_PIECE)):
            pieces.append(piece)
            size += len(piece)
    except Unreadable as error:
        return Held(entry.name, b"".join(pieces), problem=error)
    return Held(entry.name, b"".join(pieces), entry.stream if size > LARGEST_HELD else None)
