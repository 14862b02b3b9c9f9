"""The formats that are read, and which of them an input is: found out from its content, not its name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.manuscript import ReadItem
from app.formats.options import ReadOptions
from app.formats.readers import ao3_listing, book_json, ndjson, plain_text, scraper_csv
from app.formats.reading import Reader, fill_gaps

HEAD = 65_536
READERS: dict[str, Reader] = {
    module.READER.name: module.READER for module in (ndjson, ao3_listing, book_json, scraper_csv, plain_text)
}
NAMES = tuple(READERS)
CERTAIN_ENOUGH = 0.1

_SIGNATURES: list[tuple[bytes, int, str]] = [
    (b"PK\x03\x04", 0, "ZIP or EPUB: take the texts out of it, as plain text or NDJSON"),
    (b"%PDF-", 0, "PDF: convert it to plain text"),
    (b"BOOKMOBI", 60, "MOBI or AZW3: convert it to plain text"),
    (b"{\\rtf", 0, "RTF: convert it to plain text"),
    (b"\x1f\x8b", 0, "gzip: unpack it first"),
    (b"\x89PNG", 0, "an image"),
    (b"\xff\xd8\xff", 0, "an image"),
]


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


def read_stream(
    stream: BinaryIO, name: str, options: ReadOptions, file_format: str | None = None
) -> Iterator[ReadItem]:
    """The items of one input, in order; an input that no reader takes is one failed item."""
    head = stream.read(HEAD)
    for signature, offset, what in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            detail = f"This is {what}. What is read: {', '.join(NAMES)}."
            yield ReadItem(name, problem={"code": "unsupported-format", "detail": detail})
            return
    reader = READERS[file_format] if file_format else choose(head, name)
    if reader is None:
        detail = f"It is in no format that is read: {', '.join(NAMES)}."
        yield ReadItem(name, problem={"code": "unsupported-format", "detail": detail})
        return
    joined = io.BufferedReader(_Joined(head, stream), HEAD)
    for item in reader.read(joined, name):
        if item.manuscript is not None:
            fill_gaps(item.manuscript, options)
        yield item
