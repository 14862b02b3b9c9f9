"""Text whose paragraphs are parted by line breaks alone, as journals and old pages have it, as paragraphs."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from app.formats.markup import Element

_INLINE = frozenset({
    *("b", "i", "em", "strong", "u", "s", "strike", "del", "ins", "a", "span", "font", "small", "big", "sub", "sup"),
    *("br", "img", "q", "cite", "code", "tt", "abbr"),
})  # fmt: skip
_FEWEST_BREAKS = 2


def with_paragraphs(element: Element) -> Element | None:
    """A copy of an element, cut into paragraphs at double line breaks; ``None`` where it is laid out otherwise."""
    children = [child for child in element if isinstance(child.tag, str)]
    breaks = sum(child.tag == "br" for child in children)
    if breaks < _FEWEST_BREAKS or any(child.tag not in _INLINE for child in children):
        return None
    element = deepcopy(element)
    paragraphs = [etree.Element("p")]
    paragraphs[0].text = element.text
    waiting = False
    for child in list(element):
        tail, child.tail = child.tail, None
        empty = not (tail or "").strip()
        if child.tag == "br" and waiting:
            paragraphs.append(etree.Element("p"))
            paragraphs[-1].text = (tail or "").lstrip("\n") or None
            waiting = False
            continue
        waiting = child.tag == "br" and empty
        paragraphs[-1].append(child)
        child.tail = tail
    for child in list(element):
        element.remove(child)
    element.text = None
    for paragraph in paragraphs:
        while len(paragraph) and paragraph[-1].tag == "br" and not (paragraph[-1].tail or "").strip():
            paragraph.remove(paragraph[-1])
        if len(paragraph) or (paragraph.text or "").strip():
            element.append(paragraph)
    return element
