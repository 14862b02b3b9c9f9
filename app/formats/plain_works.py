"""A plain text as a work: title and author from its first lines, chapters at headings."""

from __future__ import annotations

import html
import re

from app.formats.decoding import decoded_lines
from app.formats.labelled_head import read_head, take
from app.formats.long_chapters import add_chapters
from app.formats.manuscript import Manuscript, Status
from app.formats.problems import Unreadable
from app.formats.text_chapters import Section, cut, titles
from app.formats.text_front import read_front
from app.formats.text_layout import Block, blocks_of, by_indent, is_line_a_paragraph, unwrapped, wrapped_width

LARGEST = 64 * 1024 * 1024
NOTES_LIMIT = 5_000
_CONTINUES = re.compile(
    r"\W*(?:to be continued|tbc|continuará|à suivre|wird fortgesetzt|продолжение следует"
    r"|未完待续|未完待續|つづく|続く)\W*",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\W*(?:the end|end|fin|finis|fine|ende|конец|完|終|終わり|おわり|全文完|全书完)\W*",
    re.IGNORECASE,
)
_GUTENBERG_START = re.compile(r"^\*\*\* ?START OF .*$", re.MULTILINE)
_GUTENBERG_END = re.compile(r"^\*\*\* ?END OF .*$", re.MULTILINE)
_GUTENBERG_LABEL = re.compile(r"^(Title|Author|Language): ?(\S.{0,250})$", re.MULTILINE)
_LAST_LINE = 60


def work_of(data: bytes) -> Manuscript:
    """The work that the bytes of a text file are; raises :class:`Unreadable`."""
    if len(data) > LARGEST:
        raise Unreadable("too-large", "A text file may have 64 MiB; import it in parts.")
    manuscript = Manuscript()
    return read_into(manuscript, decoded_lines(data, manuscript))


def read_into(manuscript: Manuscript, text: str) -> Manuscript:
    """The same of a text that is decoded."""
    text = _without_licence(text, manuscript)
    blocks = blocks_of(text.split("\n"))
    if not blocks:
        raise Unreadable("empty-file", "The file has no text.")
    manuscript.status = _status(blocks[-1][-1])
    blocks = _without_front(blocks, manuscript)
    _chapters(blocks, manuscript)
    return manuscript


def _without_licence(text: str, manuscript: Manuscript) -> str:
    """What Project Gutenberg puts before and after a book is not part of it, but may name it."""
    start = _GUTENBERG_START.search(text)
    end = _GUTENBERG_END.search(text, start.end() if start else 0)
    if start is None and end is None:
        return text
    if start is not None:
        labels = dict(_GUTENBERG_LABEL.findall(text[: start.start()]))
        manuscript.title = labels.get("Title")
        manuscript.authors = [labels["Author"]] if "Author" in labels else []
        manuscript.language = labels.get("Language")
    manuscript.notices.append("The notes of Project Gutenberg before and after the text were left out.")
    return text[start.end() if start else 0 : end.start() if end else len(text)]


def _without_front(blocks: list[Block], manuscript: Manuscript) -> list[Block]:
    """The blocks behind title, author, and the labelled lines that may stand there."""
    head = read_head(blocks)
    if head is None:
        front = read_front(blocks)
        if front.blocks < len(blocks):  # a text that is nothing but a title is text
            manuscript.title = manuscript.title or front.title
            manuscript.authors = manuscript.authors or list(front.authors)
            manuscript.language = manuscript.language or front.language
            blocks = blocks[front.blocks :]
        head = read_head(blocks)
    if head is None or head.blocks == len(blocks):
        return blocks
    take(manuscript, head.work)
    blocks = blocks[head.blocks :]
    return blocks[1:] if len(blocks) > 1 and not any(map(str.isalnum, "".join(blocks[0]))) else blocks


def _chapters(blocks: list[Block], manuscript: Manuscript) -> None:
    width = wrapped_width(blocks)
    if width is not None:
        manuscript.notices.append("The lines are wrapped at a fixed width; they were joined to paragraphs.")
    by_line = width is None and is_line_a_paragraph(blocks)
    if by_line:
        manuscript.notices.append("There are no blank lines between paragraphs; each line was taken as one.")
        blocks = [[line] for block in blocks for line in block]
    found = cut(blocks)
    manuscript.notices.extend(found.notices)
    if not found.chapters:
        add_chapters(manuscript, "", _paragraphs(found.front, width))
        return
    _add_front(manuscript, _paragraphs(found.front, width), found.chapters)
    for section, title in zip(found.chapters, titles(found.chapters), strict=True):
        add_chapters(manuscript, title, _paragraphs(section.blocks, width))


def _add_front(manuscript: Manuscript, paragraphs: list[str], chapters: list[Section]) -> None:
    """Text before the first heading: the first chapter where that is missing, else notes, or too long for them."""
    if not paragraphs:
        return
    notes = "".join(f"<p>{html.escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in paragraphs)
    first = chapters[0].heading
    if (
        (first.numbered and first.number != 1)
        or sum(map(len, paragraphs)) > NOTES_LIMIT
        or len(notes) > 2 * NOTES_LIMIT
    ):
        add_chapters(manuscript, "", paragraphs)
    else:
        manuscript.notes += notes


def _paragraphs(blocks: list[Block], width: int | None) -> list[str]:
    if width is None:
        return [paragraph for block in blocks for paragraph in by_indent(block)]
    return [paragraph for block in blocks for paragraph in unwrapped(block, width)]


def _status(last: str) -> Status | None:
    if len(last.strip()) > _LAST_LINE:
        return None
    if _CONTINUES.fullmatch(last):
        return "in_progress"
    return "complete" if _ENDS.fullmatch(last) else None
