"""A ZIP that is sent while it is written: it may be larger than memory, and one that was begun before can be resumed.

Each entry is stored as it is, with its size and sum before it and not behind it: of a ZIP that is cut off, everything
up to the cut can then still be read. That asks for a file in which one can go back; a window on the newest entry is
enough. Times and order are fixed, so the same entries are the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored file of a ZIP: where its header begins, where its content ends, and what that is."""

    name: str
    start: int
    end: int
    size: int
    crc: int


class ZipStream:
    """Entries to pieces of a ZIP, one after the other; ``written`` are those that are out already."""

    def __init__(self, written: Iterable[Entry] = ()) -> None:
        entries = list(written)
        self._window = _Window(entries[-1].end if entries else 0)
        self._zip = zipfile.ZipFile(self._window, "w")
        self._zip.filelist.extend(map(_info_of, entries))

    def add(self, name: str, data: bytes, *, packed: bool = False) -> tuple[Entry, bytes]:
        """Add a file; its entry, and the next piece of the ZIP."""
        info = _info(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        self._zip.writestr(info, data)
        piece = self._window.take()
        return Entry(name, info.header_offset, self._window.tell(), len(data), info.CRC), piece

    def finish(self, comment: str) -> bytes:
        """The last piece: the list of all entries, and a remark for people."""
        self._zip.comment = comment.encode()
        self._zip.close()
        return self._window.take()


class _Window(io.RawIOBase):
    """A file of which only what was written since the last :meth:`take` is there."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._held = io.BytesIO()

    def seekable(self) -> bool:
        """Within what is held."""
        return True

    def writable(self) -> bool:
        """It is written to."""
        return True

    def tell(self) -> int:
        """The place in the whole file."""
        return self._start + self._held.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place that is still held."""
        if whence != io.SEEK_SET or offset < self._start:
            raise OSError("what was taken is gone")
        return self._start + self._held.seek(offset - self._start)

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write on."""
        return self._held.write(data)

    def take(self) -> bytes:
        """All that is held; then nothing is."""
        piece = self._held.getvalue()
        self._start += len(piece)
        self._held = io.BytesIO()
        return piece


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system = _UNIX
    info.external_attr = _MODE
    return info


def _info_of(entry: Entry) -> zipfile.ZipInfo:
    info = _info(entry.name)
    info.header_offset, info.CRC = entry.start, entry.crc
    info.file_size = info.compress_size = entry.size
    return info
