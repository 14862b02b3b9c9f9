"""Plain text: one work a file, its title from the first line, chapters at headings.

Blank lines make paragraphs. Text that is wrapped at a fixed width, as old files are, is joined again, and the
manuscript says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import BinaryIO

from app.formats.headings import heading
from app.formats.manuscript import Manuscript, ManuscriptChapter, ReadItem, Status
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.kit.encoding import UndecodableText, decode
from app.kit.text import find_bad_character

LARGEST = 64 * 1024 * 1024
CHAPTER_LIMIT = 500_000
TITLE_LIMIT = 200
_BY = re.compile(r"(?:by|von|par|por|di|автор:?)\s+(?P<name>\S.{0,100})", re.IGNORECASE)
_CONTINUES = re.compile(
    r"\W*(?:to be continued|tbc|continuará|à suivre|wird fortgesetzt|продолжение следует|未完待续|つづく|続く)\W*",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\W*(?:the end|fin|finis|fine|ende|конец|完|終わり|おわり|全文完)\W*", re.IGNORECASE)
_GUTENBERG_START = re.compile(r"^\*\*\* ?START OF .*$", re.MULTILINE)
_GUTENBERG_END = re.compile(r"^\*\*\* ?END OF .*$", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t\u3000]*\n")


def score(head: bytes, name: str) -> float:
    """Anything that is not known as something else."""
    if not head.strip():
        return 0.3
    return 0.3 if name.endswith((".txt", ".text")) or b"\0" not in head[:1_000] else 0.15


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item: the whole file is the work."""
    try:
        yield ReadItem(name, _manuscript(stream.read(LARGEST + 1), name))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())


@dataclass(slots=True)
class _Part:
    title: str
    lines: list[str] = field(default_factory=list)

    @property
    def has_text(self) -> bool:
        return any(line.strip() for line in self.lines)


def _manuscript(data: bytes, name: str) -> Manuscript:
    if len(data) > LARGEST:
        raise Unreadable("too-large", "A text file may have 64 MiB; import it in parts.")
    manuscript = Manuscript()
    text = _decoded(data, manuscript)
    text = _without_wrapping_notes(text, manuscript)
    lines = text.split("\n")
    start = _read_front(lines, manuscript)
    parts = _parts(lines[start:])
    wrapped = _is_wrapped(lines[start:])
    if wrapped:
        manuscript.notices.append("The lines are wrapped at a fixed width; they were joined to paragraphs.")
    for part in parts:
        body = "\n".join(part.lines).strip("\n")
        _add(manuscript, part.title, _unwrapped(body) if wrapped else body)
    if manuscript.title is None:
        manuscript.title = name.rpartition("/")[2].rsplit(".", 1)[0].strip() if name != "-" else None
    manuscript.title = manuscript.title or "Untitled"
    manuscript.status = _status(lines)
    return manuscript


def _decoded(data: bytes, manuscript: Manuscript) -> str:
    try:
        text, encoding, guessed = decode(data)
    except UndecodableText as error:
        raise Unreadable("not-utf-8", str(error)) from error
    if guessed:
        manuscript.notices.append(f"The encoding was guessed: {encoding}.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    bad = find_bad_character(text)
    if bad is not None:
        raise Unreadable("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", str(bad[0]))
    if not text.strip():
        raise Unreadable("empty-file", "The file has no text.")
    return text


def _without_wrapping_notes(text: str, manuscript: Manuscript) -> str:
    """What Project Gutenberg puts before and after a book is not part of it."""
    start, end = _GUTENBERG_START.search(text), _GUTENBERG_END.search(text)
    if start is None and end is None:
        return text
    manuscript.notices.append("The notes of Project Gutenberg before and after the text were left out.")
    return text[start.end() if start else 0 : end.start() if end else len(text)]


def _read_front(lines: list[str], manuscript: Manuscript) -> int:
    """Title and author from the first lines; where the text begins."""
    at = next(index for index, line in enumerate(lines) if line.strip())
    first = lines[at].strip()
    alone = at + 1 >= len(lines) or not lines[at + 1].strip() or _BY.fullmatch(lines[at + 1].strip()) is not None
    if heading(first) is not None or not alone or len(first) > TITLE_LIMIT or not any(map(str.isalnum, first)):
        return at
    if not any(line.strip() for line in lines[at + 1 :]) or (first[-1] in '.!?”"' and len(first) > 80):  # noqa: PLR2004
        return at  # a sentence, not a title
    manuscript.title = first
    at += 1
    following = next((index for index in range(at, min(at + 4, len(lines))) if lines[index].strip()), None)
    if following is not None:
        by = _BY.fullmatch(lines[following].strip())
        if by is not None:
            manuscript.authors = [by["name"].strip()]
            return following + 1
    return at


def _parts(lines: list[str]) -> list[_Part]:
    """Cut at headings that stand alone; a table of contents, headings without text between them, is no chapters."""
    parts = [_Part("")]
    for index, line in enumerate(lines):
        found = heading(line)
        alone = (index == 0 or not lines[index - 1].strip()) and (
            index + 1 >= len(lines) or not lines[index + 1].strip()
        )
        if found is None or not alone:
            parts[-1].lines.append(line)
            continue
        number, title = found
        position = sum(part.has_text for part in parts if part.title or part is not parts[0]) + 1
        parts.append(_Part(title or (line.strip() if not _is_position(number, position) else "")))
    with_text = [part for part in parts if part.has_text]
    return with_text or parts[:1]


def _is_position(number: str | None, position: int) -> bool:
    """``Chapter 3`` as the third chapter says no more than its place."""
    return number is not None and number.isdigit() and int(number) == position


def _is_wrapped(lines: list[str]) -> bool:
    """Most lines of paragraphs end near one same width."""
    inner = [len(line.rstrip()) for line, after in pairwise(lines) if line.strip() and after.strip()]
    if len(inner) < 12 or max(inner) > 90:  # noqa: PLR2004  too few to tell; longer lines are paragraphs
        return False
    width = max(inner)
    return width >= 50 and sum(length >= width - 20 for length in inner) > 0.7 * len(inner)  # noqa: PLR2004


def _unwrapped(text: str) -> str:
    paragraphs = _BLANK.split(text)
    return "\n\n".join(" ".join(line.strip() for line in paragraph.split("\n")) for paragraph in paragraphs)


def _add(manuscript: Manuscript, title: str, body: str) -> None:
    """Add a chapter; one that is too long in parts, cut between paragraphs."""
    if len(body) <= CHAPTER_LIMIT:
        manuscript.chapters.append(ManuscriptChapter(body, "text", title))
        return
    pieces: list[list[str]] = [[]]
    size = 0
    for paragraph in _BLANK.split(body):
        for start in range(0, max(1, len(paragraph)), CHAPTER_LIMIT):
            piece = paragraph[start : start + CHAPTER_LIMIT]
            if size + len(piece) > CHAPTER_LIMIT and pieces[-1]:
                pieces.append([])
                size = 0
            pieces[-1].append(piece)
            size += len(piece) + 2
    manuscript.notices.append(f"A chapter of {len(body):,} characters was split into {len(pieces)} parts.")
    for number, part in enumerate(pieces, 1):
        name = f"{title} ({number}/{len(pieces)})" if title else f"Part {number}"
        manuscript.chapters.append(ManuscriptChapter("\n\n".join(part), "text", name))


def _status(lines: list[str]) -> Status | None:
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    if _CONTINUES.fullmatch(last):
        return "in_progress"
    return "complete" if _ENDS.fullmatch(last) else None


READER = Reader("plain-text", score, read)
