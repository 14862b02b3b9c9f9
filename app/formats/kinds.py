"""What a file is that begins like a ZIP, a TAR or a compressed file: told from its first bytes."""

from __future__ import annotations

import bz2
import lzma
import re
import struct
import zlib
from typing import Final, Literal

Container = Literal["zip", "tar", "gzip", "bzip2", "xz"]

ZIP_MARK: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
_HEADER: Final = struct.Struct("<4s5H3L2H")
_STREAMED: Final = 8
_OFFICE_NAMES = ("[Content_Types].xml", "_rels/", "docProps/", "word/", "xl/", "ppt/")
_BOOK_NAMES = ("mimetype", "META-INF/")
_COMPRESSED: dict[bytes, Container] = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
_USTAR_AT = 257
_MIME_TYPES: dict[bytes, Literal["epub", "odt"]] = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.": "odt",
}
_CONTAINER_XML = b"META-INF/container.xml"
_BLOCK = 4_096


def zip_kind(head: bytes) -> Literal["epub", "docx", "odt", "zip"] | None:
    """What a ZIP is by the names of its first entries: a book, an Office document of either kind, or anything else."""
    if not head.startswith(ZIP_MARK):
        return "zip" if head.startswith(EMPTY_ZIP) else None
    names, whole = _first_names(head)
    if any(name.startswith(_OFFICE_NAMES) for name in names):
        return "docx"
    said = next((kind for mark, kind in _MIME_TYPES.items() if "mimetype" in names and mark in head[:200]), None)
    if said is not None:
        return said
    if any(name == _CONTAINER_XML.decode() for name in names):
        return "epub"
    # Entries of unknown length hide the names behind them; those of books beside others would be further in.
    hidden = not whole and not any(re.search(r"\.(?:epub|zip|docx)$", name, re.IGNORECASE) for name in names)
    if hidden and (_CONTAINER_XML in head or (names and names[0].startswith(_BOOK_NAMES))):
        return "epub"
    return "zip"


def _first_names(head: bytes) -> tuple[list[str], bool]:
    """The names of the entries that begin in ``head``, and whether each could be passed by its length."""
    names: list[str] = []
    at = 0
    while head[at : at + 4] == ZIP_MARK and at + _HEADER.size <= len(head):
        _, _, flags, _, _, _, _, packed, _, name_length, extra_length = _HEADER.unpack_from(head, at)
        start = at + _HEADER.size
        names.append(head[start : start + name_length].decode("utf-8", "replace").replace("\\", "/"))
        if flags & _STREAMED and not packed:
            return names, False
        at = start + name_length + extra_length + packed
    return names, True


def container_kind(head: bytes) -> Container | None:
    """The container that a file is; ``None`` for any other file."""
    if zip_kind(head) == "zip":
        return "zip"
    if head[_USTAR_AT : _USTAR_AT + 5] == b"ustar":
        return "tar"
    for mark, kind in _COMPRESSED.items():
        if head.startswith(mark) and _unpacks(head, kind):
            return kind
    return None


def _unpacks(head: bytes, kind: Container) -> bool:
    """Whether the bytes behind the mark are what it promises: a text may begin with the same letters."""
    try:
        if kind == "gzip":
            zlib.decompressobj(31).decompress(head[:_BLOCK], 64)
        elif kind == "bzip2":
            return bz2.BZ2Decompressor().decompress(head[:_BLOCK], 64) is not None and head[4:10] in _BZIP2_BLOCKS
        else:
            lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=2**28).decompress(head[:_BLOCK], 64)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
        return kind != "bzip2"  # broken: the container says so
    return True


_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
