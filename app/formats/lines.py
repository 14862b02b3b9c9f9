"""Lines of a stream in bounded memory: one that is too long is passed over, not kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

LINE_LIMIT = 64 * 1024 * 1024
_CHUNK = 1024 * 1024


class LineTooLong:
    """Stands for a line over the limit; ``size`` is its length in bytes."""

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size


def read_lines(stream: BinaryIO, limit: int = LINE_LIMIT) -> Iterator[tuple[int, bytes | LineTooLong]]:
    """Numbered lines (from 1) without their ends; blank ones are left out."""
    number = 0
    while True:
        line = stream.readline(limit + 2)
        if not line:
            return
        number += 1
        if len(line.rstrip(b"\r\n")) > limit:
            yield number, LineTooLong(len(line) + _skip_rest(stream, line))
            continue
        line = line.strip()
        if line:
            yield number, line


def _skip_rest(stream: BinaryIO, line: bytes) -> int:
    skipped = 0
    while line and not line.endswith(b"\n"):
        line = stream.readline(_CHUNK)
        skipped += len(line)
    return skipped
