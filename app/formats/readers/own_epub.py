"""Books that an archive like this one wrote: the import records that they carry, of one work or of several."""

from __future__ import annotations

from collections.abc import Iterator

from app.formats.epub_book import EpubBook
from app.formats.manuscript import Manuscript, ReadItem
from app.formats.problems import Unreadable
from app.formats.reading import BookReader
from app.formats.record import parse_record
from app.formats.writers.epub import FOLDER, RECORDS

LARGEST = 64 * 2**20
"""Bytes of one record, as of a line."""
MOST_RECORDS = 1_000


def score(book: EpubBook) -> float:
    """Known by its records."""
    return 1.0 if _records(book) else 0.0


def read(book: EpubBook) -> Manuscript:
    """The first work; raises :class:`Unreadable` where the book has no record."""
    names = _records(book)
    if not names:
        raise Unreadable("no-record", "The book carries no import record.")
    return _work(book, names[0])


def _records(book: EpubBook) -> list[str]:
    return sorted(name for name in book.archive.names if name.startswith(f"{FOLDER}/{RECORDS}/"))[:MOST_RECORDS]


def _work(book: EpubBook, name: str) -> Manuscript:
    data = book.archive.read(name)
    if len(data) > LARGEST:
        raise Unreadable("too-large", f"A record may have {LARGEST // 2**20} MiB.", name)
    return parse_record(data)


class _Reader(BookReader):
    """A book of several works is several items: the works of a series."""

    def items(self, book: EpubBook, name: str) -> Iterator[ReadItem]:
        names = _records(book)
        if len(names) <= 1:
            yield from super().items(book, name)
            return
        for number, record in enumerate(names, 1):
            where = f"{name} work {number}"
            try:
                yield ReadItem(where, _work(book, record))
            except Unreadable as error:
                yield ReadItem(where, problem=error.as_problem())


BOOK = _Reader("fanarchive-epub", score, read)
