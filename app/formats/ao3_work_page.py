"""A work's own page at Archive of Our Own: all of it, one chapter of it, or a work of one chapter."""

from __future__ import annotations

import re

from app.formats.ao3_links import absolute, source_of, work_number
from app.formats.ao3_parts import chapter_title, joined
from app.formats.ao3_people import people_of, read_byline, read_gifts, read_related
from app.formats.ao3_rows import read_row, rows_of, settle
from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.formats.markup import Element, drop, find_all, first, has_class, inner_html, text_of
from app.formats.problems import Unreadable

_SAVED_FROM = re.compile(r"saved from url=\([0-9]+\)(https?://\S{1,500})")
_CHAPTER_ID = re.compile(r"/chapters/[0-9]{1,18}$")
_CHAPTER_BOX = re.compile(r"chapter-([0-9]{1,9})")


def meta_list(root: Element) -> Element | None:
    """The list at the head of a work's page."""
    return first(root, ".//dl[contains(concat(' ', @class, ' '), ' work ')][contains(@class, 'meta')]")


def read_work_page(root: Element, meta: Element) -> Manuscript:
    """The work of a page."""
    manuscript = Manuscript()
    for row in rows_of(meta):
        read_row(row, manuscript)
    number = _number(root, meta)
    if number is not None:
        manuscript.source = source_of(number)
    else:
        manuscript.notices.append("The page does not say which work of Archive of Our Own it is.")
    preface = first(root, ".//div[@id='workskin']/div[contains(@class, 'preface')]")
    title = first(root, ".//h2[contains(@class, 'title')]")
    manuscript.title = text_of(title) or None
    if title is not None and find_all(title, ".//img[contains(@title, 'Restricted') or contains(@alt, 'Restricted')]"):
        manuscript.visibility = "registered"
    if preface is not None:
        read_byline(first(preface, ".//*[contains(@class, 'byline')]"), manuscript)
        manuscript.summary = _module(preface, "summary")
        manuscript.notes = _module(preface, "notes")
    for note in find_all(root, ".//ul[contains(@class, 'associations')]/li"):
        _read_association(note, manuscript)
    manuscript.end_notes = inner_html(first(root, ".//*[@id='work_endnotes']//blockquote"))
    numbers = _read_chapters(root, manuscript)
    settle(manuscript)
    _say_what_is_missing(manuscript, numbers)
    return manuscript


def _number(root: Element, meta: Element) -> str | None:
    """Of the work: from the links of its own menu, its downloads, its chapters, or where the page was saved from."""
    paths = (
        ".//ul[contains(@class, 'work') and contains(@class, 'navigation')]//a[@href]",
        ".//div[@id='chapters']//h3[contains(@class, 'title')]//a[@href]",
        ".//li[contains(@class, 'download')]//a[@href]",
        ".//form[contains(@action, '/works/')]",
    )
    for path in paths:
        for element in find_all(root, path):
            number = work_number(element.get("href") or element.get("action"))
            if number is not None:
                return number
    for comment in find_all(root, "//comment()"):
        saved = _SAVED_FROM.search(comment.text or "")
        if saved is not None:
            return work_number(saved[1])
    numbers = [work_number(link.get("href")) for link in find_all(meta, ".//dl//a[@href]")]
    return next((number for number in numbers if number), None)


def _module(part: Element, name: str) -> str:
    """The quotation of a block such as the summary; those of notes at the end are elsewhere."""
    blocks = find_all(part, f"./div[contains(concat(' ', @class, ' '), ' {name} ')]")
    return _all_joined(
        [inner_html(one) for block in blocks if not has_class(block, "end") for one in block.iter("blockquote")]
    )


def _all_joined(pieces: list[str]) -> str:
    """Pieces of one text."""
    whole = ""
    for piece in pieces:
        whole = joined(whole, piece)
    return whole


def _read_association(note: Element, manuscript: Manuscript) -> None:
    if not read_gifts(note, manuscript) and not read_related(note, manuscript):
        manuscript.extra.setdefault("related", []).append(text_of(note))


def _read_chapters(root: Element, manuscript: Manuscript) -> list[int]:
    """Read the texts; returns the numbers of the chapters, none for a work of a single text."""
    whole = first(root, ".//div[@id='chapters']")
    if whole is None:
        return []
    boxes = find_all(whole, "./div[contains(concat(' ', @class, ' '), ' chapter ')]")
    for box in boxes:
        manuscript.chapters.append(_chapter(box, manuscript))
    texts = [] if boxes else find_all(whole, ".//div[contains(@class, 'userstuff')]")[:1]
    manuscript.chapters.extend(ManuscriptChapter(_text(one)) for one in texts)
    return [number for box in boxes if (number := _place(box)) is not None]


def _place(box: Element) -> int | None:
    found = _CHAPTER_BOX.fullmatch(box.get("id") or "")
    return int(found[1]) if found else None


def _chapter(box: Element, manuscript: Manuscript) -> ManuscriptChapter:
    chapter = ManuscriptChapter("")
    place = _place(box)
    heading = first(box, ".//h3[contains(concat(' ', @class, ' '), ' title ')]")
    if heading is not None:
        chapter.title = chapter_title(text_of(heading), place)
        addresses = [absolute(link.get("href")) for link in find_all(heading, ".//a[@href]")]
        chapter.source_url = next((url for url in addresses if url and _CHAPTER_ID.search(url)), None)
    for preface in find_all(box, "./div[contains(@class, 'preface')]"):
        chapter.summary = joined(chapter.summary, _module(preface, "summary"))
        chapter.notes = joined(chapter.notes, _module(preface, "notes"))
        ends = find_all(preface, ".//div[contains(concat(' ', @class, ' '), ' end ')]//blockquote")
        chapter.end_notes = joined(chapter.end_notes, _all_joined([inner_html(one) for one in ends]))
        names, _ = people_of(first(preface, ".//*[contains(@class, 'byline')]"), manuscript)
        if names:
            manuscript.extra.setdefault("chapter_authors", {})[str(place)] = names
    texts = find_all(box, "./div[contains(@class, 'userstuff')]")
    chapter.content = _all_joined([_text(one) for one in texts])
    return chapter


def _text(element: Element) -> str:
    """A text without the heading for screen readers."""
    for heading in find_all(element, "./h3[contains(@class, 'landmark')]"):
        drop(heading)
    return inner_html(element)


def _say_what_is_missing(manuscript: Manuscript, numbers: list[int]) -> None:
    said, found = manuscript.chapters_posted, len(manuscript.chapters)
    if manuscript.title is None and not found:
        raise Unreadable("not-a-work", "The page has neither the title nor the text of a work.")
    if not found:
        manuscript.notices.append("The page has no text; the work is kept without one.")
    elif said is not None and found < said:
        which = f"chapter {numbers[0]}" if len(numbers) == 1 else f"{found} chapters"
        manuscript.notices.append(f"The page holds {which} of {said} alone; save “Entire Work” for all of it.")
