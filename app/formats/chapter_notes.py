"""The notes and summaries that FanFicFare puts around a chapter's text, each to where it belongs.

Notes of the work and of the chapter are told apart by their headings. A setting may have changed the words of those:
what is not known is a note of the chapter.
"""

from __future__ import annotations

import re

from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.formats.markup import Element, find_all, first, has_class, inner_html, outer_html, parse_html, sound, text_of
from app.kit.urls import is_web_address

_WORK_NOTE = "author's note"
_SUMMARY = "summary for the chapter"
_INSPIRED_BY = re.compile(r"inspired by\b", re.IGNORECASE)
_TRANSLATION = re.compile(r"a translation of\b", re.IGNORECASE)
_MARKS = frozenset({"b", "strong"})
_MOST = 200
_MOST_BLOCKS = 20
_LONGEST_NOTES = 200_000
_LONGEST_TITLE = 255


def take_note(work: Manuscript, chapter: ManuscriptChapter, heading: str, html: str, *, at_end: bool) -> None:
    """Give a note to the work or the chapter, by its heading and its place."""
    body = first(parse_html(f"<body>{html}</body>"), "//body") if html.strip() else None
    if body is None:
        return
    _take_associations(work, body)
    text = _unwrapped(body)
    if not text:
        return
    kind = " ".join(heading.replace("\u2019", "'").split()).rstrip(":").casefold()
    if kind == _WORK_NOTE and text in (work.end_notes if at_end else work.notes):
        return  # a site that shows the work's notes with each chapter
    if kind == _WORK_NOTE and at_end and len(work.end_notes) < _LONGEST_NOTES:
        work.end_notes += text
    elif kind == _WORK_NOTE and not at_end and len(work.notes) < _LONGEST_NOTES:
        work.notes += text
    elif kind == _SUMMARY:
        chapter.summary += text
    elif at_end:
        chapter.end_notes += text
    else:
        chapter.notes += text


def take_note_blocks(work: Manuscript, chapter: ManuscriptChapter, body: Element) -> None:
    """Take the blocks that are marked as notes out of a chapter."""
    for block in find_all(body, ".//*[contains(@class, 'fff_chapter_notes')]")[:_MOST_BLOCKS]:
        heading = ""
        parts: list[str] = []
        for child in list(block):
            if child.tag in _MARKS and not parts:
                heading = text_of(child)
            elif child.tag in _MARKS:
                take_note(work, chapter, heading, "".join(parts), at_end=has_class(block, "fff_foot_notes"))
                heading, parts = text_of(child), []
            else:
                parts.append(outer_html(child))
        take_note(work, chapter, heading, "".join(parts), at_end=has_class(block, "fff_foot_notes"))
        drop(block)


def drop(element: Element) -> None:
    """Take an element out of its tree; the text that follows it stays."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    # What a parser lets pass (a control character) it does not take back.
    if element.tail and before is not None:
        before.tail = sound((before.tail or "") + element.tail)
    elif element.tail:
        parent.text = sound((parent.text or "") + element.tail)
    parent.remove(element)


def _unwrapped(body: Element) -> str:
    """The notes' HTML without the quotations that they stand in."""
    parts = [inner_html(child) if child.tag == "blockquote" else outer_html(child) for child in body]
    return "".join(parts).strip() or inner_html(body)


def _take_associations(work: Manuscript, body: Element) -> None:
    """Whom a work is for and what it comes from are lines of a list above the notes."""
    for line in find_all(body, "./ul/li"):
        text, link = text_of(line), first(line, ".//a[@href]")
        if link is None:
            continue
        href, name = link.get("href") or "", text_of(link)
        if text.lower().startswith("for ") and ("/gifts" in href or "/users/" in href):
            names = [text_of(one) for one in find_all(line, ".//a[@href]")]
            work.gifts += [one for one in names if one and one not in work.gifts][:_MOST]
        elif _INSPIRED_BY.match(text) or _TRANSLATION.match(text):
            relation = "inspired_by" if _INSPIRED_BY.match(text) else "translation_of"
            if len(work.related) >= _MOST or not is_web_address(href):
                continue
            work.related.append({"relation": relation, "title": name[:_LONGEST_TITLE], "url": sound(href).strip()})
        else:
            continue
        drop(line)
    for group in find_all(body, "./ul[not(li)]"):
        drop(group)
