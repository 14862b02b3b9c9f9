"""Formats that are known and not read: what a file of them is, and what to convert it to."""

from __future__ import annotations

_SIGNATURES: list[tuple[bytes, int, str]] = [
    (b"%PDF-", 0, "a PDF; convert it to EPUB or HTML"),
    (b"BOOKMOBI", 60, "a MOBI or AZW3; convert it to EPUB or HTML"),
    (b"TPZ", 0, "a Topaz book; convert it to EPUB or HTML"),
    (b"\xd0\xcf\x11\xe0", 0, "an old Office file; save it as DOCX or HTML"),
    (b"\x28\xb5\x2f\xfd", 0, "Zstandard; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7-Zip archive; unpack it first"),
    (b"Rar!\x1a\x07", 0, "a RAR archive; unpack it first"),
    (b"SQLite format 3\x00", 0, "a SQLite database; export its works as NDJSON or CSV"),
    (b"\x00\x00\x00\x01Bud1", 0, "what a Mac keeps of a folder"),
    (b"ITOLITLS", 0, "a Microsoft Reader book; convert it to EPUB or HTML"),
    (b"ITSF", 0, "a CHM file; convert it to EPUB or HTML"),
    (b"bplist00", 0, "a web archive of Safari; save the page as HTML"),
    (b"\x89PNG", 0, "an image"),
    (b"\xff\xd8\xff", 0, "an image"),
    (b"GIF8", 0, "an image"),
]


def what_it_is(head: bytes) -> str | None:
    """What an input is that no reader takes, and what to do about it; ``None`` for everything else."""
    for signature, offset, what in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return what
    return None
