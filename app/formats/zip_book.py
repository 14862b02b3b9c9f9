"""A ZIP that is one book, opened with suspicion: what it may hold is checked before anything of it is unpacked."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import PurePosixPath
from typing import Final

from app.formats.problems import Unreadable
from app.formats.zip_errors import DAMAGED

LARGEST: Final = 128 * 1024 * 1024
"""Bytes of the file itself."""
MOST_ENTRIES: Final = 5_000
LARGEST_UNPACKED: Final = 200 * 1024 * 1024
HIGHEST_RATIO: Final = 100
SMALL: Final = 1024 * 1024
"""Entries up to this size may be packed as tightly as they like."""

_ENTRY_MARK = b"PK\x01\x02"
_ZIP_MARK = b"PK\x03\x04"
_PACKED_NAMES = frozenset(
    {".zip", ".epub", ".jar", ".cbz", ".docx", ".odt", ".7z", ".rar", ".gz", ".xz", ".bz2", ".tar"}
)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 1


class ZipBook:
    """The entries of a book's ZIP by name; raises :class:`Unreadable` for whatever a book has no business to hold."""

    def __init__(self, data: bytes) -> None:
        if len(data) > LARGEST:
            raise Unreadable("too-large", f"A book may have {LARGEST // 2**20} MiB.")
        # The list of entries is read whole when it is opened, so it is counted before.
        if data.count(_ENTRY_MARK) > MOST_ENTRIES:
            raise Unreadable("too-many-entries", f"The ZIP has more than {MOST_ENTRIES:,} entries.")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except DAMAGED as error:
            raise Unreadable("bad-zip", f"The ZIP is damaged or cut off: {_words(error)}") from error
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            self._admit(info)
        total = sum(info.file_size for info in self._entries.values())
        if total > LARGEST_UNPACKED:
            raise Unreadable(
                "zip-bomb", f"Unpacked, the ZIP would have {total:,} bytes; {LARGEST_UNPACKED:,} are read."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files, in the order of the archive."""
        return tuple(self._entries)

    def __contains__(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return name in self._entries

    def read(self, name: str) -> bytes:
        """The bytes of a file; raises :class:`KeyError` for a name that is not there."""
        info = self._entries[name]
        try:
            with self._zip.open(info) as entry:
                data = entry.read(info.file_size + 1)
        except DAMAGED as error:
            raise Unreadable("bad-zip", f"{_shown(name)} in the ZIP is damaged: {_words(error)}", name) from error
        if len(data) != info.file_size:  # headers lie
            raise Unreadable("bad-zip", f"{_shown(name)} has not the size that the ZIP says.", name)
        if data.startswith(_ZIP_MARK):
            raise Unreadable("nested-archive", f"{_shown(name)} is an archive inside the book.", name)
        return data

    def _admit(self, info: zipfile.ZipInfo) -> None:
        name = _safe_name(info)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Unreadable("symlink", f"{_shown(name)} is a symbolic link.", name)
        if info.flag_bits & _ENCRYPTED:
            raise Unreadable("encrypted", f"{_shown(name)} is encrypted; remove the protection first.", name)
        if info.is_dir() or name.endswith("/"):
            return
        if name in self._entries:
            raise Unreadable("duplicate-entry", f"{_shown(name)} is in the ZIP twice.", name)
        if info.compress_type not in _METHODS:
            raise Unreadable("bad-zip", f"{_shown(name)} is packed by a method that books do not use.", name)
        if PurePosixPath(name).suffix.lower() in _PACKED_NAMES:
            raise Unreadable("nested-archive", f"{_shown(name)} is an archive inside the book.", name)
        if info.file_size > SMALL and info.file_size > HIGHEST_RATIO * max(info.compress_size, 1):
            raise Unreadable("zip-bomb", f"{_shown(name)} is packed more than {HIGHEST_RATIO} to 1.", name)
        self._entries[name] = info


def _safe_name(info: zipfile.ZipInfo) -> str:
    """The name of an entry with forward slashes; raises for one that could point out of the archive."""
    name = info.orig_filename.replace("\\", "/")
    parts = name.split("/")
    if not name or "\0" in name or name.startswith("/") or ".." in parts or ":" in parts[0]:
        raise Unreadable("unsafe-name", f"{_shown(name)} is no name that a file in a book may have.")
    return "/".join(part for part in parts if part != ".")


def _shown(name: str) -> str:
    kept = "".join(character if character.isprintable() else "?" for character in name[:100])
    return f"“{kept}”"


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")[:200] + "."
