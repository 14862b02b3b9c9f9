"""Downloads of Archive of Our Own in HTML, of every year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.ao3_download import read_download
from app.formats.manuscript import ReadItem
from app.formats.markup import LARGEST, decode_markup, parse_html
from app.formats.problems import Unreadable
from app.formats.reading import Reader, read_all

_TAGS = re.compile(rb"<dl[^>]{0,200}class\s*=\s*[\"']?tags\b", re.IGNORECASE)
_FROM_THERE = re.compile(rb"archiveofourown\.org/|Posted originally on the", re.IGNORECASE)
_TEXT = re.compile(rb"<div[^>]{0,100}id\s*=\s*[\"']?chapters[\"']?\s+class\s*=\s*[\"']?userstuff", re.IGNORECASE)
_MARK = re.compile(rb"<!--chapter content-->|<h2 class=[\"']?toc-heading", re.IGNORECASE)
_LABEL = re.compile(rb"<dt[^>]{0,200}>\s{0,99}(?:Rating|Archive Warning|Warning|Fandom)s?:", re.IGNORECASE)
_PAGE = re.compile(rb"<div[^>]{0,100}id\s*=\s*[\"']?main\b", re.IGNORECASE)


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by the list of tags, else by the box of the text; a page of the site has a frame around it."""
    plain = head.replace(b"\0", b"")
    if _PAGE.search(plain):
        return 0.0
    if not _TAGS.search(plain):
        return 0.6 if _TEXT.search(plain) and _MARK.search(plain) else 0.0
    if _FROM_THERE.search(plain):
        return 0.95
    return 0.6 if _LABEL.search(plain) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item: the work."""
    try:
        text, notice = decode_markup(read_all(stream, LARGEST))
        manuscript = read_download(parse_html(text))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())
        return
    manuscript.notices += [notice] if notice else []
    yield ReadItem(name, manuscript)


READER = Reader("ao3-html", score, read, one_work=True, takes="markup")
