"""Pages of archives that run eFiction, of fanficauthors.net and of animationsource.org, as a browser saved them.

A page may tell of a story and hold no text: it is a work without chapters then, and says so.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from app.formats.heading_chapters import cut_at_headings
from app.formats.labelled_page import apply_facts, facts_behind
from app.formats.manuscript import Manuscript, ManuscriptChapter, SourceRef
from app.formats.markup import (
    LARGEST,
    Element,
    decode_markup,
    find_all,
    first,
    has_class,
    inner_html,
    parse_html,
    sound,
    text_of,
)
from app.formats.page_meta import address_of, metas, read_head, refuse_missing
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.kit.urls import is_web_address, source_site

_EFICTION = re.compile(rb"viewstory\.php\?sid=|viewuser\.php\?uid=|efiction\.org|Powered by eFiction", re.IGNORECASE)
_SID = re.compile(r"viewstory\.php\?(?:[^\"'#]{0,100}&)?sid=([0-9]{1,12})")
_PAIR = re.compile(
    r"(Status|Rating|Chapters|Word count|Words|Genre|Genres|Uploaded on): ?(.+?)(?= - |$)", re.IGNORECASE
)
_UPDATED = re.compile(r"was updated on (.{6,30})$")
_TEXTS = (".//*[@id='story']", ".//*[@class='story']", ".//*[@id='chapter']", ".//*[@id='storytext']")


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """The marks of a site in a page."""
    if b"fanficauthors" in head or b"animationsource.org" in head:
        return 0.6
    return 0.55 if _EFICTION.search(head) else 0.0


def _manuscript(data: bytes) -> Manuscript:
    text, notice = decode_markup(data)
    root = parse_html(text)
    refuse_missing(root)
    work = Manuscript()
    if notice is not None:
        work.notices.append(notice)
    if "fanficauthors" in text:
        _fanficauthors(work, root)
    elif "animationsource.org" in text:
        _animationsource(work, root)
    else:
        _efiction(work, root, text)
    if not work.title:
        raise Unreadable("page-without-story", "The page is of an archive of stories and shows none.")
    if not work.chapters:
        work.notices.append("The page tells of a story and does not hold its text.")
    return work


def _efiction(work: Manuscript, root: Element, text: str) -> None:
    heading = first(root, ".//*[@id='pagetitle']")
    story = first(heading, ".//a[contains(@href, 'viewstory.php')]") if heading is not None else None
    work.title = text_of(story if story is not None else heading) or None
    authors = find_all(heading, ".//a[contains(@href, 'viewuser.php')]") if heading is not None else []
    work.authors = [name for link in authors if (name := text_of(link))]
    if work.title and not authors and " by " in work.title:
        work.title, _, author = work.title.rpartition(" by ")
        work.authors = [author]
    box = first(root, ".//*[contains(@class, 'label')]/ancestor::*[.//*[contains(@class, 'label')][3]][1]")
    if box is not None:
        facts = facts_behind(box, lambda one: has_class(one, "label"))
        work.summary = facts.pop("summary", "")
        facts.pop("reviews", None)
        apply_facts(work, facts)
    _efiction_source(work, root, text)
    _texts(work, root)


def _efiction_source(work: Manuscript, root: Element, text: str) -> None:
    found = _SID.search(text)
    if found is None:
        return
    base = first(root, ".//base[@href]")
    said = address_of(root, metas(root)) or (base.get("href") or "" if base is not None else "")
    url = urljoin(said, f"viewstory.php?sid={found[1]}") if is_web_address(said) else ""
    if url:
        work.source = SourceRef(source_site(url), found[1], sound(url))
    else:
        work.notices.append("The page does not say of which site it is, so its number there was kept in `extra`.")
        work.extra["sid"] = found[1]


def _texts(work: Manuscript, root: Element) -> None:
    for path in _TEXTS:
        found = find_all(root, path)
        if not found:
            continue
        titles = [text_of(one) for one in find_all(root, ".//*[contains(@class, 'chaptertitle')]")]
        for at, one in enumerate(found):
            content = inner_html(one)
            if content:
                title = titles[at] if len(titles) == len(found) else ""
                work.chapters.append(ManuscriptChapter(content, title=title))
        return


def _fanficauthors(work: Manuscript, root: Element) -> None:
    work.title = text_of(first(root, ".//*[contains(@class, 'page-header')]/h2")) or None
    byline = text_of(first(root, ".//*[contains(@class, 'page-header')]/h3"))
    work.authors = [byline.removeprefix("By ").strip()] if byline else []
    facts: dict[str, str] = {}
    for paragraph in find_all(root, ".//*[contains(@class, 'well')]/p"):
        text = text_of(paragraph)
        facts |= {name.casefold(): value for name, value in _PAIR.findall(text)}
        updated = _UPDATED.search(text)
        if updated is not None:
            facts["updated"] = updated[1]
    apply_facts(work, facts)
    work.summary = inner_html(first(root, ".//*[contains(@class, 'well')]/blockquote"))
    menu = text_of(first(root, ".//*[@id='access']/a[2]"))
    path = first(root, ".//*[@id='main']//a[contains(@href, '/reviews/')]")
    if menu and path is None and work.title is None:
        raise Unreadable("page-without-story", "The page is of fanficauthors.net and shows no story.")
    story = first(root, ".//div[contains(concat(' ', @class, ' '), ' story ')]")
    if story is not None and text_of(story):
        work.chapters = cut_at_headings(story, work.title or "").chapters
    if work.source is None:
        url = address_of(root, metas(root))
        if url is not None:
            work.source = SourceRef(source_site(url), None, url)
        else:
            work.notices.append("The page does not say its address.")


def _animationsource(work: Manuscript, root: Element) -> None:
    title = first(root, ".//h1[ancestor::*[contains(@class, 'bhaut2')]]")
    work.title = text_of(title) or None
    box = first(root, ".//b[normalize-space(.)='Author']/parent::*")
    if box is not None:
        facts = facts_behind(box, lambda one: one.tag == "b")
        author = facts.pop("author", "")
        work.authors = [author] if author else []
        work.summary = facts.pop("description", "")
        category = facts.pop("category", "")
        if category:
            facts["genre"] = category  # Epic, Humour …: the fandom is the part of the site
        facts.pop("length", None)
        apply_facts(work, facts)
    language, read_title = work.language, read_head(work, root)
    work.title = work.title or read_title or None
    work.language = work.language or language
    text = first(root, ".//*[@id='ficcentre']")
    if text is not None and text_of(text):
        work.chapters = cut_at_headings(text, work.title or "").chapters


READER = Reader("story-page", score, whole_file(_manuscript, LARGEST), one_work=True, takes="markup")
