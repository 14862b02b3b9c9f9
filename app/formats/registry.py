"""The formats that are read, and which of them an input is: found out from its content, not its name."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.manuscript import ReadItem
from app.formats.options import ReadOptions
from app.formats.readers import ao3_listing, book_json, ndjson, plain_text, scraper_csv, works_json
from app.formats.reading import Reader, fill_gaps, title_from_name

HEAD = 65_536
READERS: dict[str, Reader] = {
    module.READER.name: module.READER
    for module in (ndjson, ao3_listing, book_json, works_json, scraper_csv, plain_text)
}
NAMES = tuple(READERS)
CERTAIN_ENOUGH = 0.1

_SIGNATURES: list[tuple[bytes, int, str]] = [
    (b"PK\x03\x04", 0, "a ZIP or EPUB; take the texts out of it, as plain text or NDJSON"),
    (b"PK\x05\x06", 0, "an empty ZIP"),
    (b"%PDF-", 0, "a PDF; convert it to plain text"),
    (b"BOOKMOBI", 60, "a MOBI or AZW3; convert it to plain text"),
    (b"TPZ", 0, "a Topaz book; convert it to plain text"),
    (b"{\\rtf", 0, "RTF; convert it to plain text"),
    (b"\xd0\xcf\x11\xe0", 0, "an old Office file; save it as plain text"),
    (b"\x1f\x8b", 0, "gzip; unpack it first"),
    (b"\x28\xb5\x2f\xfd", 0, "Zstandard; unpack it first"),
    (b"BZh", 0, "bzip2; unpack it first"),
    (b"\xfd7zXZ\x00", 0, "xz; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7-Zip archive; unpack it first"),
    (b"Rar!\x1a\x07", 0, "a RAR archive; unpack it first"),
    (b"SQLite format 3\x00", 0, "a SQLite database; export its works as NDJSON or CSV"),
    (b"\x89PNG", 0, "an image"),
    (b"\xff\xd8\xff", 0, "an image"),
    (b"GIF8", 0, "an image"),
]
_MARKUP = re.compile(rb"<(?:!doctype\s|html[\s>]|\?xml\s|head[\s>]|body[\s>]|feed[\s>]|rss[\s>]|!--)", re.IGNORECASE)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _unsupported(head: bytes) -> str | None:
    """What an input is that no reader takes, and what to do about it; ``None`` for everything else."""
    for signature, offset, what in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return what
    start = next((head[len(mark) :] for mark in _MARKS if head.startswith(mark)), head)[:400].replace(b"\0", b"")
    if _MARKUP.match(start.lstrip()):
        return "HTML or XML; save the work as plain text"
    return None


class _Joined(io.RawIOBase):
    """What was looked at, then the rest: for streams that cannot go back."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._head[: len(buffer)] if self._head else memoryview(self._rest.read(len(buffer)) or b"")
        if self._head:
            self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def choose(head: bytes, name: str) -> Reader | None:
    """The reader that the first bytes of an input fit best; ``None`` where none does."""
    scores = [(reader.score(head, name), reader) for reader in READERS.values()]
    best, reader = max(scores, key=lambda scored: scored[0])
    return reader if best > CERTAIN_ENOUGH else None


def by_name(file_format: str) -> Reader:
    """The reader of a format of :data:`NAMES`; raises :class:`ValueError` for any other."""
    if file_format not in READERS:
        raise ValueError(f"{file_format!r} is no format; there are {', '.join(NAMES)}")
    return READERS[file_format]


def read_stream(
    stream: BinaryIO, name: str, options: ReadOptions, file_format: str | None = None
) -> Iterator[ReadItem]:
    """The items of one input, in order; an input that no reader takes is one failed item."""
    head = stream.read(HEAD)
    what = _unsupported(head)
    if what is not None:
        detail = f"This is {what}. What is read: {', '.join(NAMES)}."
        yield ReadItem(name, problem={"code": "unsupported-format", "detail": detail})
        return
    reader = by_name(file_format) if file_format else choose(head, name)
    if reader is None:
        detail = f"It is in no format that is read: {', '.join(NAMES)}."
        yield ReadItem(name, problem={"code": "unsupported-format", "detail": detail})
        return
    joined = io.BufferedReader(_Joined(head, stream), HEAD)
    for item in reader.read(joined, name):
        item.alone = reader.one_work
        if item.manuscript is not None:
            fill_gaps(item.manuscript, options)
            if reader.one_work and not item.manuscript.title:
                item.manuscript.title = title_from_name(name)
        yield item
