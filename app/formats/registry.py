"""The formats that are read, and which of them an input is: found out from its content, not its name."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from app.formats.clusters import Found, read_cluster
from app.formats.containers import Limits, entries_of, is_beside, is_passed_over, refuse_nested
from app.formats.file_names import take_source, title_from_name, title_of_archive
from app.formats.folder_plan import plan
from app.formats.held_entries import Held, held_entries
from app.formats.kinds import container_kind, zip_kind
from app.formats.manuscript import ReadItem
from app.formats.markup import LARGEST
from app.formats.options import ReadOptions
from app.formats.problems import Unreadable
from app.formats.readers import (
    ao3_epub,
    ao3_feed,
    ao3_html,
    ao3_listing,
    ao3_page,
    book_json,
    docx,
    efiction_sql,
    fanficfare_epub,
    fanficfare_html,
    fanficfare_json,
    fanficfare_txt,
    ffn_page,
    fichub_epub,
    fichub_html,
    fictionbook,
    generic_epub,
    html_page,
    journal,
    mail,
    markdown,
    metadata_text,
    ndjson,
    odt,
    opf,
    own_epub,
    own_html,
    plain_text,
    rtf,
    scraper_csv,
    story_page,
    titlepage_epub,
    works_json,
)
from app.formats.reading import BookReader, Kind, Reader, fill_gaps, open_book, read_all
from app.formats.unpacking import shown_name
from app.formats.unread import what_it_is
from app.formats.web_archives import is_web_archive, page_of

HEAD = 65_536
ReadInput = Callable[[BinaryIO, str, ReadOptions, str | None], Iterator[ReadItem]]
BOOK_READERS: dict[str, BookReader] = {
    module.BOOK.name: module.BOOK
    for module in (own_epub, ao3_epub, fanficfare_epub, fichub_epub, titlepage_epub, generic_epub)
}
_OF_ITEMS = (ndjson, fanficfare_json, ao3_listing, book_json, works_json, scraper_csv, efiction_sql)
_OF_TEXT = (markdown, fanficfare_txt, plain_text, docx, odt, rtf, metadata_text, mail)
_OF_PAGES = (
    own_html,
    ao3_html,
    ao3_page,
    ao3_feed,
    fanficfare_html,
    fichub_html,
    ffn_page,
    story_page,
    html_page,
    opf,
    fictionbook,
    journal,
)
READERS: dict[str, Reader] = {module.READER.name: module.READER for module in (*_OF_ITEMS, *_OF_TEXT, *_OF_PAGES)} | {
    reader.name: reader.as_reader() for reader in BOOK_READERS.values()
}
NAMES = tuple(READERS)
CERTAIN_ENOUGH = 0.1
_WHAT: dict[Kind, str] = {
    "text": "in no format that is read",
    "markup": "HTML or XML of no kind that is read; save the work as plain text",
    "epub": "an EPUB, which the format that was named is not",
    "docx": "an Office document, which the format that was named is not",
    "odt": "an OpenDocument file, which the format that was named is not",
}

_MARKUP = re.compile(rb"<(?:!doctype\s|html[\s>]|\?xml\s|head[\s>]|body[\s>]|feed[\s>]|rss[\s>]|!--)", re.IGNORECASE)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def kind_of(head: bytes) -> Kind:
    """What an input is at first sight."""
    packed = zip_kind(head)
    if packed is not None and packed != "zip":
        return packed
    start = next((head[len(mark) :] for mark in _MARKS if head.startswith(mark)), head)[:400].replace(b"\0", b"")
    return "markup" if _MARKUP.match(start.lstrip()) else "text"


def joined(head: bytes, rest: BinaryIO) -> BinaryIO:
    """What was looked at, then the rest, as one stream."""
    return io.BufferedReader(_Joined(head, rest), HEAD)


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
    """The reader that the first bytes of an input fit best; ``None`` where none does (a book has to be opened)."""
    kind = kind_of(head)
    scores = [(reader.score(head, name), reader) for reader in READERS.values() if reader.takes == kind]
    best, reader = max(scores, key=lambda scored: scored[0], default=(0.0, None))
    return reader if best > CERTAIN_ENOUGH else None


def by_name(file_format: str) -> Reader:
    """The reader of a format of :data:`NAMES`; raises :class:`ValueError` for any other."""
    if file_format not in READERS:
        raise ValueError(f"{file_format!r} is no format; there are {', '.join(NAMES)}")
    return READERS[file_format]


def choose_any(head: bytes, name: str, file_format: str | None) -> Reader | Unreadable:
    """The reader of an input, or why there is none; a format that was named is taken, where the input can be of it."""
    kind = kind_of(head)
    what = what_it_is(head) if kind == "text" else None
    reader = by_name(file_format) if file_format else _any_book if kind == "epub" else choose(head, name)
    if what is None and (reader is None or kind not in {"text", reader.takes}):
        what = _WHAT[kind]
    return _refusal(f"This is {what}.") if what is not None or reader is None else reader


def read_input(stream: BinaryIO, name: str, options: ReadOptions, file_format: str | None = None) -> Iterator[ReadItem]:
    """The items of one input that is no container, in order; an input that no reader takes is one failed item."""
    head = stream.read(HEAD)
    if is_web_archive(head):
        try:
            page = page_of(read_all(joined(head, stream), LARGEST))
        except Unreadable as error:
            yield ReadItem(name, problem=error.as_problem())
            return
        head, stream = page[:HEAD], io.BytesIO(page[HEAD:])
    reader = choose_any(head, name, file_format)
    if isinstance(reader, Unreadable):
        yield ReadItem(name, problem=reader.as_problem())
        return
    for item in reader.read(joined(head, stream), name):
        item.alone = reader.one_work and item.input == name  # else one of several stories in a book
        item.format, item.file = item.format or reader.name, name
        if item.manuscript is not None:
            fill_gaps(item.manuscript, options)
            if item.alone:
                take_source(item.manuscript, name, item.format)
            if reader.one_work and not item.manuscript.title:
                item.manuscript.title, item.titled_by_name = title_from_name(name), True
        yield item


def read_stream(
    stream: BinaryIO,
    name: str,
    options: ReadOptions,
    file_format: str | None = None,
    *,
    limits: Limits | None = None,
    read: ReadInput = read_input,
) -> Iterator[ReadItem]:
    """The items of one input in order, of a container the items of its entries; each input is read by ``read``."""
    head = stream.read(HEAD)
    if container_kind(head) is None:
        yield from read(joined(head, stream), name, options, file_format)
        return
    passed = given = 0
    try:
        for held in held_entries(entries_of(stream, head, name, limits or Limits())):
            sound = [one for one in held if not _is_passed(one)]
            passed += sum(is_passed_over(one.name, one.data) for one in held)
            for entry, item in _read_held(sound, title_of_archive(name), options, file_format, read):
                given += 1
                item.input = f"{name}: {item.input}"
                item.entry = entry
                yield item
    except Unreadable as error:
        given += 1
        yield ReadItem(name, problem=error.as_problem())
    if not given:
        detail = f"The archive holds no file that could be a work ({passed} passed over)."
        yield ReadItem(name, problem={"code": "nothing-to-read", "detail": detail})


def _is_passed(entry: Held) -> bool:
    return is_passed_over(entry.name, entry.data) and not is_beside(entry.name)


def _read_held(
    held: list[Held], root: str, options: ReadOptions, file_format: str | None, read: ReadInput
) -> Iterator[tuple[str, ReadItem]]:
    """The items of entries that were looked at together, each with the name of its entry."""
    whole = [one for one in held if one.is_whole]
    clusters = (
        plan([one.name for one in whole], lambda index: len(whole[index].data), root) if file_format is None else []
    )
    together = {cluster.all[0]: cluster for cluster in clusters if not cluster.is_one}
    taken = {index for cluster in together.values() for index in cluster.all}
    founds = [Found(one.name, one.name, one.open) for one in whole]
    guarded = partial(_read_entry, read=read)
    places = {id(one): place for place, one in enumerate(whole)}
    for one in held:
        place = places.get(id(one), -1)
        if place in together:
            for found, item in read_cluster(founds, together[place], options, guarded):
                yield found.name, item
        elif place not in taken and not is_beside(one.name):
            for item in _read_entry(one, one.name, options, file_format, read=read):
                yield one.name, item


def _read_entry(
    entry: Held | BinaryIO, name: str, options: ReadOptions, file_format: str | None, *, read: ReadInput
) -> Iterator[ReadItem]:
    """The items of an entry; where its bytes turn out to be damaged, that is the last item."""
    try:
        if isinstance(entry, Held):
            if entry.problem is not None and not entry.data:
                raise entry.problem
            with entry.open() as stream:
                yield from _read_entry(stream, name, options, file_format, read=read)
            return
        head = entry.read(HEAD)
        refuse_nested(head)
        yield from read(joined(head, entry), name, options, file_format)
    except Unreadable as error:
        yield ReadItem(shown_name(name), problem=error.as_problem())


def _refusal(what: str) -> Unreadable:
    return Unreadable("unsupported-format", f"{what} What is read: {', '.join(NAMES)}.")


def _read_any_book(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """A book is opened once, and read by the reader that it fits best."""
    try:
        book = open_book(stream)
        scores = [(reader.score(book), reader) for reader in BOOK_READERS.values()]
        best, reader = max(scores, key=lambda scored: scored[0], default=(0.0, None))
        if reader is None or best <= CERTAIN_ENOUGH:
            raise _refusal("This is an EPUB of no kind that is read.")
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())
        return
    yield from reader.items(book, name)


_any_book = Reader("epub", lambda _head, _name: 0.0, _read_any_book, one_work=True, takes="epub")
