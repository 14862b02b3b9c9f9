"""Any HTML page with a story in it: one work, its title from the page, chapters at headings.

For pages of no site or program that has a reader of its own. What surrounds a story on such a page cannot be told from
it with certainty: menus are left out where they are marked as such, and the manuscript says so.
"""

from __future__ import annotations

import re

from app.formats.broken_lines import with_paragraphs
from app.formats.heading_chapters import cut_at_headings, place_front, unwrapped
from app.formats.labelled_head import take, take_from
from app.formats.manuscript import Manuscript
from app.formats.markup import LARGEST as LARGEST_DOCUMENT
from app.formats.markup import Element, decode_markup, drop, find_all, first, parse_html, sound, text_of
from app.formats.page_meta import OF_THE_PAGE, read_head, refuse_missing
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file

_FEED = re.compile(
    rb"<(feed|rss|rdf:RDF|opml|svg|package|ncx|urlset|FictionBook|w:wordDocument|office:document)[\s>:/]"
)
_XML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,99}<\?xml\s[^>]{0,200}\?>\s{0,99}(?:<!(?:--.{0,2000}?-->|DOCTYPE[^>]{0,400}>)\s{0,99}){0,5}"
    rb"<(?:\w{1,20}:)?(\w{1,40})",
    re.DOTALL | re.IGNORECASE,
)
_ROOTS = frozenset({b"html", b"head", b"body", b"div", b"p", b"article", b"section", b"h1", b"h2", b"text"})
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|p|div|h[1-6]|title|meta)[\s>]", re.IGNORECASE)
_AROUND = ".//nav | .//footer | .//aside | .//script | .//style | .//noscript | .//template | .//*[@role='navigation']"
_STORY = (
    *(".//*[@itemprop='articleBody']", ".//article", ".//main", ".//*[@role='main']"),
    *(".//*[@id='story' or @id='storytext']", ".//*[contains(concat(' ', @class, ' '), ' entry-content ')]"),
)
_BYLINE = re.compile(r"\s*(?:written\s+)?by:?\s+(\S.{0,100})", re.IGNORECASE)
_MOST_OF_IT = 0.5


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Any page; less than a reader that knows whose page it is."""
    declared = _XML.match(head)
    if _FEED.search(head[:2_000]) or (declared is not None and declared[1].lower() not in _ROOTS):
        return 0.0
    return 0.2 if _PAGE.search(head) else 0.12


def _manuscript(data: bytes) -> Manuscript:
    text, notice = decode_markup(data)
    root = parse_html(text)
    refuse_missing(root)
    work = Manuscript()
    if notice is not None:
        work.notices.append(notice)
    page_title = read_head(work, root)
    body = first(root, ".//body")
    story = _story(body if body is not None else root, work)
    story = _headed(work, story)
    take_from(work, unwrapped(story))
    cut = cut_at_headings(story, work.title or page_title)
    if not cut.chapters:
        raise Unreadable("no-text", "The page has no text that could be a story.")
    work.title = sound(work.title or cut.title or page_title) or None
    work.notes += place_front(cut)
    _byline(work)
    work.chapters = cut.chapters
    work.notices += cut.notices
    if work.title and work.title == page_title and not cut.title:
        work.notices.append(OF_THE_PAGE)
    return work


def _story(body: Element, work: Manuscript) -> Element:
    """The part of a page that holds most of its text, without what is marked as standing around it."""
    around = find_all(body, _AROUND)
    for element in around:
        drop(element)
    if any(element.tag in {"nav", "footer", "aside"} for element in around):
        work.notices.append("Menus and the like around the text were left out.")
    whole = len(text_of(body))
    for path in _STORY:
        found = find_all(body, path)
        if len(found) == 1 and len(text_of(found[0])) >= whole * _MOST_OF_IT:
            return found[0]
    return body


def _headed(work: Manuscript, story: Element) -> Element:
    """The story without the head that stands over it in lines, as journals have them; else the story as it is."""
    copy = with_paragraphs(unwrapped(story))
    found = Manuscript()
    if copy is None:
        return story
    take_from(found, copy)
    if not (found.fandoms or found.rating or found.summary or found.relationships or found.characters):
        return story
    take(work, found)
    return copy


def _byline(work: Manuscript) -> None:
    """“by Somebody” alone before the first chapter is the author."""
    plain = re.sub(r"<[^>]{0,500}>", " ", work.notes) if len(work.notes) < 400 else ""  # noqa: PLR2004
    found = _BYLINE.fullmatch(" ".join(plain.split()))
    if found is not None and not work.authors:
        work.authors = [found[1].strip()]
        work.notes = ""


READER = Reader("html", score, whole_file(_manuscript, LARGEST_DOCUMENT), one_work=True, takes="markup")
