"""Books: EPUB 3.3, with what readers of EPUB 2 need, and the import records of their works for the way back.

The same work gives the same bytes: reading apps know a book, and how far somebody is in it, by a hash of the file. So
times and order in the ZIP are fixed, ids are counted, and nothing says when the file was made.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Self

from app.formats.writers.book import BookWork, byline, language_of, one_line, plain, title_of
from app.formats.writers.cover import draw_cover
from app.formats.writers.package import (
    CONTAINER,
    Entry,
    Item,
    Package,
    navigation,
    ncx,
    package_document,
    page,
)
from app.formats.writers.pages import STYLE, chapter_label, chapter_page, end_page, title_page
from app.formats.writers.record import write_record
from app.formats.writers.xhtml import to_xhtml
from app.kit.html import html_to_text

MEDIA_TYPE = "application/epub+zip"
FORMAT_VERSION = 2
"""Raised with every change of what is written: books that were downloaded before are other ones then."""
FOLDER = "EPUB"
RECORDS = "records"
_XHTML = "application/xhtml+xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Collection:
    """What a book of several works says of itself."""

    title: str
    authors: tuple[str, ...]
    language: str
    identifier: str
    modified: datetime
    summary: str = ""
    """Cleaned HTML."""
    remarks: tuple[str, ...] = ()
    consent: dict[str, str] = field(default_factory=dict)
    """What all of its works allow."""


def write_epub(out: IO[bytes], work: BookWork, fonts: tuple[Path, ...] = ()) -> None:
    """Write the book of one work."""
    manuscript = work.manuscript
    package = Package(
        identifier=work.identifier,
        title=title_of(manuscript),
        language=language_of(manuscript),
        modified=work.modified,
        creators=_creators(manuscript.authors),
        description=html_to_text(manuscript.summary),
        subjects=list(dict.fromkeys(filter(None, map(one_line, _tags(work))))),
        published=manuscript.published_at,
        source=manuscript.source.url if manuscript.source else None,
        series=[(one_line(one.title), one.position) for one in manuscript.series if one_line(one.title)],
        consent=manuscript.consent,
    )
    with _Book(out, package) as book:
        book.cover(byline(manuscript), fonts)
        package.contents = book.work(work, "", 1).inner


def write_collection(
    out: IO[bytes], collection: Collection, works: Iterable[BookWork], fonts: tuple[Path, ...] = ()
) -> None:
    """Write one book of several works, which are asked for one after another: memory holds one of them."""
    package = Package(
        identifier=collection.identifier,
        title=one_line(collection.title) or "Untitled",
        language=collection.language,
        modified=collection.modified,
        creators=_creators(collection.authors),
        description=html_to_text(collection.summary),
        consent=collection.consent,
    )
    with _Book(out, package) as book:
        names = ", ".join(package.creators)
        book.cover(names, fonts)
        summary = to_xhtml(collection.summary)
        remarks = "".join(f"<p>{plain(remark)}</p>" for remark in collection.remarks)
        text = (
            f'<h1>{plain(package.title)}</h1>\n<p class="byline">by {plain(names)}</p>\n<div>{summary}</div>{remarks}'
        )
        book.page("title.xhtml", package.title, package.language, text, "titlepage")
        package.contents.append(Entry(package.title, "title.xhtml"))
        for number, work in enumerate(works, 1):
            package.contents.append(book.work(work, f"work-{number:04}-", number))


def _creators(names: Iterable[str]) -> list[str]:
    return list(filter(None, map(one_line, names))) or ["Anonymous"]


def _tags(work: BookWork) -> list[str]:
    manuscript = work.manuscript
    return [*manuscript.fandoms, *manuscript.relationships, *manuscript.characters, *manuscript.freeforms]


class _Book:
    """An EPUB that is being written; what is about the whole book is written at the end."""

    def __init__(self, out: IO[bytes], package: Package) -> None:
        self._zip = zipfile.ZipFile(out, "w")
        self._package = package

    def __enter__(self) -> Self:
        self._add("mimetype", MEDIA_TYPE.encode(), zipfile.ZIP_STORED)
        self._add("META-INF/container.xml", CONTAINER.encode())
        self.file(Item("nav.xhtml", _XHTML, "nav"), None)
        self.file(Item("toc.ncx", "application/x-dtbncx+xml"), None)
        self.file(Item("style.css", "text/css"), STYLE.encode())
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            for name, text in (
                ("nav.xhtml", navigation(self._package)),
                ("toc.ncx", ncx(self._package)),
                ("package.opf", package_document(self._package)),
            ):
                self._add(f"{FOLDER}/{name}", text.encode())
        self._zip.close()

    def _add(self, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = method
        info.create_system = _UNIX
        info.external_attr = _MODE
        self._zip.writestr(info, data)

    def file(self, item: Item, data: bytes | None) -> None:
        """Add a file of the book; one without data is written at the end."""
        self._package.items.append(item)
        if data is not None:
            self._add(f"{FOLDER}/{item.path}", data)

    def page(self, path: str, title: str, language: str, body: str, kind: str) -> None:
        """Add a page to be read."""
        text = page(title, language, body, kind)
        self.file(Item(path, _XHTML, in_spine=True), text.encode("utf-8", "replace"))

    def cover(self, names: str, fonts: tuple[Path, ...]) -> None:
        """Add the cover, as an image and as a page."""
        book = self._package
        self.file(Item("cover.png", "image/png", "cover-image"), draw_cover(book.title, names, fonts))
        words = plain(f"{book.title}, by {names}")
        text = page(book.title, book.language, f'<img src="cover.png" alt="{words}"/>', "cover", ' class="cover"')
        self.file(Item("cover.xhtml", _XHTML, in_spine=True), text.encode())

    def work(self, work: BookWork, prefix: str, number: int) -> Entry:
        """Add the pages of a work, and its record; its entry in the table of contents."""
        title, language = title_of(work.manuscript), language_of(work.manuscript)
        first = f"{prefix}title.xhtml"
        self.page(first, title, language, title_page(work), "titlepage")
        entry = Entry(title, first)
        for index in range(len(work.manuscript.chapters)):
            path, label = f"{prefix}chapter-{index + 1:04}.xhtml", chapter_label(work, index)
            self.page(path, label, language, chapter_page(work, index), "chapter")
            entry.inner.append(Entry(label, path))
        ending = end_page(work)
        if ending:
            path = f"{prefix}end-notes.xhtml"
            self.page(path, f"{title}: End Notes", language, ending, "afterword")
            entry.inner.append(Entry("End Notes", path))
        if not prefix:
            entry.inner.insert(0, Entry("Title Page", first))
        record = f"{RECORDS}/{number:04}.json"
        self._add(f"{FOLDER}/{record}", write_record(work.manuscript))
        self._package.records.append(record)
        return entry
