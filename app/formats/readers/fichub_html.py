"""HTML files that FicHub exported: an introduction and contents, then a block for each chapter."""

from __future__ import annotations

from app.formats.chapter_notes import drop
from app.formats.fanficfare_chapters import settle
from app.formats.fichub_page import read_introduction
from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.formats.markup import LARGEST, Element, decode_markup, find_all, first, inner_html, parse_html, text_of
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file

_SIGNS = (
    b"fichub.net",
    b"Exported with the assistance of",
    b'class="chapter_nav"',
    b'id="contents-list"',
    b'id="chap_1"',
)
_ENOUGH = 3


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by the words and names that FicHub writes."""
    return 0.95 if sum(sign in head for sign in _SIGNS) >= _ENOUGH else 0.0


def _manuscript(data: bytes) -> Manuscript:
    text, notice = decode_markup(data)
    body = first(parse_html(text), "//body")
    if body is None:
        raise Unreadable("bad-html", "The file cannot be read as HTML.")
    work = read_introduction(body)
    work.notices += [notice] if notice else []
    for block in find_all(body, "//div[starts-with(@id, 'chap_')]"):
        work.chapters.append(_chapter(block))
    if not work.chapters:
        work.notices.append(
            "The file has no chapters of which the beginning is marked: only its introduction was read."
        )
    settle(work)
    return work


def _chapter(block: Element) -> ManuscriptChapter:
    for links in find_all(block, "./div[@class='chapter_nav']"):
        drop(links)
    heading = first(block, "./h2")
    title = text_of(heading)
    if heading is not None and heading is next(iter(block), None):
        drop(heading)
    else:
        title = ""
    return ManuscriptChapter(inner_html(block), title=title)


READER = Reader("fichub-html", score, whole_file(_manuscript, LARGEST), one_work=True, takes="markup")
