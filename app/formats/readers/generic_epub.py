"""Any EPUB: metadata from its package, chapters from its documents, titles from its table of contents.

A subject is not typed, so subjects are kept in ``extra`` and never become tags. Pages before the story (cover, title
page, contents) are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from app.formats.epub_book import EpubBook, Meta, TocEntry
from app.formats.heading_chapters import cut_at_headings
from app.formats.manuscript import Manuscript, ManuscriptChapter, SeriesRef, SourceRef
from app.formats.markup import Element, drop, find_all, first, inner_html, outer_html, parse_html, sound, text_of
from app.formats.problems import Unreadable
from app.formats.reading import BookReader
from app.kit.dates import parse_source_date
from app.kit.urls import is_web_address, source_id

_FRONT_NAMES = re.compile(
    r"(?:.*/)?(?:cover|title_?-?page|titlepage|toc|nav|contents|halftitle|copyright)[^/]*", re.IGNORECASE
)
_FRONT_LABELS = frozenset({"cover", "title page", "titlepage", "table of contents", "contents", "toc", "copyright"})
_FRONT_TYPES = frozenset({"cover", "titlepage", "toc", "halftitlepage", "copyright-page"})
_LITTLE = 1_500
_MOST_SUBJECTS = 200
_DAY = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}.*)?)?")


@dataclass(slots=True)
class _Chapter:
    title: str
    parts: list[str] = field(default_factory=list)


def score(book: EpubBook) -> float:  # noqa: ARG001  all readers are asked alike
    """Any book; less than a reader that knows who made it."""
    return 0.2


def read(book: EpubBook) -> Manuscript:
    """The book as a work."""
    work = Manuscript()
    _metadata(work, book)
    chapters = _chapters(work, book)
    if not chapters:
        raise Unreadable("no-text", "The book has no text.")
    if len(chapters) == 1 and not book.toc:
        _cut_one(work, chapters[0])
    else:
        work.chapters = [ManuscriptChapter("\n".join(one.parts).strip(), title=one.title) for one in chapters]
    if len(work.chapters) == 1 and work.chapters[0].title == work.title:
        work.chapters[0].title = ""
    return work


def _metadata(work: Manuscript, book: EpubBook) -> None:
    titles = [meta for meta in book.metadata if meta.name == "dc:title" and meta.value]
    main = next((meta for meta in titles if meta.refines.get("title-type") == "main"), titles[0] if titles else None)
    work.title = main.value if main is not None else None
    people = [meta for meta in book.metadata if meta.name == "dc:creator" and meta.value]
    authors = [meta.value for meta in people if meta.role in {None, "aut"}] or [meta.value for meta in people]
    work.authors = list(dict.fromkeys(authors))[:200]
    work.language = next((value for value in book.values("dc:language") if value not in {"", "und", "zxx"}), None)
    work.summary = _html_of(next(iter(book.values("dc:description")), ""))
    _dates(work, book)
    _series(work, book)
    _sources(work, book)
    subjects = [value for value in book.values("dc:subject") if value]
    if subjects:
        work.extra["subjects"] = [subject[:200] for subject in subjects[:_MOST_SUBJECTS]]
        work.notices.append(
            f"The book has {len(subjects)} subjects that say not of which type they are; they were kept in `extra`."
        )
    publisher = next(iter(book.values("dc:publisher")), "")
    if publisher:
        work.extra["publisher"] = publisher[:200]


def _html_of(text: str) -> str:
    """A description: HTML where it was written as such, else text."""
    if "<" in text and ">" in text:
        return inner_html(first(parse_html(text), ".//body"))
    return f"<p>{escape(text, quote=False)}</p>" if text else ""


def _dates(work: Manuscript, book: EpubBook) -> None:
    """The date of publication; that of the file's making is none."""
    for meta in book.metadata:
        if meta.name != "dc:date" or not _DAY.fullmatch(meta.value):
            continue
        event = meta.attributes.get("event", "publication").lower()
        value = meta.value
        whole = f"{value}-01-01" if len(value) == 4 else f"{value}-01" if len(value) == 7 else value  # noqa: PLR2004
        date = parse_source_date(whole)
        if date is None or date.year < 1000 or value.startswith("0101"):  # noqa: PLR2004  calibre's “no date”
            continue
        if event in {"publication", "original-publication", "published"}:
            work.published_at = work.published_at or date
        elif event == "modification":
            work.revised_at = work.revised_at or date


def _series(work: Manuscript, book: EpubBook) -> None:
    """Series as calibre writes them, or collections of EPUB 3."""
    name = next(iter(book.values("calibre:series")), "")
    index = next(iter(book.values("calibre:series_index")), "")
    if name:
        work.series = [SeriesRef(name, _place(index))]
        return
    for meta in book.metadata:
        if meta.name == "belongs-to-collection" and meta.value and _is_series(meta):
            work.series.append(SeriesRef(meta.value, _place(meta.refines.get("group-position", ""))))


def _is_series(meta: Meta) -> bool:
    return meta.refines.get("collection-type", "series") == "series"


def _place(text: str) -> int | None:
    """A place in a series; one between two works is none that we have."""
    found = re.fullmatch(r"([0-9]{1,6})(?:\.0*)?", text.strip())
    return (int(found[1]) or None) if found is not None else None


def _sources(work: Manuscript, book: EpubBook) -> None:
    """Where the book says that the work is from; else its ISBN or UUID."""
    said = [*book.values("dc:source"), *book.values("dc:identifier")]
    for value in said:
        url = value.removeprefix("URL:").strip()
        if is_web_address(url):
            known = source_id(url)
            work.source = SourceRef(known[0], known[1], url) if known else SourceRef(url=url)
            return
    identifiers = [value for value in book.values("dc:identifier") if value]
    if identifiers:
        work.extra["identifier"] = identifiers[0][:200]


def _chapters(work: Manuscript, book: EpubBook) -> list[_Chapter]:
    """A chapter a line of the contents; what follows in the spine without one belongs to the chapter before it."""
    lines: dict[str, list[TocEntry]] = {}
    for entry in book.toc:
        lines.setdefault(entry.name, []).append(entry)
    chapters: list[_Chapter] = []
    skipped = 0
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
        if not text_of(body) and not find_all(body, ".//img | .//*[local-name()='image']"):
            continue
        marked = [entry for entry in here if entry.fragment]
        pieces = _split(body, marked) if len(here) > 1 and marked else [(here[0].label if here else None, body)]
        for label, piece in pieces:
            _add(chapters, label, piece, known=bool(book.toc))
    if skipped:
        work.notices.append(
            f"{skipped} page{'s' if skipped > 1 else ''} before the text (cover, title, contents) left out."
        )
    return [chapter for chapter in chapters if any(part.strip() for part in chapter.parts)]


def _add(chapters: list[_Chapter], label: str | None, body: Element, *, known: bool) -> None:
    if label is None and known and chapters:
        chapters[-1].parts.append(inner_html(body))
        return
    title = label if label is not None else _first_heading(body)
    _drop_heading(body, title)
    chapters.append(_Chapter(sound(title), [inner_html(body)]))


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


def _first_heading(body: Element) -> str:
    heading = first(body, "(.//h1 | .//h2 | .//h3)[1]")
    title = text_of(heading)
    return title if len(title) <= 250 else ""  # noqa: PLR2004


def _drop_heading(body: Element, title: str) -> None:
    """A heading that repeats the title of the chapter is not its text."""
    heading = first(body, "(.//h1 | .//h2 | .//h3 | .//h4)[1]")
    if heading is None or not title or _plain(text_of(heading)) != _plain(title):
        return
    before = text_of(body)[: len(title) + 1]
    if _plain(before).startswith(_plain(title)[:20]):
        drop(heading)


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _cut_one(work: Manuscript, chapter: _Chapter) -> None:
    """A book that is one document without contents is cut at its headings."""
    cut = cut_at_headings(parse_html(f"<body>{''.join(chapter.parts)}</body>"), work.title or "")
    work.chapters = cut.chapters
    work.notes = cut.front
    work.notices += cut.notices


BOOK = BookReader("generic-epub", score, read)
