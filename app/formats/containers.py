"""ZIP, TAR and compressed files of other files: each entry is an input of its own, one level deep.

Entries are given one after the other, as streams; nothing is unpacked to a name of the archive's choosing. What is
wrong with an entry is its own problem, and what is wrong with the archive ends it: what came before stays.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from app.formats.kinds import container_kind
from app.formats.problems import Unreadable
from app.formats.tar_entries import tar_entries
from app.formats.unpacking import Counted, Entry, Limits, Unpacked, spooled
from app.formats.zip_entries import zip_entries

__all__ = ["Entry", "Limits", "entries_of", "is_passed_over", "refuse_nested"]

BOOKS_INDEX: Final = "fanarchive-index.csv"
"""What lists the books of our own dumps, whose works are in the books."""
_PASSED_NAMES = frozenset(
    {"thumbs.db", "desktop.ini", "icon\r", BOOKS_INDEX, "metadata.db", "metadata_db_prefs_backup.json"}
)
_ABOUT_FILES = re.compile(r"(?:read[ _-]?me|licen[cs]e|copying)(?:\.(?:txt|md|html?))?", re.IGNORECASE)
"""What tells of the other files, or of the program that made them."""
_PASSED_FOLDERS = frozenset({"__macosx", "@eadir", "$recycle.bin"})
_PASSED_ENDINGS = frozenset(
    {
        *(".css", ".js", ".map", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".png", ".jpg", ".jpeg", ".gif", ".webp"),
        *(".avif", ".svg", ".bmp", ".ico", ".tif", ".tiff", ".mp3", ".mp4", ".m4a", ".ogg", ".wav", ".webm", ".opf"),
        *(
            ".bak",
            ".tmp",
            ".swp",
            ".ini",
            ".db-journal",
            ".ncx",
            ".url",
            ".webloc",
            ".lnk",
            ".part",
            ".crdownload",
            ".exe",
            ".dll",
            ".log",
        ),
    }
)
_PICTURES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"wOFF", b"wOF2")
_COMPRESSED_ENDING = re.compile(r"\.(?:gz|bz2|xz)$", re.IGNORECASE)
_TAR_ENDING = re.compile(r"\.t(?:gz|bz2?|xz)$", re.IGNORECASE)


def entries_of(stream: BinaryIO, head: bytes, name: str, limits: Limits) -> Iterator[Entry]:
    """The entries of a container in its own order; ``head`` has been read from ``stream`` already.

    An entry has a problem or a stream, which can be read until the next entry is asked for. Raises :class:`Unreadable`
    for what ends the container.
    """
    kind = container_kind(head)
    whole = io.BufferedReader(Counted(head, stream, limits.bytes), 1 << 16)
    if kind == "zip":
        own = stream.seekable() and stream.tell() == len(head)
        with nullcontext(stream) if own else spooled(whole, limits) as file:
            yield from zip_entries(file, limits)
        return
    if kind == "tar":
        yield from tar_entries(whole, limits)
        return
    assert kind is not None
    unpacked = io.BufferedReader(Unpacked(whole, kind, limits), 1 << 16)
    inside = unpacked.peek(512)
    if container_kind(inside) == "tar":
        yield from tar_entries(unpacked, limits)
    else:
        yield Entry(inner_name(name), unpacked)


def inner_name(name: str) -> str:
    """The name of the one file that a compressed file holds."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return _COMPRESSED_ENDING.sub("", _TAR_ENDING.sub(".tar", last)) or "-"


def is_passed_over(name: str, head: bytes) -> bool:
    """Whether an entry is none of those that hold works: a picture, a style, what a system left behind."""
    path = PurePosixPath(name)
    folders = {part.casefold() for part in path.parts[:-1]}
    return (
        path.name.startswith((".", "~$"))
        or path.name.endswith("~")
        or path.name.casefold() in _PASSED_NAMES
        or _ABOUT_FILES.fullmatch(path.name) is not None
        or not folders.isdisjoint(_PASSED_FOLDERS)
        or path.suffix.casefold() in _PASSED_ENDINGS
        or head.startswith(_PICTURES)
        or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
    )


def is_beside(name: str) -> bool:
    """Whether a file that is none of those that hold works may tell of others: a book's package by itself."""
    path = PurePosixPath(name)
    return path.suffix.casefold() == ".opf" and not path.name.startswith(".")


def refuse_nested(head: bytes) -> None:
    """Raise for an entry that is a container itself."""
    if container_kind(head) is not None:
        raise Unreadable("nested-archive", "It is an archive inside an archive; unpack the outer one first.")
