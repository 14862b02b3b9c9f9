"""Any EPUB: metadata from its package, chapters from its documents, titles from its table of contents.

A subject is not typed, so subjects are kept in ``extra`` and never become tags. Pages before the story (cover, title
page, contents) are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from app.formats.book_headings import drop_title, title_of
from app.formats.book_metadata import read_metadata
from app.formats.epub_book import EpubBook, TocEntry
from app.formats.heading_chapters import cut_at_headings, place_front
from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.formats.markup import (
    Element,
    drop,
    find_all,
    first,
    inner_html,
    is_empty,
    outer_html,
    parse_html,
    sound,
    text_of,
)
from app.formats.problems import Unreadable
from app.formats.reading import BookReader

_FRONT_NAMES = re.compile(
    r"(?:.*/)?(?:cover|title_?-?page|titlepage|toc|nav|contents|halftitle|copyright)[^/]*", re.IGNORECASE
)
_FRONT_LABELS = frozenset({"cover", "title page", "titlepage", "table of contents", "contents", "toc", "copyright"})
_FRONT_TYPES = frozenset({"cover", "titlepage", "toc", "halftitlepage", "copyright-page"})
_SPLIT = re.compile(r"(.+)_split_[0-9]+\.\w+")
_LITTLE = 1_500


@dataclass(slots=True)
class _Chapter:
    """A chapter while it is put together; ``named`` is what its document calls itself."""

    title: str
    parts: list[str] = field(default_factory=list)
    named: str = ""


def score(book: EpubBook) -> float:  # noqa: ARG001  all readers are asked alike
    """Any book; less than a reader that knows who made it."""
    return 0.2


def read(book: EpubBook) -> Manuscript:
    """The book as a work."""
    work = Manuscript()
    read_metadata(work, book)
    known = _leads(book)
    chapters = _with_parts(work, _chapters(work, book, known=known))
    if not chapters:
        raise Unreadable("no-text", "The book has no text.")
    if known or len(chapters) > 1 or not _cut_one(work, chapters[0]):
        _name(work, chapters)
        work.chapters = [ManuscriptChapter("\n".join(one.parts).strip(), title=one.title) for one in chapters]
    if len(work.chapters) == 1 and work.chapters[0].title == work.title:
        work.chapters[0].title = ""
    return work


def _leads(book: EpubBook) -> bool:
    """Whether the table of contents leads to more than one place of the text."""
    places = {(entry.name, entry.fragment) for entry in book.toc if entry.label.strip().casefold() not in _FRONT_LABELS}
    return len(places) > 1


def _chapters(work: Manuscript, book: EpubBook, *, known: bool) -> list[_Chapter]:
    """A chapter a line of the contents; what follows in the spine without one belongs to the chapter before it."""
    lines: dict[str, list[TocEntry]] = {}
    for entry in book.toc:
        lines.setdefault(entry.name, []).append(entry)
    chapters: list[_Chapter] = []
    skipped = 0
    last = ""
    for name in book.spine:
        root = book.document(name)
        body = first(root, ".//body")
        body = root if body is None else body
        for one in find_all(body, ".//script | .//style"):
            drop(one)
        here = lines.get(name, [])
        if _is_front(name, here, body, book, begun=bool(chapters)):
            skipped += 1
            continue
        if is_empty(body) and not find_all(body, ".//*[local-name()='image']"):
            continue
        marked = [entry for entry in here if entry.fragment]
        pieces = _split(body, marked) if len(here) > 1 and marked else [(_label(here, name), body)]
        named = text_of(first(root, "//head/title"))
        for label, piece in pieces:
            goes_on = (known and not here) or (not title_of(piece) and _is_split(last, name))
            _add(chapters, label, piece, named, goes_on=goes_on or (label is None and len(pieces) > 1))
        last = name
    if skipped:
        work.notices.append(
            f"{skipped} page{'s' if skipped > 1 else ''} before the text (cover, title, contents) left out."
        )
    return chapters


def _label(here: list[TocEntry], name: str) -> str | None:
    """What the contents call a document; its file's name is no title."""
    label = here[0].label.strip() if here else ""
    return label if label and label.casefold() not in {name.casefold(), name.rpartition("/")[2].casefold()} else None


def _is_split(last: str, name: str) -> bool:
    """Whether a converter cut one document into these two."""
    before, here = _SPLIT.fullmatch(last), _SPLIT.fullmatch(name)
    return before is not None and here is not None and before[1] == here[1]


def _add(chapters: list[_Chapter], label: str | None, body: Element, named: str, *, goes_on: bool) -> None:
    if goes_on and label is None and chapters:
        chapters[-1].parts.append(inner_html(body))
        return
    title = label if label is not None else title_of(body)
    drop_title(body, title)
    chapters.append(_Chapter(sound(title), [inner_html(body)], named))


def _with_parts(work: Manuscript, chapters: list[_Chapter]) -> list[_Chapter]:
    """The chapters with text; one that is a heading alone names a part, and stands before the chapter that follows."""
    kept: list[_Chapter] = []
    parts: list[str] = []
    for chapter in chapters:
        if any(part.strip() for part in chapter.parts):
            chapter.parts[:0] = [f"<h2>{escape(part, quote=False)}</h2>" for part in parts]
            kept.append(chapter)
            parts = []
        elif chapter.title and chapter.title != work.title:
            parts.append(chapter.title)
    work.notices += [f"A heading without text was left out: “{part[:80]}”." for part in parts]
    return kept


def _name(work: Manuscript, chapters: list[_Chapter]) -> None:
    """Chapters without a title take what their documents are called, where each has a name of its own."""
    names = [chapter.named for chapter in chapters]
    if len(set(names)) == len(names) and "" not in names and work.title not in names:
        for chapter in chapters:
            chapter.title = chapter.title or sound(chapter.named)[:250]


def _is_front(name: str, here: list[TocEntry], body: Element, book: EpubBook, *, begun: bool) -> bool:
    """Whether a page stands before the story: said by its type, name or label, and short."""
    kinds = (body.get("{http://www.idpf.org/2007/ops}type") or body.get("epub:type") or "").split()
    item = next((item for item in book.manifest.values() if item.name == name), None)
    if (item is not None and "nav" in item.properties) or _FRONT_TYPES.intersection(kinds):
        return True
    if begun and not find_all(body, ".//nav"):
        return False
    labels = {entry.label.strip().casefold() for entry in here}
    said = bool(_FRONT_NAMES.fullmatch(name)) or (bool(labels) and labels <= _FRONT_LABELS)
    links = sum(len(text_of(link)) for link in find_all(body, ".//a"))
    length = len(text_of(body))
    return said and (length < _LITTLE or links > length / 2)


def _split(body: Element, entries: list[TocEntry]) -> list[tuple[str | None, Element]]:
    """A document that holds several chapters, cut where the contents lead into it."""
    places: dict[int, str] = {}
    blocks = list(_blocks(body))
    for entry in entries:
        for at, block in enumerate(blocks):
            if any(entry.fragment in {one.get("id"), one.get("name")} for one in block.iter()):
                places.setdefault(at, entry.label)
                break
    pieces: list[tuple[str | None, Element]] = []
    bounds = sorted({0, *places})
    for start, end in zip(bounds, [*bounds[1:], len(blocks)], strict=True):
        html = "".join(outer_html(block, tail=True) for block in blocks[start:end])
        if html.strip():
            holder = first(parse_html(f"<body>{html}</body>"), ".//body")
            if holder is not None:
                pieces.append((places.get(start), holder))
    return pieces or [(entries[0].label, body)]


def _blocks(body: Element) -> list[Element]:
    while len(body) == 1 and isinstance(body[0].tag, str) and len(body[0]) > 1:
        body = body[0]
    return [one for one in body if isinstance(one.tag, str)]


def _cut_one(work: Manuscript, chapter: _Chapter) -> bool:
    """Cut a book that is one document without contents at its headings; ``False`` where there are none to cut at."""
    cut = cut_at_headings(parse_html(f"<body>{''.join(chapter.parts)}</body>"), work.title or "")
    if not cut.chapters or (len(cut.chapters) == 1 and chapter.title):
        return False
    work.notes = place_front(cut)
    work.chapters = cut.chapters
    work.notices += cut.notices
    return True


BOOK = BookReader("generic-epub", score, read)
