"""Backups of journals (LiveJournal, Dreamwidth) in XML: the export of a month, or an entry a file as ljdump keeps them.

An entry is a work where it has a head that tells of a story, or its subject or tags say that it is one. What only its
writer could see stays a draft, and what only friends could see is for registered readers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import BinaryIO
from urllib.parse import urlsplit

from app.formats.broken_lines import with_paragraphs
from app.formats.heading_chapters import cut_at_headings, place_front, unwrapped
from app.formats.labelled_head import take_from
from app.formats.manuscript import Manuscript, ReadItem, SourceRef
from app.formats.markup import LARGEST, Element, find_all, first, parse_html, parse_xml, sound, text_of
from app.formats.numbered_names import Numbered, shared
from app.formats.parted_stories import Parted
from app.formats.problems import Unreadable
from app.formats.reading import Reader, read_all
from app.kit.dates import parse_source_date
from app.kit.urls import is_web_address, source_site

_ROOT = re.compile(rb"<livejournal[\s>]|<event>\s{0,99}<(?:itemid|anum|eventtime|subject|event|props|logtime|url)>")
_STORY = re.compile(r"\b(?:fan)?fic(?:s|let|tion)?\b|\bstory\b|\bdrabbles?\b|\bfanfik|\bфик", re.IGNORECASE)
_TAGS = re.compile(r"(?:\[[^\]]{1,60}\]\s*|(?:(?:fan)?fic(?:tion)?|story|new|drabble)\s*[:\u2013-]\s*)+", re.IGNORECASE)
_BLOCKS = re.compile(r"<(?:p|div|br|table|ul|ol|blockquote|h[1-6])\b", re.IGNORECASE)


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by its root and what stands in it."""
    return 0.95 if _ROOT.search(head[:4_000]) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """An item an entry; parts of a story as one behind the others."""
    try:
        root = parse_xml(read_all(stream, LARGEST))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())
        return
    entries = [root] if root.tag == "event" else find_all(root, "//entry")
    if not entries:
        yield ReadItem(name, problem=Unreadable("nothing-to-read", "The backup holds no entry.").as_problem())
    parted = Parted("entries", "journal")
    for entry in entries:
        number = text_of(first(entry, "./itemid"))
        where = name if entry is root else f"{name} entry {number[:20]}".rstrip()
        try:
            work, part = _work(entry)
        except Unreadable as error:
            yield ReadItem(where, problem=error.as_problem())
            continue
        item = ReadItem(where, work)
        if not parted.takes(item, part):
            yield item
    yield from parted.joined()


def _work(entry: Element) -> tuple[Manuscript, Numbered | None]:
    subject = text_of(first(entry, "./subject"))
    tags = text_of(first(entry, "./props/taglist")) or text_of(first(entry, "./taglist"))
    work = Manuscript()
    body = _body(entry)
    take_from(work, body)
    told = bool(work.fandoms or work.rating or work.summary or work.relationships)
    if not told and not _STORY.search(subject) and not _STORY.search(tags):
        raise Unreadable("no-story", f"Nothing tells that the entry “{subject[:80]}” is a story.")
    cut = cut_at_headings(body, work.title or "")
    if not cut.chapters:
        raise Unreadable("no-text", "The entry has no text.")
    plain = _TAGS.sub("", subject, count=1).strip()
    part = shared(plain)
    work.title = work.title or cut.title or (part.stem if part is not None else plain) or None
    work.notes, work.chapters = work.notes + place_front(cut), cut.chapters
    work.notices += cut.notices
    work.published_at = work.published_at or parse_source_date(text_of(first(entry, "./eventtime")))
    url = text_of(first(entry, "./url"))
    if is_web_address(url):
        work.source = SourceRef(source_site(url), None, url)
        host = urlsplit(url).hostname or ""
        work.authors = work.authors or ([host.split(".")[0]] if host.count(".") > 1 else [])
    if subject:
        work.extra["Subject"] = subject[:300]
    if tags:
        work.extra["tags"] = tags[:1_000]
        work.notices.append("The tags have no types; they were kept in `extra`.")
    _close(work, text_of(first(entry, "./security")))
    return work, part


def _close(work: Manuscript, security: str) -> None:
    """What was not for everybody does not become so."""
    if security == "private":
        work.state = "draft"
        work.notices.append("The entry was private: the work is a draft.")
    elif security not in {"", "public"}:
        work.visibility = "registered"
        work.notices.append("The entry was for friends: the work is for registered readers.")


def _body(entry: Element) -> Element:
    """The text of an entry: HTML, whose lines count where it has no markup for them."""
    event = first(entry, "./event")
    text = sound("".join(map(str, event.itertext()))) if event is not None else ""
    if not text.strip():
        raise Unreadable("no-text", "The entry has no text.")
    if "<" not in text:
        text = escape(text, quote=False)
    if not _BLOCKS.search(text):
        text = text.replace("\r\n", "\n").replace("\n", "<br>")
    root = parse_html(f"<body>{text}</body>")
    body = first(root, ".//body")
    body = unwrapped(body if body is not None else root)
    paragraphs = with_paragraphs(body)
    return body if paragraphs is None else paragraphs


READER = Reader("journal", score, read, takes="markup")
