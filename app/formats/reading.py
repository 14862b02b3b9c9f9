"""What all readers share: the shape of a reader, and filling gaps from what was given beside a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from app.formats.epub_book import EpubBook
from app.formats.manuscript import Manuscript, ReadItem
from app.formats.options import ReadOptions
from app.formats.problems import Unreadable
from app.formats.zip_book import LARGEST as LARGEST_BOOK

Kind = Literal["text", "markup", "epub", "docx", "odt"]
"""What an input is at first sight: HTML or XML, a book or an Office document in a ZIP, or anything else: text."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: how likely an input is of it (0..1, from its first bytes and its name), and how it is read.

    ``one_work``: a file holds one work, which takes the file's name where its text names no title and none was given.
    ``takes``: only inputs of this kind are offered to it.
    ``streams``: it reads item after item in little memory, whatever the length, so that it needs no process of its own.
    ``by_line``: each line that is not blank is an item by itself, so that an input can be cut at any line.
    """

    name: str
    score: Callable[[bytes, str], float]
    read: Callable[[BinaryIO, str], Iterator[ReadItem]]
    one_work: bool = False
    takes: Kind = "text"
    streams: bool = False
    by_line: bool = False


@dataclass(frozen=True, slots=True)
class BookReader:
    """A kind of EPUB. Its first bytes say little of a ZIP, so the opened book is judged (0..1), and read.

    ``read`` may raise :class:`Unreadable`. A book is one work, or a collection of several.
    """

    name: str
    score: Callable[[EpubBook], float]
    read: Callable[[EpubBook], Manuscript | list[Manuscript]]

    def items(self, book: EpubBook, name: str) -> Iterator[ReadItem]:
        """The one item of a book that is open, or those of a collection."""
        try:
            found = self.read(book)
        except Unreadable as error:
            yield ReadItem(name, problem=error.as_problem())
            return
        works = found if isinstance(found, list) else [found]
        for number, manuscript in enumerate(works, 1):
            manuscript.notices = [*book.notices, *manuscript.notices]
            where = name if len(works) == 1 else f"{name} story {number}"
            yield ReadItem(where, manuscript, format=self.name)

    def as_reader(self) -> Reader:
        """The same as a reader of files, for when the format is named beforehand."""

        def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
            try:
                book = open_book(stream)
            except Unreadable as error:
                yield ReadItem(name, problem=error.as_problem())
            else:
                yield from self.items(book, name)

        return Reader(self.name, lambda _head, _name: 0.0, read, one_work=True, takes="epub")


def read_all(stream: BinaryIO, limit: int) -> bytes:
    """All bytes of a stream; raises :class:`Unreadable` where there are more than ``limit``."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise Unreadable("too-large", f"The file has more than {limit / 2**20:,.0f} MiB.")
    return data


def whole_file(
    manuscript_of: Callable[[bytes], Manuscript], largest: int
) -> Callable[[BinaryIO, str], Iterator[ReadItem]]:
    """What reads a file that is one work: its one item is the work, or what is wrong with the file."""

    def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
        try:
            yield ReadItem(name, manuscript_of(read_all(stream, largest)))
        except Unreadable as error:
            yield ReadItem(name, problem=error.as_problem())

    return read


def open_book(stream: BinaryIO) -> EpubBook:
    """The EPUB that a stream holds; raises :class:`Unreadable`."""
    return EpubBook(read_all(stream, LARGEST_BOOK))


def fill_gaps(manuscript: Manuscript, options: ReadOptions) -> Manuscript:
    """Add what the file does not say; what it says stands."""
    manuscript.title = manuscript.title or options.title
    manuscript.authors = manuscript.authors or list(options.authors)
    manuscript.fandoms = manuscript.fandoms or list(options.fandoms)
    manuscript.characters = manuscript.characters or list(options.characters)
    manuscript.relationships = manuscript.relationships or list(options.relationships)
    manuscript.freeforms = manuscript.freeforms or list(options.freeforms)
    manuscript.rating = manuscript.rating or options.rating
    manuscript.language = manuscript.language or options.language
    manuscript.status = manuscript.status or options.status
    return manuscript
