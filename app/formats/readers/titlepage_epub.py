"""EPUBs of other programs, with a title page laid out as FanFicFare does: a heading of links, then labelled lines."""

from __future__ import annotations

from pathlib import PurePosixPath

from app.formats.epub_book import EpubBook
from app.formats.fanficfare_chapters import read_chapter, settle
from app.formats.fanficfare_fields import Fields, fill
from app.formats.fanficfare_labels import key_of
from app.formats.manuscript import Manuscript
from app.formats.problems import Unreadable
from app.formats.reading import BookReader
from app.formats.title_page import read_page

_TITLE_PAGES = frozenset({"titlepage", "title_page", "title-page", "title"})
_ENOUGH = 4


def score(book: EpubBook) -> float:
    """The first document is such a title page, whatever made it."""
    name = _title_page(book)
    if name is None:
        return 0.0
    fields = Fields()
    try:
        read_page(book.document(name), fields)
    except Unreadable:
        return 0.0
    known = sum(key_of(key) is not None or key_of(entry.label) is not None for key, entry in fields.entries.items())
    return 0.85 if fields.text("storyUrl") and known >= _ENOUGH else 0.0


def _title_page(book: EpubBook) -> str | None:
    return next((name for name in book.spine[:3] if PurePosixPath(name).stem.lower() in _TITLE_PAGES), None)


def read(book: EpubBook) -> Manuscript:
    """The work of a book."""
    name = _title_page(book)
    if name is None:
        raise Unreadable("no-title-page", "The book has no title page that tells what is what.")
    work = Manuscript()
    fields = Fields(known=book.values("dc:subject"))
    work.authors = read_page(book.document(name), fields)
    fill(work, fields)
    navigation = {item.name for item in book.manifest.values() if "nav" in item.properties}
    for other in book.spine:
        if other != name and other not in navigation:
            page = book.document(other)
            work.chapters.append(read_chapter(work, page))
    settle(work)
    return work


BOOK = BookReader("titlepage-epub", score, read)
