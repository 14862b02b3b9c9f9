"""Streams with limits: counted, unpacked piece by piece, kept in a temporary file where they are read out of order."""

from __future__ import annotations

import bz2
import io
import lzma
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final, Protocol

from app.formats.kinds import Container
from app.formats.problems import Unreadable

_PIECE: Final = 1 << 16
_XZ_MEMORY: Final = 256 * 1024 * 1024
_IN_MEMORY: Final = 8 * 1024 * 1024
HIGHEST_RATIO: Final = 100
SMALL: Final = 1024 * 1024
"""What unpacks to no more than this may be packed as tightly as it likes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container may hold."""

    entries: int = 100_000
    bytes: int = 20_000_000_000
    """Of the container, and of all that is unpacked from it."""


@dataclass(slots=True)
class Entry:
    """A file in a container: its name, and its content or what is wrong with it."""

    name: str
    stream: BinaryIO | None = None
    problem: Unreadable | None = None


class Counted(io.RawIOBase):
    """What was read of a stream already, then the rest, up to a limit."""

    def __init__(self, head: bytes, rest: BinaryIO, limit: int) -> None:
        self._head = memoryview(head)
        self._rest = rest
        self._left = limit

    def readable(self) -> bool:
        """It is read from."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer``; raises :class:`Unreadable` past the limit."""
        data = self._head[: len(buffer)] if self._head else memoryview(self._rest.read(len(buffer)) or b"")
        if self._head:
            self._head = self._head[len(data) :]
        self._left -= len(data)
        if self._left < 0:
            raise too_large()
        buffer[: len(data)] = data
        return len(data)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /, max_length: int) -> bytes: ...


class Unpacked(io.RawIOBase):
    """The content of a gzip, bzip2 or xz stream, piece by piece; several in a row are one."""

    def __init__(self, packed: BinaryIO, kind: Container, limits: Limits) -> None:
        self._packed = packed
        self._kind: Container = kind
        self._one = _decompressor(kind)
        self._waiting = b""
        self._fed = 0
        self._given = 0
        self._limit = limits.bytes

    def readable(self) -> bool:
        """It is read from."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Unpack into ``buffer``; raises :class:`Unreadable` for what is damaged, cut off, or far too much."""
        while True:
            if self._one.eof:
                rest = self._one.unused_data or self._waiting
                rest = (rest or self._next()).lstrip(b"\0")
                if not rest:
                    return 0
                self._one, self._waiting = _decompressor(self._kind), rest
            needs = bool(getattr(self._one, "needs_input", not self._waiting))
            piece = self._next() if needs and not self._waiting else self._waiting
            self._waiting = b""
            if needs and not piece:
                raise Unreadable("truncated", f"The {self._kind} file is cut off.")
            data = self._unpack(piece, len(buffer))
            self._waiting = getattr(self._one, "unconsumed_tail", b"")
            if data:
                self._given += len(data)
                self._judge()
                buffer[: len(data)] = data
                return len(data)

    def _next(self) -> bytes:
        piece = self._packed.read(_PIECE)
        self._fed += len(piece)
        return piece

    def _unpack(self, piece: bytes, length: int) -> bytes:
        try:
            return self._one.decompress(piece, length)
        except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError) as error:
            raise Unreadable("bad-archive", f"The {self._kind} file is damaged: {str(error)[:200]}.") from error

    def _judge(self) -> None:
        if self._given > self._limit:
            raise too_large()
        judge_ratio(self._given, self._fed)


def _decompressor(kind: Container) -> _Decompressor:
    if kind == "gzip":
        return zlib.decompressobj(31)
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


def judge_ratio(unpacked: int, packed: int) -> None:
    """Raise for what is packed more tightly than texts can be."""
    if unpacked > 64 * SMALL and unpacked > HIGHEST_RATIO * max(packed, 1):
        raise Unreadable("zip-bomb", f"It is packed more than {HIGHEST_RATIO} to 1.")


def too_large() -> Unreadable:
    """The archive holds more bytes than the limit."""
    return Unreadable("archive-too-large", "The archive, or what it unpacks to, is larger than the limit.")


@contextmanager
def spooled(stream: BinaryIO, limits: Limits) -> Iterator[BinaryIO]:
    """A copy of a stream that can be read in any order, gone afterwards."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        size = 0
        while piece := stream.read(_PIECE * 16):
            size += len(piece)
            if size > limits.bytes:
                raise too_large()
            file.write(piece)
        file.seek(0)
        yield file  # type: ignore[misc]  # a file for all that is done with it


def safe_name(name: str) -> str:
    """The name of an entry with forward slashes; raises for one that points out of the archive."""
    path = name.replace("\\", "/")
    parts = path.split("/")
    if not path.strip("/") or "\0" in path or path.startswith("/") or ".." in parts or ":" in parts[0]:
        raise Unreadable("unsafe-name", "The name of the entry points out of the archive.")
    return str(PurePosixPath(*(part for part in parts if part not in {"", "."}))) + ("/" if path.endswith("/") else "")


def shown_name(name: str) -> str:
    """A name as it can be shown: nothing unprintable, not endless."""
    kept = "".join(character if character.isprintable() else "?" for character in name)
    return kept if len(kept) <= 250 else f"{kept[:120]}…{kept[-120:]}"  # noqa: PLR2004


class Guarded(io.RawIOBase):
    """An entry of an archive as a stream whose every failure is an :class:`Unreadable`, counted while it is read."""

    def __init__(self, stream: BinaryIO, packed: int | None, budget: list[int], what: str) -> None:
        self._stream = stream
        self._packed = packed
        self._budget = budget
        self._what = what
        self._given = 0

    def readable(self) -> bool:
        """It is read from."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` from the entry."""
        try:
            data = self._stream.read(len(buffer))
        except Unreadable:
            raise
        except EOFError as error:
            raise Unreadable("truncated", "The entry is cut off.") from error
        except Exception as error:  # zipfile and tarfile raise what their parts raise
            raise Unreadable(self._what, f"The entry is damaged: {str(error)[:200]}") from error
        self._given += len(data)
        self._budget[0] -= len(data)
        if self._budget[0] < 0:
            raise too_large()
        if self._packed is not None:
            judge_ratio(self._given, self._packed)
        buffer[: len(data)] = data
        return len(data)
