"""Pages of Archive of Our Own as a browser saves them: works, and lists of works (of a tag, a series, a search).

Pages without a work fail, saying which page it is: a log-in in place of a locked work, a work that is not yet revealed,
one that is gone, a tag, a search for tags, an index of chapters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

from app.formats.ao3_blurbs import blurbs, read_blurb
from app.formats.ao3_work_page import meta_list, read_work_page
from app.formats.manuscript import ReadItem
from app.formats.markup import LARGEST, Element, decode_markup, find_all, first, has_class, parse_html, text_of
from app.formats.problems import Unreadable
from app.formats.reading import Reader, read_all

_SITE = re.compile(rb"Organization for Transformative Works|otwarchive|archiveofourown\.org", re.IGNORECASE)
_FRAME = re.compile(
    rb"<title>[^<]{0,400}Archive of Our Own|<(?:div|ul)[^>]{0,100}id\s*=\s*[\"']?(?:main|skiplinks)\b", re.IGNORECASE
)


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by the site's name and the frame around its pages."""
    plain = head.replace(b"\0", b"")
    return 0.9 if _SITE.search(plain) and _FRAME.search(plain) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """The work of the page, or one item for each that it lists."""
    try:
        text, notice = decode_markup(read_all(stream, LARGEST))
        items = _items(parse_html(text), name)
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())
        return
    for item in items:
        if item.manuscript is not None and notice:
            item.manuscript.notices.append(notice)
        yield item


def _items(root: Element, name: str) -> Iterator[ReadItem]:
    meta = meta_list(root)
    if meta is not None:
        return iter([ReadItem(name, read_work_page(root, meta))])
    listed = blurbs(root)
    if not listed:
        raise _what_it_is(root)
    return _listed(listed, name)


def _listed(listed: list[Element], name: str) -> Iterator[ReadItem]:
    for number, blurb in enumerate(listed, 1):
        where = f"{name} entry {number}"
        try:
            yield ReadItem(where, read_blurb(blurb))
        except Unreadable as error:
            yield ReadItem(where, problem=error.as_problem())


def _what_it_is(root: Element) -> Unreadable:
    """Why there is no work on a page."""
    page = first(root, ".//*[@id='main']")
    page = root if page is None else page
    said = text_of(page)[:4_000]
    title = text_of(first(root, ".//title"))
    signs = (
        ("work-missing", has_class(page, "errors") or "404" in title),
        ("work-locked", "only available to registered users" in said),
        ("work-hidden", "will be revealed" in said or "part of an ongoing challenge" in said),
        ("work-unasked", "adult content" in said),
    )
    for code, is_so in signs:
        if is_so:
            return Unreadable(code, _WHY[code] + _asked_for(page))
    classes = page.get("class") or ""
    what = next((what for mark, what in _PAGES if mark in classes), None)
    if what is None:
        return Unreadable("not-a-work", f"This page of Archive of Our Own holds no work: “{(said or title)[:100]}”.")
    return Unreadable("not-a-work", f"This is {what}; it holds no work.")


def _asked_for(page: Element) -> str:
    """Which work was asked for, where the log-in form says so."""
    actions = [unquote(form.get("action") or "") for form in find_all(page, ".//form")]
    number = next((found[1] for action in actions if (found := _RETURN_TO.search(action))), None)
    return f" It was work {number}." if number else ""


_RETURN_TO = re.compile(r"return_to=/works/([0-9]{1,18})")
_WHY = {
    "work-missing": "This is an error page: what was asked for was deleted, or never was there.",
    "work-locked": "This is the log-in page in place of a work for registered users; log in there and save it again.",
    "work-hidden": "The work is part of a challenge and not revealed yet; there is nothing to read on the page.",
    "work-unasked": "This is the question before adult content; answer it and save the work itself.",
}
_PAGES = (
    ("works-navigate", "an index of chapters (save the work's own page, with “Entire Work”)"),
    ("chapters-index", "an index of chapters (save the work's own page, with “Entire Work”)"),
    ("tags-show", "the page of a tag (save its list of works)"),
    ("tags-search", "a search for tags"),
    ("tags-", "a list of tags"),
    ("works-", "a list of works without any"),
    ("series-", "the page of a series without works that can be seen"),
    ("sessions-", "a log-in page"),
    ("users-", "the page of a user"),
    ("collections-", "the page of a collection"),
)

READER = Reader("ao3-page", score, read, takes="markup")
