"""Markdown: one work a file, an optional block of names and values before it, chapters at headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.formats.decoding import decoded_lines
from app.formats.front_fields import take_front
from app.formats.front_matter import cut_front, looks_like_front
from app.formats.heading_chapters import cut_at_headings, place_front
from app.formats.labelled_head import take_from
from app.formats.manuscript import Manuscript
from app.formats.markup import first, parse_html
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.kit.html_cleaning import HtmlRefused
from app.kit.markdown_files import markdown_file_to_html

LARGEST = 64 * 1024 * 1024
PIECE = 900_000
"""Characters that are turned into HTML at once: the cost of some patterns grows faster than their length."""
_HEADING = re.compile(r"^ {0,3}#{1,4}[ \t]+\S", re.MULTILINE)
_UNDERLINED = re.compile(r"^\S.{0,200}\n {0,3}={3,}[ \t]*$", re.MULTILINE)
_MARKS = re.compile(
    r"\*\*\S[^*\n]{0,200}\*\*|(?<![\w*])\*[^\s*][^*\n]{0,200}\*(?!\w)|\[[^\]\n]{1,200}\]\(https?://|^> ", re.MULTILINE
)
_ENOUGH = 2


def score(head: bytes, name: str) -> float:
    """Headings, emphasis and links as Markdown has them; a name that says so counts as one of them."""
    text = head.decode("utf-8", "replace").replace("\r\n", "\n")
    said = name.lower().endswith((".md", ".markdown", ".mdown"))
    headings = len(_HEADING.findall(text)) + len(_UNDERLINED.findall(text))
    front = text.lstrip("\ufeff\n")
    if looks_like_front(front) and (said or not front.startswith("%")):
        # An object with a text behind it is no dump of works, which its first lines look like.
        return 0.97 if front.startswith("{") else 0.6
    if said:
        return 0.35
    marks = len(_MARKS.findall(text))
    return 0.35 if (headings >= _ENOUGH or (headings and marks)) and "\0" not in text else 0.0


def _manuscript(data: bytes) -> Manuscript:
    work = Manuscript()
    text = decoded_lines(data, work).lstrip("\n")
    values, text = cut_front(text)
    take_front(work, values)
    if not text.strip():
        raise Unreadable("empty-file", "The file has no text.")
    root = parse_html("".join(map(_html, _pieces(text))))
    body = first(root, ".//body")
    body = root if body is None else body
    take_from(work, body, by_line=True)
    cut = cut_at_headings(body, work.title or "")
    if not cut.chapters:
        raise Unreadable("no-text", "The file has headings and no text below them.")
    work.title = work.title or cut.title or None
    work.notes += place_front(cut)
    work.chapters = cut.chapters
    work.notices += cut.notices
    return work


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that are short enough, cut between paragraphs, best before a heading."""
    while len(text) > PIECE:
        at = text.rfind("\n\n#", 1, PIECE)
        at = at if at > 0 else text.rfind("\n\n", 1, PIECE)
        at = at if at > 0 else PIECE
        yield text[:at]
        text = text[at:]
    yield text


def _html(text: str) -> str:
    try:
        return markdown_file_to_html(text)
    except (HtmlRefused, RecursionError) as error:
        raise Unreadable("bad-markdown", f"The Markdown cannot be read: {error}") from error


READER = Reader("markdown", score, whole_file(_manuscript, LARGEST), one_work=True)
