"""Pieces of a known length on a pipe; an empty one ends a message."""

from __future__ import annotations

import struct
from typing import IO, Final

_LENGTH: Final = struct.Struct("<I")


class FrameTooLong(ValueError):
    """A piece is longer than the reader takes."""


def write_frame(to: IO[bytes], data: bytes) -> None:
    """One piece."""
    to.write(_LENGTH.pack(len(data)))
    to.write(data)


def read_frame(source: IO[bytes], longest: int) -> bytes:
    """One piece; raises :class:`EOFError` where the pipe ends, :class:`FrameTooLong` for one that is longer."""
    (length,) = _LENGTH.unpack(_exactly(source, _LENGTH.size))
    if length > longest:
        raise FrameTooLong
    return _exactly(source, length)


def _exactly(source: IO[bytes], length: int) -> bytes:
    data = source.read(length)
    if len(data) < length:
        raise EOFError
    return data
