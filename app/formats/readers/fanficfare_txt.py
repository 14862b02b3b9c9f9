"""FanFicFare's text files: a title page, then chapters as wrapped Markdown.

The notes and summaries that it puts around the text of a chapter are told apart by their headings.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.chapter_notes import take_note
from app.formats.decoding import decoded_lines
from app.formats.fanficfare_chapters import settle
from app.formats.fanficfare_fields import Entry, fill
from app.formats.fanficfare_text import TextBook, authors_of, looks_like_one, take_apart
from app.formats.manuscript import Manuscript, ManuscriptChapter, ReadItem
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.formats.wrapped_markdown import to_markdown
from app.kit.html import HtmlRefused
from app.kit.markdown import markdown_to_html

LARGEST = 64 * 1024 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOTE = re.compile(r" {0,3}\*\*([^*\n]{1,80}):\*\*\s*")
_PART_OF_NOTE = re.compile(r"(?:>| {2}\* )")


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Blank lines, a title, its author, and labels of which one is for the story's address."""
    if head.startswith(_UTF16):
        text = head.decode("utf-16", "replace")
    elif b"\nby " in head[:8_000]:
        text = head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    else:
        return 0.0
    return 0.95 if looks_like_one(_with_plain_ends(text)) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item: the whole file is the work."""
    try:
        yield ReadItem(name, _manuscript(stream.read(LARGEST + 1)))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _manuscript(data: bytes) -> Manuscript:
    work = Manuscript()
    book = take_apart(_text(data, work))
    if not book.title and not book.chapters:
        raise Unreadable("empty-file", "The file has no text.")
    book.fields.add(Entry("Title", book.title))
    work.authors = authors_of(book)
    fill(work, book.fields)
    for title, lines in book.chapters:
        work.chapters.append(_chapter(work, book, title, lines))
    settle(work)
    work.notices += book.notices
    if work.chapters:
        work.notices.append("The text is FanFicFare's Markdown of the story: some of its markup may be lost.")
    return work


def _text(data: bytes, work: Manuscript) -> str:
    if len(data) > LARGEST:
        raise Unreadable("too-large", "A text file may have 64 MiB.")
    return decoded_lines(data, work)


def _chapter(work: Manuscript, book: TextBook, title: str, lines: list[str]) -> ManuscriptChapter:
    chapter = ManuscriptChapter("", "markdown", title)
    blocks = to_markdown(lines, book.width).split("\n\n")
    start = _take_notes(work, chapter, blocks, at_end=False)
    last = max((n for n in range(start, len(blocks)) if not _PART_OF_NOTE.match(blocks[n])), default=start)
    end = len(blocks)
    while last > start and _NOTE.fullmatch(blocks[last]) and end > last + 1:
        end = last
        last = max((n for n in range(start, last) if not _PART_OF_NOTE.match(blocks[n])), default=start)
    _take_notes(work, chapter, blocks[end:], at_end=True)
    chapter.content = "\n\n".join(blocks[start:end])
    return chapter


def _take_notes(work: Manuscript, chapter: ManuscriptChapter, blocks: list[str], *, at_end: bool) -> int:
    """Take the notes that a run of blocks begins with; how many blocks those are."""
    place = 0
    while place + 1 < len(blocks) and (heading := _NOTE.fullmatch(blocks[place])):
        end = place + 1
        while end < len(blocks) and _PART_OF_NOTE.match(blocks[end]):
            end += 1
            if blocks[end - 1].startswith(">"):
                break  # one quotation is one note; another may be of the story
        if end == place + 1:
            break
        take_note(work, chapter, heading[1], _as_html(blocks[place + 1 : end]), at_end=at_end)
        place = end
    return place


def _as_html(blocks: list[str]) -> str:
    text = "\n\n".join(blocks)
    try:
        return markdown_to_html(text)
    except HtmlRefused as error:
        raise Unreadable("too-long", str(error)) from error


READER = Reader("fanficfare-txt", score, read, one_work=True)
