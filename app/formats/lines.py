"""Lines of a stream in bounded memory: one that is too long is passed over, not kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

LINE_LIMIT = 64 * 1024 * 1024
_CHUNK = 1024 * 1024


class LineTooLong:
    """Stands for a line over the limit; ``size`` is its length in bytes."""

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size

    def as_problem(self) -> dict[str, Any]:
        """The members of a report row's ``problem``."""
        detail = f"The line has {self.size:,} bytes; the limit is {LINE_LIMIT // 1024**2} MiB."
        return {"code": "line-too-long", "detail": detail}


def read_lines(stream: BinaryIO, limit: int = LINE_LIMIT) -> Iterator[tuple[int, bytes | LineTooLong]]:
    """Numbered lines (from 1) without their ends; blank ones are left out.

    Holds one line of at most ``limit`` bytes; of a longer one nothing is kept but its length.
    """
    number = 0
    while True:
        line = stream.readline(limit + 2)
        if not line:
            return
        number += 1
        size = len(line)
        if not line.endswith(b"\n") and size > limit:
            del line
            size += _skip_rest(stream)
        elif size <= limit or len(line.rstrip(b"\r\n")) <= limit:
            line = line.strip()
            if line:
                yield number, line
            continue
        yield number, LineTooLong(size)


def _skip_rest(stream: BinaryIO) -> int:
    skipped = 0
    while True:
        part = stream.readline(_CHUNK)
        skipped += len(part)
        if not part or part.endswith(b"\n"):
            return skipped
