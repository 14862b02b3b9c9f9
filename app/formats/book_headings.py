"""The headings that a document of a book begins with: the title of its chapter, over one line or several."""

from __future__ import annotations

import re

from app.formats.headings import chapter_heading
from app.formats.markup import Element, drop, text_of

_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_MOST = 3
_LONGEST = 250


def title_of(body: Element) -> str:
    """The title in the headings at the beginning: the first, with the second where that says no more than a number."""
    texts = [text_of(one) for one in _leading(body)]
    if not texts or len(texts[0]) > _LONGEST:
        return ""
    number = chapter_heading(texts[0])
    bare = texts[0].isdecimal() or (number is not None and number.numbered and not number.title)
    if bare and len(texts) > 1 and len(texts[1]) <= _LONGEST - len(texts[0]):
        return f"{texts[0].rstrip('.:')}{'. ' if texts[0].isdecimal() else ': '}{texts[1]}"
    return texts[0]


def drop_title(body: Element, title: str) -> None:
    """Take headings out that say the title of the chapter once more."""
    wanted = _letters(title)
    headings = _leading(body)
    for count in range(1, len(headings) + 1):
        if wanted and _letters("".join(map(text_of, headings[:count]))) == wanted:
            for heading in headings[:count]:
                drop(heading)
            return


def _leading(body: Element) -> list[Element]:
    """The headings before all other text; a paragraph is one where it says ``Chapter 1``."""
    found: list[Element] = []
    for element in body.iter():
        if found and found[-1] in element.iterancestors():
            continue
        before = element.getprevious() if element is not body else None
        if (before is not None and (before.tail or "").strip()) or len(found) == _MOST:
            break
        spoken = element.tag == "p" and not found and chapter_heading(text_of(element)) is not None
        if element.tag in _HEADINGS or spoken:
            if text_of(element):
                found.append(element)
        elif isinstance(element.tag, str) and (element.text or "").strip():
            break
    return found


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
