"""EPUBs that FicHub exported: an introduction, then a document for each chapter."""

from __future__ import annotations

from pathlib import PurePosixPath

from app.formats.epub_book import EpubBook
from app.formats.fanficfare_chapters import read_chapter, settle
from app.formats.fichub_page import read_introduction
from app.formats.manuscript import Manuscript
from app.formats.markup import first
from app.formats.problems import Unreadable
from app.formats.reading import BookReader

_INTRODUCTION = "introduction"
_MARK = b"Exported with the assistance of"


def score(book: EpubBook) -> float:
    """An introduction that names FicHub."""
    return 0.95 if _introduction(book) is not None else 0.0


def _introduction(book: EpubBook) -> str | None:
    """One of the first documents with FicHub's words, best the one that has the name."""
    found = [name for name in book.spine[:3] if _MARK in b" ".join(book.archive.read(name).split())]
    return min(found, key=lambda name: PurePosixPath(name).stem.lower() != _INTRODUCTION, default=None)


def read(book: EpubBook) -> Manuscript:
    """The work of a book."""
    name = _introduction(book)
    body = first(book.document(name), "//body") if name is not None else None
    if body is None:
        raise Unreadable("no-introduction", "The book lacks the introduction that FicHub writes.")
    work = read_introduction(body)
    titles = {entry.name: entry.label for entry in book.toc}
    navigation = {item.name for item in book.manifest.values() if "nav" in item.properties}
    for other in book.spine:
        if other != name and other not in navigation:
            page = book.document(other)
            chapter = read_chapter(work, page)
            chapter.title = chapter.title or titles.get(other, "")
            work.chapters.append(chapter)
    settle(work)
    return work


BOOK = BookReader("fichub-epub", score, read)
