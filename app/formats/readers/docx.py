"""Word documents (DOCX): one work a file, chapters at headings; title and author from the document's properties.

Mammoth makes the HTML: headings, emphasis, lists, tables and footnotes. Pictures are left out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import mammoth

from app.formats.heading_chapters import Cut, cut_at_headings, place_front
from app.formats.manuscript import Manuscript, ManuscriptChapter, ReadItem
from app.formats.markup import Element, find_all, first, inner_html, parse_html, parse_xml, text_of
from app.formats.problems import Unreadable
from app.formats.reading import Reader, read_all
from app.formats.zip_book import LARGEST, ZipBook

DOCUMENT = "word/document.xml"
CORE = "docProps/core.xml"
_STYLES = "p[style-name='Title'] => h1.title:fresh\np[style-name='Subtitle'] => p.subtitle:fresh\nu => u\nstrike => s"
_XML = (".xml", ".rels")
_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY|<\x00!\x00D\x00O\x00C\x00T")
_NOTE = re.compile(r'href="#((?:foot|end)note-[0-9]+)"')
_NO_AUTHOR = frozenset({"", "user", "admin", "author", "unknown", "microsoft office user", "python-docx", "default"})
_NO_TITLE = re.compile(
    r"(?:Microsoft Word - .*|Word Document|Document ?[0-9]*|Untitled.*|PowerPoint.*)?", re.IGNORECASE
)
_CORE = {"title": "title", "creator": "creator", "language": "language", "description": "description",
         "keywords": "keywords", "subject": "subject"}  # fmt: skip


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """An Office package; whether it is a text shows when it is opened."""
    return 0.9 if head.startswith(b"PK\x03\x04") else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item: the document is the work."""
    try:
        yield ReadItem(name, _manuscript(read_all(stream, LARGEST)))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())


def _manuscript(data: bytes) -> Manuscript:
    archive = ZipBook(data)
    if DOCUMENT not in archive:
        raise Unreadable("unsupported-format", "This is an Office file and no text document (DOCX).")
    for part in archive.names:
        if part.lower().endswith(_XML) and _DOCTYPE.search(archive.read(part)):
            raise Unreadable("xml-entities", f"{part[:100]} declares a document type; such documents are not read.")
    work = Manuscript()
    _core(work, archive)
    root = parse_html(_html(data, work))
    notes = _take_notes(root)
    cut = cut_at_headings(_body(root), work.title or "")
    if not cut.chapters:
        raise Unreadable("no-text", "The document has no text.")
    work.title = cut.title or work.title
    work.notes = place_front(cut)
    _put_notes(cut, notes)
    work.chapters = cut.chapters
    work.notices += cut.notices
    return work


def _body(root: Element) -> Element:
    body = first(root, ".//body")
    return root if body is None else body


def _html(data: bytes, work: Manuscript) -> str:
    pictures = 0

    def picture(_image: Any) -> list[Any]:
        nonlocal pictures
        pictures += 1
        return []

    try:
        result = mammoth.convert_to_html(io.BytesIO(data), style_map=_STYLES, convert_image=picture)
    except Unreadable:
        raise
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # a library that raises whatever a broken document leads it to
        detail = f"The document cannot be read: {type(error).__name__}: {str(error)[:200]}"
        raise Unreadable("bad-docx", detail) from error
    if pictures:
        work.notices.append(f"{pictures} picture{'s were' if pictures > 1 else ' was'} left out.")
    return f"<body>{result.value}</body>"


def _core(work: Manuscript, archive: ZipBook) -> None:
    """The properties of the document; of those that are no more than defaults nothing is taken."""
    if CORE not in archive:
        return
    try:
        root = parse_xml(archive.read(CORE))
    except Unreadable:
        work.notices.append("The properties of the document could not be read.")
        return
    said = {str(one.tag).rpartition("}")[2]: text_of(one) for one in root if isinstance(one.tag, str)}
    title, creator = said.get("title", ""), said.get("creator", "")
    work.title = None if _NO_TITLE.fullmatch(title) else title
    if creator.casefold() not in _NO_AUTHOR:
        work.authors = [name.strip() for name in creator.split(";") if name.strip()][:20]
    work.language = said.get("language") or None
    for name in ("description", "keywords", "subject"):
        if said.get(name):
            work.extra[name] = said[name][:2_000]


def _take_notes(root: Element) -> dict[str, str]:
    """Footnotes by their id, taken out of the end of the document."""
    found: dict[str, str] = {}
    for item in find_all(root, ".//ol/li[starts-with(@id, 'footnote-') or starts-with(@id, 'endnote-')]"):
        for back in find_all(item, ".//a[starts-with(@href, '#footnote-ref') or starts-with(@href, '#endnote-ref')]"):
            parent = back.getparent()
            if parent is not None:
                parent.remove(back)
        found[item.get("id") or ""] = inner_html(item)
        parent = item.getparent()
        if parent is not None:
            parent.remove(item)
            if not len(parent) and (above := parent.getparent()) is not None:
                above.remove(parent)
    return found


def _put_notes(cut: Cut, notes: dict[str, str]) -> None:
    """Each footnote to the end of the chapter that refers to it."""
    for chapter in cut.chapters:
        names = [name for name in dict.fromkeys(_NOTE.findall(chapter.content)) if name in notes]
        if names:
            chapter.content += _listed(chapter, names, notes)


def _listed(chapter: ManuscriptChapter, names: list[str], notes: dict[str, str]) -> str:
    numbers = dict(re.findall(r'href="#((?:foot|end)note-[0-9]+)"[^>]*>\[?([0-9]+)', chapter.content))
    items = "".join(f'<li id="{name}" value="{numbers.get(name, 1)}">{notes[name]}</li>' for name in names)
    return f"<hr><ol>{items}</ol>"


READER = Reader("docx", score, read, one_work=True, takes="docx")
