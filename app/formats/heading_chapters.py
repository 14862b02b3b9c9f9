"""Chapters of a document that is in one piece: cut at its headings.

The level of the headings is the highest one that comes more than once. A heading that comes once, before everything
else, is the title of the whole. Where parts hold chapters, the chapters are the cuts, and a part's heading stands at
the beginning of its first chapter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from app.formats.headings import bare_heading, chapter_heading, is_contents_heading, is_part_heading
from app.formats.manuscript import ManuscriptChapter
from app.formats.markup import Element, outer_html, sound, text_of

HEADINGS = ("h1", "h2", "h3", "h4")
SPOKEN = "p"
LONGEST_TITLE = 250
LONGEST_LINE = 200
NOTES_LIMIT = 5_000
_WRAPPERS = frozenset({"body", "div", "section", "article", "main", "center", "header", "font", "hgroup", "form"})
_MARKS_IN_A_LINE = 3
_ENOUGH = 2
_NO_TEXT = frozenset({"script", "style", "nav", "template", "noscript", "link", "meta", "title", "head"})


@dataclass(slots=True)
class Cut:
    """A document in pieces: its title, what stands before the first chapter, and the chapters."""

    title: str = ""
    front: str = ""
    chapters: list[ManuscriptChapter] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Piece:
    """A block of a document: its HTML, and its level and text where it is a heading."""

    html: str
    level: str = ""
    text: str = ""


def cut_at_headings(body: Element, title: str = "") -> Cut:
    """The chapters of a document; ``title`` is what it is called elsewhere, so that a heading is known for it."""
    pieces = list(_pieces(unwrapped(body)))
    cut = Cut()
    _take_title(pieces, cut, title)
    level = _level(pieces) or _spoken(pieces)
    if level is None:
        cut.chapters = [ManuscriptChapter(_joined(pieces))] if _has_text(pieces) else []
        return cut
    sections = _sections(pieces, level)
    front = sections.pop(0)[1]
    cut.front = _joined(front)
    listed = 0
    for heading, blocks in sections:
        if is_contents_heading(heading.text):
            listed += 1
        elif not _has_text(blocks):
            cut.notices.append(f"A heading without text was left out: “{heading.text[:80]}”.")
        else:
            cut.chapters.append(_chapter(heading, blocks))
    if listed:
        cut.notices.append("The table of contents was left out.")
    if not _has_text(front):
        cut.front = ""
    return cut


def place_front(cut: Cut) -> str:
    """What stands before the first chapter: the notes of the work while it is short, else a chapter of its own."""
    if not cut.front or not cut.chapters:
        return ""
    if len(cut.front) <= NOTES_LIMIT:
        return cut.front
    cut.chapters.insert(0, ManuscriptChapter(cut.front))
    return ""


def _chapter(heading: _Piece, blocks: list[_Piece]) -> ManuscriptChapter:
    if len(heading.text) > LONGEST_TITLE:  # too long to be one: it is text
        return ManuscriptChapter(_joined([heading, *blocks]))
    return ManuscriptChapter(_joined(blocks), title=heading.text)


def _pieces(element: Element) -> Iterator[_Piece]:
    """The blocks of an element in order; wrappers that hold headings are opened."""
    if element.text and element.text.strip():
        yield _Piece(escape(sound(element.text), quote=False))
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _NO_TEXT:
            if child.tag in HEADINGS:
                yield _Piece(outer_html(child), child.tag, text_of(child))
            elif child.tag in _WRAPPERS and any(True for _ in child.iter(*HEADINGS)):
                yield from _pieces(child)
            else:
                line = text_of(child) if child.tag == "p" and not len(child) > _MARKS_IN_A_LINE else ""
                yield _Piece(outer_html(child), text=line if len(line) <= LONGEST_LINE else "")
        if child.tail and child.tail.strip():
            yield _Piece(escape(sound(child.tail), quote=False))
        elif child.tail:
            yield _Piece("\n")


def _take_title(pieces: list[_Piece], cut: Cut, known: str) -> None:
    """The first heading is the title where it says what the document is called, or is alone at its level."""
    counts = Counter(piece.level for piece in pieces if piece.level)
    for at, piece in enumerate(pieces):
        if not piece.level:
            if _has_text([piece]):
                return
            continue
        same = bool(known) and piece.text.casefold() == known.casefold()
        highest = piece.level == min(counts)
        alone = counts[piece.level] == 1 and highest and chapter_heading(piece.text) is None
        if piece.text and (same or alone) and len(piece.text) <= LONGEST_TITLE:
            cut.title = piece.text
            del pieces[at]
        return


def _level(pieces: list[_Piece]) -> str | None:
    """The level of headings at which to cut; ``None`` for a document in one piece."""
    by_level: dict[str, list[str]] = {}
    for piece in pieces:
        if piece.level and piece.text:
            by_level.setdefault(piece.level, []).append(piece.text)
    for level in sorted(by_level):
        texts = by_level[level]
        lower = next((other for other in sorted(by_level) if other > level), None)
        if all(map(is_part_heading, texts)) and lower is not None and len(by_level[lower]) >= len(texts):
            continue
        if len(texts) > 1 or chapter_heading(texts[0]) or bare_heading(texts[0]):
            return level
    return None


def _spoken(pieces: list[_Piece]) -> str | None:
    """Take paragraphs that say “Chapter 1”, “Chapter 2” and so on for headings; their level where there are some."""
    found = [(piece, chapter_heading(piece.text)) for piece in pieces if piece.text and not piece.level]
    headings = [(piece, heading) for piece, heading in found if heading is not None and heading.numbered]
    if len(headings) < _ENOUGH or headings[0][1].number != 1 or headings[1][1].number != _ENOUGH:
        return None
    for piece, _ in headings:
        piece.level = SPOKEN
    return SPOKEN


def unwrapped(body: Element) -> Element:
    """The innermost element that holds everything."""
    while (
        len(body) == 1
        and body[0].tag in _WRAPPERS
        and not (body.text or "").strip()
        and not (body[0].tail or "").strip()
    ):
        body = body[0]
    return body


def _sections(pieces: list[_Piece], level: str) -> list[tuple[_Piece, list[_Piece]]]:
    """What stands before the first heading, then a section a heading; higher headings belong to what follows them."""
    sections: list[tuple[_Piece, list[_Piece]]] = [(_Piece(""), [])]
    lead: list[_Piece] = []
    for piece in pieces:
        if piece.level == level and piece.text:
            sections.append((piece, lead))
            lead = []
        elif (piece.level and piece.level < level != SPOKEN) or lead:
            lead.append(piece)
        else:
            sections[-1][1].append(piece)
    sections[-1][1].extend(lead)
    return sections


def _joined(pieces: list[_Piece]) -> str:
    return "".join(piece.html for piece in pieces).strip()


def _has_text(pieces: list[_Piece]) -> bool:
    """Whether there is anything to read or see besides headings."""
    return any(
        not piece.level and ("<img" in piece.html or bool(_text(piece.html))) for piece in pieces if piece.html.strip()
    )


def _text(html: str) -> str:
    """The text of a piece, roughly: enough to know whether there is any."""
    kept = []
    inside = False
    for character in html[:20_000]:
        if character == "<":
            inside = True
        elif character == ">" and inside:
            inside = False
        elif not inside and not character.isspace():
            kept.append(character)
    return "".join(kept).replace("&nbsp;", "").replace("\u00a0", "")
