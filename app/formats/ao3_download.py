"""A work as Archive of Our Own gives it to download, as one tree: what its HTML and its EPUB have in common.

The layout of all years: a list of tags, a title, a byline and what stands before the text; chapters, each with a
heading and its text; what stands after it. Wrappers, labels and headings changed; see the reader's tests for what was
when. Converters rewrite classes and cut the parts into several files, so no part is expected to come in one piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from app.formats.ao3_links import absolute, is_elsewhere, source_at, source_of, work_number
from app.formats.ao3_parts import Parts, chapter_title, joined, of_class, read_parts
from app.formats.ao3_people import people_of, read_byline, read_gifts, read_related
from app.formats.ao3_rows import KNOWN, read_row, rows_of, settle
from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.formats.markup import Element, drop, find_all, has_class, inner_html, is_empty, outer_html, sound, text_of
from app.formats.problems import Unreadable

_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})


def tag_list(root: Element) -> Element | None:
    """The list of a work's tags: it is called so, or its first label is one of theirs."""
    lists = find_all(root, ".//dl")
    named = [one for one in lists if of_class(one, "tags")]
    known = (one for one in lists if any(row.label.casefold() in KNOWN - {"series"} for row in rows_of(one)))
    return named[0] if named else next(known, None)


def read_download(root: Element) -> Manuscript:
    """The work of a tree; raises :class:`Unreadable` where there is none."""
    tags = tag_list(root)
    manuscript = Manuscript()
    containers = _outermost(find_all(root, ".//*[@id='chapters']"))
    if tags is None and not containers:
        raise Unreadable("not-a-work", "There is no list of tags, as every download of a work has.")
    if tags is None:
        manuscript.notices.append("The list of tags is missing; the file may have lost its beginning.")
    inside = {element for container in containers for element in container.iter()}
    for element in (styled for container in containers for styled in find_all(container, ".//*[@style]")):
        del element.attrib["style"]  # converters make classes of it, and the archive keeps none
    for row in rows_of(tags) if tags is not None else ():
        read_row(row, manuscript)
    _read_front(root, inside, manuscript)
    reading = _Chapters(manuscript)
    for container in containers or _boxes_of_texts(root):
        reading.take(container)
    manuscript.chapters = reading.finished()
    _read_back(root, inside, manuscript)
    settle(manuscript)
    _look_twice(root, manuscript)
    return manuscript


def _outermost(elements: list[Element]) -> list[Element]:
    chosen = set(elements)
    return [one for one in elements if not any(parent in chosen for parent in one.iterancestors())]


def _boxes_of_texts(root: Element) -> list[Element]:
    """What stands around the texts where nothing says so: a text of texts, or whatever holds them."""
    texts = [one for one in find_all(root, ".//div") if _is_text(one)]
    boxes = [one for one in texts if any(_is_text(child) or _heading(child) is not None for child in one)]
    around = [parent for one in texts if (parent := one.getparent()) is not None]
    return _outermost(boxes or list(dict.fromkeys(around)))


def _read_front(root: Element, inside: set[Element], manuscript: Manuscript) -> None:
    titles = [one for one in find_all(root, ".//h1") if one not in inside]
    message = next((one for one in find_all(root, ".//p") if of_class(one, "message") and one not in inside), None)
    if titles:
        manuscript.title = text_of(titles[0])
        parts = read_parts(titles[0].itersiblings())
        manuscript.summary, manuscript.notes = parts.summary, parts.notes
        manuscript.end_notes = parts.end_notes
        manuscript.extra.update(parts.other)
        for note in (item for one in parts.lists for item in find_all(one, "./li")):
            if not read_gifts(note, manuscript) and not read_related(note, manuscript):
                manuscript.extra.setdefault("related", []).append(text_of(note))
    if not manuscript.title and message is not None:
        manuscript.title = text_of(next(iter(find_all(message, ".//b")), None)) or None
    byline = next((one for one in root.iter("*") if of_class(one, "byline") and one not in inside), None)
    after = titles[0].getnext() if titles else None
    if byline is None and after is not None and text_of(after).startswith("by "):
        byline = after
    read_byline(byline, manuscript)
    links = find_all(message, ".//a[@href]") if message is not None else []
    manuscript.source = next(filter(None, (source_at(link.get("href")) for link in links)), None)
    if manuscript.source is None and not any(is_elsewhere(link.get("href")) for link in links):
        numbers = (work_number(link.get("href")) for link in _closing_links(root, inside))
        number = next(filter(None, numbers), None)
        manuscript.source = source_of(number) if number else None
    if manuscript.source is None:
        manuscript.notices.append("The file does not say which work of Archive of Our Own it is.")


def _closing_links(root: Element, inside: set[Element]) -> Iterator[Element]:
    """Links to the work in the lines that ask for comments, when the first line is missing."""
    for link in find_all(root, ".//p//a[@href]"):
        if link not in inside and (link.get("href") or "").endswith("/comments/new"):
            yield link


class _Chapters:
    """Chapters in the making: a heading begins one, and all that follows belongs to it until the next."""

    def __init__(self, manuscript: Manuscript) -> None:
        self._manuscript = manuscript
        self._chapters: list[ManuscriptChapter] = []
        self._open: ManuscriptChapter | None = None

    def take(self, container: Element) -> None:
        """All that a wrapper of chapters holds; or a text without one."""
        children = [child for child in container if isinstance(child.tag, str) and not _is_frame(child)]
        if is_empty(container):
            return
        if not any(_is_text(child) or _is_marked(child) for child in children):
            for child in [child for child in children if has_class(child, "toc-heading")]:
                drop(child)
            self._text(inner_html(container))
            return
        for child in children:
            self._piece(child)
            if child.tail and child.tail.strip():
                self._text(escape(sound(child.tail.strip()), quote=False))

    def finished(self) -> list[ManuscriptChapter]:
        """The chapters, in order."""
        return self._chapters

    def _piece(self, child: Element) -> None:
        heading = _heading(child)
        if has_class(child, "toc-heading"):
            return
        if _is_text(child):
            self._text(inner_html(child))
        elif heading is not None:
            self._begin(heading, child)
        elif (child.get("id") or "").startswith("endnotes"):
            chapter = self._current()
            chapter.end_notes = joined(chapter.end_notes, read_parts(child).end_notes)
        elif not is_empty(child):
            parts = read_parts(child)
            if self._chapters and (parts.summary or parts.notes or parts.end_notes):
                self._add(parts, self._current())
            else:
                self._text(outer_html(child) if child.tag != "div" or child.attrib else inner_html(child))

    def _begin(self, heading: Element, head: Element) -> None:
        chapter = ManuscriptChapter("", title=chapter_title(text_of(heading), len(self._chapters) + 1))
        self._chapters.append(chapter)
        self._open = chapter
        if head is heading:
            return
        self._add(read_parts(head), chapter)
        byline = next((one for one in head if one.tag == "p" and of_class(one, "byline")), None)
        names, _ = people_of(byline, self._manuscript)
        if names:
            self._manuscript.extra.setdefault("chapter_authors", {})[str(len(self._chapters))] = names

    def _add(self, parts: Parts, chapter: ManuscriptChapter) -> None:
        chapter.summary = joined(chapter.summary, parts.summary)
        chapter.notes = joined(chapter.notes, parts.notes)
        chapter.end_notes = joined(chapter.end_notes, parts.end_notes)
        for label, text in parts.other.items():
            self._manuscript.extra.setdefault(f"chapter {len(self._chapters)}: {label}", text)

    def _text(self, content: str) -> None:
        if content:
            chapter = self._current()
            chapter.content = joined(chapter.content, content)

    def _current(self) -> ManuscriptChapter:
        if self._open is None:
            self._open = ManuscriptChapter("")
            self._chapters.append(self._open)
        return self._open


def _is_text(element: Element) -> bool:
    return element.tag != "blockquote" and of_class(element, "userstuff")


def _is_marked(element: Element) -> bool:
    """Whether it is a heading that says that it is one, or has it; among unmarked text only such a one counts."""
    return any(one.tag in _HEADINGS and of_class(one, "heading") for one in (element, *element))


def _heading(element: Element) -> Element | None:
    """The heading of a chapter, in the box before its text or by itself; long ago it had no class."""
    if element.tag in _HEADINGS and of_class(element, "heading"):
        return element
    if _is_text(element):
        return None
    return next((child for child in element if child.tag in _HEADINGS and not has_class(child, "toc-heading")), None)


def _is_frame(element: Element) -> bool:
    """Whether it is what stands before or after all chapters, which shares their box where wrappers are missing."""
    if _is_text(element):
        return False
    found = element.iter("dl", "h1", "p")
    return any(one.tag != "p" or of_class(one, "message") or text_of(one) == "End Notes" for one in found)


def _read_back(root: Element, inside: set[Element], manuscript: Manuscript) -> None:
    labels = (one for one in find_all(root, ".//p") if one not in inside and text_of(one) == "End Notes")
    label = next(labels, None)
    if label is not None and not manuscript.end_notes:
        manuscript.end_notes = read_parts([label, *label.itersiblings()]).end_notes
    for row in (row for one in find_all(root, ".//dl") if one not in inside for row in rows_of(one)):
        if row.label.casefold().startswith("works inspired"):
            works = [link for link in find_all(row.value, ".//a") if link.get("rel") != "author"]
            found = [{"title": text_of(link), "url": absolute(link.get("href"))} for link in works]
            manuscript.extra.setdefault(row.label, []).extend(found or [{"title": text_of(row.value)}])


def _look_twice(root: Element, manuscript: Manuscript) -> None:
    """What makes it doubtful that all of the work is here."""
    said, found = manuscript.chapters_posted, len(manuscript.chapters)
    if not found:
        manuscript.notices.append("The file has no text; the work is kept without one.")
    elif said is not None and said != found:
        manuscript.notices.append(f"The file says that the work has {said} chapters, but holds {found}.")
    if find_all(root, ".//*[@id='preface']") and not find_all(root, ".//*[@id='afterword']"):
        manuscript.notices.append("The file ends before its afterword; it may be cut off.")
