"""EPUBs that FanFicFare made (and FanFictionDownLoader before it), of either version of the format.

The title page tells what is what; the package tells only the single values, and what an older title page left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.formats.epub_book import EpubBook
from app.formats.fanficfare_chapters import read_chapter, settle
from app.formats.fanficfare_fields import Entry, Fields, fill
from app.formats.manuscript import Manuscript
from app.formats.markup import Element, first, has_class, text_of
from app.formats.reading import BookReader
from app.formats.title_page import read_log, read_page
from app.kit.dates import parse_source_date

_TOOLS = ("fanficfare", "fanficdownloader", "fanfictiondownloader")
_UID = re.compile(r"fanfic(?:fare|downloader)-uid:(.+)", re.DOTALL)
_STORY = re.compile(r".*?-s([^\s]{1,255})", re.DOTALL)
_CHAPTER = re.compile(r"(?:file|chapter)[0-9]+", re.IGNORECASE)
_PARTS = {
    "title": ("fff_titlepage", "title_page"),
    "contents": ("fff_tocpage", "toc_page"),
    "log": ("fff_logpage", "log_page"),
    "cover": ("fff_coverpage", "cover"),
}


def score(book: EpubBook) -> float:
    """What made the book is said in its package, or shows in its documents' classes."""
    made_by = " ".join(book.values("dc:contributor")).lower()
    if any(tool in made_by for tool in _TOOLS) or any(map(_UID.match, book.values("dc:identifier"))):
        return 0.95
    names = {PurePosixPath(name).stem for name in book.spine}
    return 0.6 if "title_page" in names and any(map(_CHAPTER.match, names)) else 0.0


@dataclass(slots=True)
class _Story:
    """A story while its pages are read: what its title page, its log and its chapters say."""

    work: Manuscript
    fields: Fields
    titled: bool = False
    before: int = 0
    """Chapters that stand before the title page."""
    log: Element | None = None


def read(book: EpubBook) -> list[Manuscript]:
    """The work of a book, or those of a collection, in which each story begins with a title page of its own."""
    stories = _stories(book)
    for story in stories:
        if story.log is not None:
            read_log(story.log, story.fields)
        if len(stories) == 1:
            _read_package(story.work, book, story.fields)
        fill(story.work, story.fields)
        settle(story.work)
    return [story.work for story in stories]


def _stories(book: EpubBook) -> list[_Story]:
    """The stories of a book; what stands before the first title page of a collection is of none of them."""
    known = book.values("dc:subject")
    stories = [_Story(Manuscript(), Fields(known=known))]
    for name in book.spine:
        page = book.document(name)
        part = _part_of(name, page)
        story = stories[-1]
        if part == "title":
            if story.titled:
                story = _Story(Manuscript(), Fields(known=known))
                stories.append(story)
            story.titled = True
            story.work.authors = read_page(page, story.fields)
        elif part == "log":
            story.log = page
        elif part == "chapter":
            story.work.chapters.append(read_chapter(story.work, page))
            story.before += not story.titled
    first = stories[0]
    if len(stories) > 1 and first.before:
        del first.work.chapters[: first.before]
        first.work.notices.append("What stands before the first story of the collection was left out.")
    return stories


def _part_of(name: str, page: Element) -> str:
    body = first(page, "//body")
    stem = PurePosixPath(name).stem
    if body is None:
        return "nothing"
    for part, (mark, usual) in _PARTS.items():
        if has_class(body, mark) or stem == usual:
            return part
    if has_class(body, "fff_chapter") or _CHAPTER.match(stem):
        return "chapter"
    # What calibre put before or behind: a page with only a picture is a cover.
    return "chapter" if text_of(body) and first(body, ".//nav") is None else "nothing"


def _read_package(work: Manuscript, book: EpubBook, fields: Fields) -> None:
    """What the title page does not say; types of tags are never taken from here."""
    had_labels = "category" in fields.entries or "genre" in fields.entries or "characters" in fields.entries
    for name, label in (("dc:title", "Title"), ("dc:source", "Story URL"), ("dc:publisher", "Publisher")):
        for value in book.values(name)[:1]:
            fields.add(Entry(label, value))
    for value in book.values("dc:description")[:1]:
        fields.add(Entry("Summary", value))
    work.authors = work.authors or [meta.value for meta in book.metadata if _is_author(meta.name, meta.role)]
    story = _story_id(book, fields.site)
    if story:
        fields.add(Entry("Story ID", story))
    for meta in book.metadata:
        key = {"publication": "datePublished", "modification": "dateUpdated"}.get(meta.attributes.get("event", ""))
        moment = parse_source_date(meta.value) if key and meta.name == "dc:date" else None
        if key and moment is not None:
            fields.dates.setdefault(key, moment)
    subjects = [one for one in book.values("dc:subject") if not one.startswith("Last Update")]
    if not had_labels and len(subjects) > 1:
        work.notices.append("The book has no title page that tells fandoms from other tags; they were kept in `extra`.")
        work.extra["Subjects"] = subjects[:500]


def _is_author(name: str, role: str | None) -> bool:
    return name == "dc:creator" and role in {None, "aut"}


def _story_id(book: EpubBook, site: str) -> str:
    """The story's id of ``fanficfare-uid:SITE-uAUTHOR-sSTORY``, where it can be told from the author's."""
    for value in book.values("dc:identifier"):
        found = _UID.match(value)
        rest = found[1] if found else ""
        for host in (f"www.{site}-u", f"{site}-u"):
            story = _STORY.fullmatch(rest[len(host) :]) if rest.startswith(host) else None
            if story is not None and "-s" not in story[1]:
                return story[1]
    return ""


BOOK = BookReader("fanficfare-epub", score, read)
