"""Downloads of Archive of Our Own in EPUB: its HTML as calibre converts it.

The conversion cuts the document into files, numbers its classes and hangs its own on every element. The files are put
together again in reading order, and calibre's marks are taken off, so that the same work is the same in both formats.
What calibre turned into styles (underlining, the width of an image) is lost; so are soft hyphens and ligatures.
"""

from __future__ import annotations

import re

from lxml import etree

from app.formats.ao3_download import read_download, tag_list
from app.formats.ao3_links import SITE, source_at
from app.formats.epub_book import EpubBook
from app.formats.manuscript import Manuscript
from app.formats.markup import Element, drop, find_all, has_class
from app.formats.problems import Unreadable
from app.formats.reading import BookReader

_LOOKED_AT = 3
_CALIBRE = re.compile(r"p?calibre[0-9]*|calibre_.*|mbp_.*")
_NUMBERED = re.compile(r"(userstuff|tags|message|byline|heading)[0-9]+")


def score(book: EpubBook) -> float:
    """Known by the list of tags, and by the line that says where the work was posted."""
    for name in book.spine[:_LOOKED_AT]:
        try:
            root = book.document(name)
        except Unreadable:
            continue
        links = [link.get("href") or "" for link in find_all(root, ".//a[@href]")]
        if tag_list(root) is not None and any(SITE in href or source_at(href) for href in links):
            return 0.95
    return 0.0


def read(book: EpubBook) -> Manuscript:
    """The work of the book."""
    whole = etree.Element("body")
    for _, root in book.documents():
        body = root.find("body")
        for child in list(body) if body is not None else []:
            whole.append(child)
    _without_marks(whole)
    manuscript = read_download(whole)
    manuscript.title = manuscript.title or next(iter(book.values("dc:title")), None)
    if not manuscript.language:
        manuscript.language = next(iter(book.values("dc:language")), None)
    return manuscript


def _without_marks(root: Element) -> None:
    for element in list(root.iter("*")):
        classes = [_NUMBERED.sub(r"\1", name) for name in (element.get("class") or "").split()]
        kept = " ".join(name for name in classes if not _CALIBRE.fullmatch(name))
        if kept:
            element.set("class", kept)
        else:
            element.attrib.pop("class", "")
        if _CALIBRE.fullmatch(element.get("id") or ""):
            element.attrib.pop("id", "")
            if element.tag == "div" and not len(element) and not element.text:
                drop(element)  # where a page breaks
    # One class does for all that looks alike: what an author centred is of the class of these lines of the site's.
    for element in find_all(root, ".//*[@id='chapters']//*[@class='message' or @class='byline']"):
        if any(_is_text(parent) for parent in element.iterancestors("div")):
            del element.attrib["class"]
            element.set("align", "center")


def _is_text(element: Element) -> bool:
    return has_class(element, "userstuff") and element.get("id") is None


BOOK = BookReader("ao3-epub", score, read)
