"""The entries of a TAR, as they come: nothing is sought, nothing is unpacked to disk."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import BinaryIO, Final

from app.formats.problems import Unreadable
from app.formats.unpacking import Entry, Guarded, Limits, safe_name, shown_name

_HEADER_LIMIT: Final = 1024 * 1024
_KINDS = {
    "issym": "symlink",
    "islnk": "symlink",
    "ischr": "special-file",
    "isblk": "special-file",
    "isfifo": "special-file",
}


class _Forward:
    """A stream that tarfile may move forward in, and whose headers are not endless."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0
        self.in_header = True

    def read(self, size: int = -1) -> bytes:
        if self.in_header and not 0 <= size <= _HEADER_LIMIT:
            raise Unreadable("bad-archive", "A header of the archive is longer than it may be.")
        data = self._stream.read(size)
        self._at += len(data)
        return data

    def tell(self) -> int:
        return self._at

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or position < self._at:
            raise Unreadable("bad-archive", "The archive's entries overlap.")
        while self._at < position:
            piece = self._stream.read(min(position - self._at, 1 << 20))
            if not piece:
                break
            self._at += len(piece)
        return self._at


def tar_entries(stream: BinaryIO, limits: Limits) -> Iterator[Entry]:
    """The entries of a TAR; raises :class:`Unreadable` for what ends it."""
    forward = _Forward(stream)
    budget = [limits.bytes]
    seen: set[str] = set()
    try:
        archive = tarfile.TarFile(fileobj=forward, mode="r", errorlevel=0)  # type: ignore[arg-type]
    except (tarfile.TarError, OSError, ValueError, OverflowError) as error:
        raise _damaged(error) from error
    count = 0
    while True:
        forward.in_header = True
        try:
            member = archive.next()
        except (tarfile.TarError, OSError, ValueError, OverflowError, RecursionError) as error:
            raise _damaged(error) from error
        if member is None:
            return
        archive.members.clear()  # type: ignore[attr-defined]  # it remembers all of them
        count += 1
        if count > limits.entries:
            raise Unreadable("too-many-entries", f"The archive has over {limits.entries:,} entries.")
        forward.in_header = False
        if not member.isdir():
            yield _entry(archive, member, seen, budget)


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo, seen: set[str], budget: list[int]) -> Entry:
    shown = shown_name(member.name)
    try:
        name = safe_name(member.name)
        _admit(member, name, seen)
        stream = archive.extractfile(member)
    except Unreadable as error:
        return Entry(shown, problem=error)
    except (tarfile.TarError, OSError, ValueError, KeyError) as error:
        return Entry(shown, problem=_damaged(error))
    assert stream is not None
    return Entry(name, io.BufferedReader(Guarded(stream, None, budget, "truncated"), 1 << 16))  # type: ignore[arg-type]


def _admit(member: tarfile.TarInfo, name: str, seen: set[str]) -> None:
    for question, code in _KINDS.items():
        if getattr(member, question)():
            raise Unreadable(code, "The entry is a link or a device, not a file.")
    if member.sparse is not None or not member.isreg():
        raise Unreadable("special-file", "The entry is no plain file.")
    if name in seen:
        raise Unreadable("duplicate-entry", "An entry of that name came before.")
    seen.add(name)


def _damaged(error: Exception) -> Unreadable:
    if isinstance(error, Unreadable):
        return error
    return Unreadable("truncated", f"The archive is cut off or damaged: {str(error)[:200]}. What came before was read.")
