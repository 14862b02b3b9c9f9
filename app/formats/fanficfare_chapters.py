"""Chapters as FanFicFare lays them out: what it added around the story's own HTML is taken off."""

from __future__ import annotations

import re

from app.formats.chapter_notes import drop, take_note_blocks
from app.formats.chapter_titles import own_titles
from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.formats.markup import Element, find_all, first, has_class, inner_html, parse_html, sound, text_of
from app.formats.title_page import unwrapped

_NUMBERED = re.compile(r"\A[0-9]{1,5}\. ")
_ADDRESS = ("http://", "https://")
_LONGEST_ADDRESS = 2_000


def read_chapter(work: Manuscript, page: Element) -> ManuscriptChapter:
    """The chapter of a document of a book."""
    names = {meta.get("name"): sound(meta.get("content") or "") for meta in find_all(page, "//meta[@name]")}
    body = first(page, "//body")
    if body is None:
        return ManuscriptChapter("")
    title = _take_title(body, text_of(first(page, "//head/title")))
    chapter = chapter_of(work, body, " ".join(names.get("chapterorigtitle", "").split()) or title)
    url = names.get("chapterurl", "").strip()
    if url.startswith(_ADDRESS) and len(url) <= _LONGEST_ADDRESS:
        chapter.source_url = url
    return chapter


def _take_title(body: Element, named: str) -> str:
    """The heading that the tool put over the text; one of the story's own stays."""
    heading = next((child for child in body if isinstance(child.tag, str)), None)
    if heading is None or heading.tag not in {"h1", "h2", "h3"} or (body.text or "").strip():
        return named
    title = text_of(heading)
    if has_class(heading, "fff_chapter_title") or title == named or _NUMBERED.sub("", named, count=1) == title:
        drop(heading)
        return title
    return named


def chapter_of(work: Manuscript, body: Element, title: str) -> ManuscriptChapter:
    """A chapter of what is left in an element once its title was taken: the notes go to where they belong."""
    chapter = ManuscriptChapter("", title=title)
    take_note_blocks(work, chapter, body)
    chapter.content = unwrapped(inner_html(body), body)
    return chapter


def settle(work: Manuscript) -> None:
    """What can be decided once all chapters are there: their titles, whose notes are whose, and what is missing."""
    _settle_titles(work)
    _settle_notes(work)
    told = work.chapters_posted
    if told is not None and work.chapters and told != len(work.chapters):
        work.notices.append(f"The title page tells of {told} chapters, the file has {len(work.chapters)}.")


def _settle_titles(work: Manuscript) -> None:
    """The titles that the author gave; a chapter without text keeps what it has, to be one at all."""
    titles = own_titles([chapter.title for chapter in work.chapters], work.title or "")
    for chapter, title in zip(work.chapters, titles, strict=True):
        if title or chapter.content:
            chapter.title = title


def _settle_notes(work: Manuscript) -> None:
    """Of a work in one part the page shows the work's end notes only, and FanFicFare calls them the chapter's.

    Where a work has no summary it takes the first note for one.
    """
    if len(work.chapters) == 1 and not work.end_notes:
        work.end_notes, work.chapters[0].end_notes = work.chapters[0].end_notes, ""
    summary = _plain(work.summary)
    notes = [work.notes, work.end_notes, *(part for one in work.chapters for part in (one.notes, one.end_notes))]
    if summary and any(summary == _plain(note) for note in notes if note):
        work.summary = ""
        work.notices.append(
            "The summary was the same as a note, which is how FanFicFare fills a missing one; it was dropped."
        )


def _plain(html: str) -> str:
    return text_of(parse_html(html)) if html.strip() else ""
