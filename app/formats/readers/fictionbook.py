"""FictionBook (FB2): one XML file with description and text, as Russian sites and readers have it.

Its genres are of a list of its own, and say nothing of the type of a tag: they are kept in ``extra``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from lxml import etree

from app.formats.manuscript import Manuscript, ManuscriptChapter, SeriesRef, SourceRef
from app.formats.markup import LARGEST, Element, find_all, first, parse_xml, sound, text_of
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.kit.dates import parse_source_date
from app.kit.urls import is_web_address, source_id

_ROOT = re.compile(rb"<(?:\w{1,20}:)?FictionBook[\s>]")
_NOTES = frozenset({"notes", "footnotes", "comments"})
_INLINE = {"emphasis": "em", "strong": "strong", "strikethrough": "s", "sub": "sub", "sup": "sup", "code": "code"}
_BLOCKS = {"cite": "blockquote", "epigraph": "blockquote", "poem": "div", "annotation": "div", "table": "table",
           "tr": "tr", "td": "td", "th": "th"}  # fmt: skip
_LINES = {"p": "p", "subtitle": "h4", "text-author": "p", "date": "p"}
_LONGEST_TITLE = 250


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by its root."""
    return 0.95 if _ROOT.search(head[:4_000]) else 0.0


def _manuscript(data: bytes) -> Manuscript:
    root = parse_xml(data)
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = etree.QName(element).localname
    work = Manuscript()
    info = first(root, "//title-info")
    if info is not None:
        _describe(work, info)
    _identify(work, root)
    bodies = find_all(root, "/FictionBook/body") or find_all(root, "//body")
    for body in bodies:
        if (body.get("name") or "").casefold() not in _NOTES:
            work.chapters += _chapters(body, work.title or "")
    notes = [one for body in bodies if (body.get("name") or "").casefold() in _NOTES for one in _notes(body)]
    if notes and work.chapters:
        work.chapters[-1].end_notes = "".join(notes)
        work.notices.append(f"{len(notes)} footnotes stand behind the last chapter.")
    if not work.chapters:
        raise Unreadable("no-text", "The book has no text.")
    if len(work.chapters) == 1 and work.chapters[0].title == work.title:
        work.chapters[0].title = ""
    if find_all(root, "//image"):
        work.notices.append("Pictures were left out.")
    return work


def _describe(work: Manuscript, info: Element) -> None:
    work.title = text_of(first(info, "./book-title")) or None
    names = dict.fromkeys(map(_name, find_all(info, "./author")))
    work.authors = [name for name in names if name and name.casefold() != "unknown"]
    work.language = text_of(first(info, "./lang"))[:40] or None
    summary = first(info, "./annotation")
    work.summary = "".join(_blocks(summary)) if summary is not None else ""
    date = first(info, "./date")
    if date is not None:
        work.published_at = parse_source_date(date.get("value")) or parse_source_date(text_of(date))
    for one in find_all(info, "./sequence[@name]"):
        number = one.get("number") or ""
        title = " ".join(sound(one.get("name") or "").split())
        if title:
            work.series.append(SeriesRef(title, int(number[:6]) or None if number[:6].isdecimal() else None))
    subjects = [text_of(one) for one in find_all(info, "./genre | ./keywords") if text_of(one)]
    if subjects:
        work.extra["subjects"] = [one[:200] for one in subjects[:200]]
        work.notices.append("Genres and keywords say not of which type they are; they were kept in `extra`.")


def _name(author: Element) -> str:
    parts = [text_of(first(author, f"./{part}")) for part in ("first-name", "middle-name", "last-name")]
    return " ".join(filter(None, parts)) or text_of(first(author, "./nickname"))


def _identify(work: Manuscript, root: Element) -> None:
    for one in find_all(root, "//document-info/src-url"):
        url = text_of(one)
        if is_web_address(url):
            known = source_id(url)
            work.source = SourceRef(known[0], known[1], url) if known else SourceRef(url=url)
            return


def _chapters(body: Element, title: str) -> list[ManuscriptChapter]:
    """The sections of a body; one that only holds others is a part, whose title stands in the first of these."""
    found: list[ManuscriptChapter] = []
    lead = "".join(block for one in body if one.tag not in {"section", "title"} for block in _block(one))
    for section in find_all(body, "./section"):
        inner = find_all(section, "./section")
        named = text_of(first(section, "./title"))[:_LONGEST_TITLE]
        if inner and not find_all(section, "./p"):
            chapters = _chapters(section, title)
            if named and chapters:
                chapters[0].content = f"<h3>{escape(named, quote=False)}</h3>{chapters[0].content}"
            found += chapters
        elif content := "".join(_blocks(section, skip="title")):
            found.append(ManuscriptChapter(content, title=named))
    if lead and found:
        found[0].content = lead + found[0].content
    if not found and (content := "".join(_blocks(body, skip="title"))):
        found.append(ManuscriptChapter(content))
    return found


def _notes(body: Element) -> Iterator[str]:
    for section in find_all(body, ".//section[not(section)]"):
        yield "".join(_blocks(section))


def _blocks(element: Element, skip: str = "") -> Iterator[str]:
    for child in element:
        if child.tag != skip:
            yield from _block(child)


def _block(element: Element) -> Iterator[str]:
    tag = element.tag
    if not isinstance(tag, str) or tag == "image":
        return
    if tag in _LINES:
        name = _LINES[tag]
        yield f"<{name}>{_inline(element)}</{name}>"
    elif tag == "title":
        yield f"<h4>{escape(text_of(element), quote=False)}</h4>"
    elif tag == "stanza":
        yield f"<p>{'<br>'.join(_inline(line) for line in find_all(element, './v'))}</p>"
    elif tag == "empty-line":
        yield "<br>"
    elif tag in {"td", "th"}:
        yield f"<{tag}>{_inline(element)}</{tag}>"
    elif tag in _BLOCKS:
        yield f"<{_BLOCKS[tag]}>{''.join(_blocks(element))}</{_BLOCKS[tag]}>"
    elif tag == "section":
        yield from _blocks(element)


def _inline(element: Element) -> str:
    parts = [escape(sound(element.text or ""), quote=False)]
    for child in element:
        if isinstance(child.tag, str) and child.tag != "image":
            name = _INLINE.get(child.tag)
            inner = _inline(child)
            parts.append(f"<{name}>{inner}</{name}>" if name else inner)
        parts.append(escape(sound(child.tail or ""), quote=False))
    return "".join(parts)


READER = Reader("fictionbook", score, whole_file(_manuscript, LARGEST), one_work=True, takes="markup")
