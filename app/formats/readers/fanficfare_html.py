"""FanFicFare's single HTML files: a heading and a table, then each chapter behind a numbered anchor."""

from __future__ import annotations

import re

from app.formats.fanficfare_chapters import chapter_of, settle
from app.formats.fanficfare_fields import Fields, fill
from app.formats.manuscript import Manuscript
from app.formats.markup import LARGEST, Element, decode_markup, first, parse_html, text_of
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.formats.title_page import read_page

_SIGNS = (
    re.compile(rb"<h1><a href=[^>]{1,2500}>[^<]{0,500}</a> by ", re.IGNORECASE),
    re.compile(rb"<table class=.?full.?>\s*<tr>\s*<td>\s*<b>", re.IGNORECASE),
    re.compile(rb"<a (?:name|href)=.?#?section0*1\b", re.IGNORECASE),
)
_ENOUGH = 2
_ANCHOR = re.compile(
    r"<a (?:name|id)=[\"']?section0*([0-9]{1,6})[\"']?\s?>\s{0,9}(?:</a>\s{0,9})?<(h[1-6])(?:\s[^>]{0,200})?>",
    re.IGNORECASE,
)
_TITLE_ENDS = re.compile(r"</(h[1-6])>(?:\s{0,9}</a>)?", re.IGNORECASE)
_LONGEST_TITLE = 4_000


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by the shape of heading, table and anchors."""
    return 0.95 if sum(sign.search(head) is not None for sign in _SIGNS) >= _ENOUGH else 0.0


def _manuscript(data: bytes) -> Manuscript:
    text, notice = decode_markup(data)
    work = Manuscript(notices=[notice] if notice else [])
    anchors = _anchors(text)
    front = text[: anchors[0][0]] if anchors else text
    fields = Fields()
    work.authors = read_page(parse_html(front), fields)
    fill(work, fields)
    ends = [start for start, _, _ in anchors[1:]]
    for (_, start, title), end in zip(anchors, [*ends, len(text)], strict=False):
        work.chapters.append(chapter_of(work, _body(text[start:end]), text_of(_body(title))))
    if not anchors:
        work.notices.append("The file has no chapters of which the beginning is marked: only its title page was read.")
    settle(work)
    return work


def _anchors(text: str) -> list[tuple[int, int, str]]:
    """Where chapters begin, where their text does, and their titles as HTML.

    They are numbered from 1 without a gap, so that what a story itself holds is none.
    """
    found: list[tuple[int, int, str]] = []
    for anchor in _ANCHOR.finditer(text):
        end = _TITLE_ENDS.search(text, anchor.end(), anchor.end() + _LONGEST_TITLE)
        if end is not None and end[1].lower() == anchor[2].lower() and int(anchor[1]) == len(found) + 1:
            found.append((anchor.start(), end.end(), text[anchor.end() : end.start()]))
    return found


def _body(html: str) -> Element:
    body = first(parse_html(f"<html><body>{html}</body></html>"), "//body")
    if body is None:
        raise Unreadable("bad-html", "A chapter cannot be read as HTML.")
    return body


READER = Reader("fanficfare-html", score, whole_file(_manuscript, LARGEST), one_work=True, takes="markup")
