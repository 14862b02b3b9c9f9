"""The title page that FanFicFare puts before a story: a heading of links, then labelled lines or rows.

The same layout in EPUB (as lines or as a table) and in a single HTML file; others have taken it over.
"""

from __future__ import annotations

from collections import Counter
from itertools import takewhile

from lxml import etree

from app.formats.fanficfare_fields import Entry, Fields
from app.formats.fanficfare_labels import key_of
from app.formats.markup import Element, drop, find_all, first, has_class, inner_html, sound, text_of

_MARKS = frozenset({"b", "strong", "dt"})
_LINES = frozenset({"p", "div", "li", "span"})
"""What a line may stand in."""
_LONGEST_LABEL = 60
_HEADINGS = (".//h3[a]", ".//h1[a]", ".//h2[a]", ".//h3", ".//h1", ".//h2")
_OF_MANY_LINES = frozenset({"description", "short_description"})
_NOT_A_LIST = frozenset({"description", "short_description", "title"})


def read_page(page: Element, fields: Fields) -> list[str]:
    """All of a title page; gives the authors."""
    heading = next((found for path in _HEADINGS if (found := first(page, path)) is not None), None)
    authors = read_heading(heading, fields) if heading is not None else []
    table = first(page, ".//table[.//tr/td//b or .//tr/*[self::td or self::th]//*[self::b or self::strong]]")
    block = _block(page) if table is None else None
    if table is not None:
        read_rows(table, fields)
    elif block is not None:
        read_lines(block, fields)
    return authors


def _block(page: Element) -> Element | None:
    """What holds the most labels, its lines opened: a summary may have some of its own."""
    counts: Counter[Element] = Counter()
    for mark in find_all(page, "//b | //strong | //dt"):
        parent = mark.getparent()
        if parent is None or key_of(text_of(mark)) is None:
            continue
        counts[parent] += 1
        above = parent.getparent()
        if above is not None and parent.tag in _LINES and next(iter(parent), None) is mark:
            counts[above] += 1
    if not counts:
        return None
    block = max(counts, key=counts.__getitem__)
    for line in list(block):
        if line.tag in _LINES and len(line) and _is_label(line[0], known=True) and not (line.text or "").strip():
            _open(line)
    return block


def _open(line: Element) -> None:
    """Put what a line holds into its place, with a break behind it."""
    etree.SubElement(line, "br").tail = line.tail
    line[0].addprevious(etree.Element("br"))
    for child in list(line):
        line.addprevious(child)
    line.tail = None
    drop(line)


def _is_label(element: Element, *, known: bool) -> bool:
    """Whether it is a label: by its colon, within it or behind, or one that is known without."""
    if element.tag not in _MARKS:
        return False
    text = text_of(element)
    if len(text) > _LONGEST_LABEL:
        return False
    ends = text.endswith(":") or (element.tail or "").lstrip().startswith(":")
    return key_of(text) is not None if known else ends or key_of(text) is not None


def read_heading(heading: Element, fields: Fields) -> list[str]:
    """Title and address into the fields, and the authors: ``<a>Title</a> by <a>Author</a>, <a>Author</a>``."""
    links = find_all(heading, ".//a[@href]")
    story = next((link for link in links if not has_class(link, "authorlink")), None)
    authors = [text_of(link) for link in links if has_class(link, "authorlink")]
    if story is not None:
        fields.add(Entry("Title", text_of(story)))
        fields.add(Entry("Story URL", sound(story.get("href") or "").strip()))
        authors = authors or [text_of(link) for link in links if link is not story]
    if not authors:  # an author without a page of their own
        before, by, after = text_of(heading).rpartition(" by ")
        authors = [after] if by else []
        if story is None:
            fields.add(Entry("Title", before if by else after))
    return [name for name in dict.fromkeys(authors) if name]


def read_lines(block: Element, fields: Fields) -> None:
    """Labelled lines: ``<b>Label:</b> value<br/>``. A value may hold whatever HTML its story has."""
    label = ""
    parts: list[Element | str] = []
    fresh = True
    _add_text(block.text, parts)
    for child in list(block):
        marks = fresh and _is_label(child, known=False)
        in_summary = key_of(label) == "description" and (fields.is_whole or not key_of(text_of(child)))
        if marks and not in_summary:
            _finish(label, parts, fields)
            label, parts = text_of(child), []
            _add_text((child.tail or "").lstrip().removeprefix(":"), parts)
        else:
            parts.append(child)
            _add_text(child.tail, parts)
        fresh = child.tag == "br" and not (child.tail or "").strip()
    _finish(label, parts, fields)


def read_rows(table: Element, fields: Fields) -> None:
    """Labelled rows: a cell for each of label and value, or one cell for both."""
    for row in find_all(table, ".//tr"):
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        if len(cells) == 1:
            read_lines(cells[0], fields)
        elif cells:
            label = text_of(cells[0])
            fields.add(_entry(label, cells[1], inner_html(cells[1])))


def read_log(page: Element, fields: Fields) -> None:
    """The newest statement for each key of an update log, where the title page has none."""
    newest: dict[str, Element] = {}
    for value in find_all(page, ".//*[contains(@class, 'log_entry')]//span[@id] | .//p//span[@id]"):
        newest[value.get("id") or ""] = value
    for key, value in newest.items():
        fields.add(_entry(key, value, inner_html(value)), key)


def unwrapped(html: str, element: Element) -> str:
    """The HTML within a lone ``div`` without a look of its own, else all of it."""
    inner = element
    while (
        len(inner) == 1
        and inner[0].tag == "div"
        and not (inner.text or "").strip()
        and not (inner[0].tail or "").strip()
    ):
        if inner[0].get("style") or inner[0].get("align"):
            break
        inner = inner[0]
    return html if inner is element else inner_html(inner)


def _add_text(text: str | None, parts: list[Element | str]) -> None:
    if text and (text.strip() or parts):
        parts.append(text)


def _finish(label: str, parts: list[Element | str], fields: Fields) -> None:
    while parts and (parts[-1].tag == "br" if not isinstance(parts[-1], str) else not parts[-1].strip()):
        parts.pop()
    if not label or not parts:
        return
    key = key_of(label)
    if key and key not in _OF_MANY_LINES:  # what follows is a line without a label
        parts = list(takewhile(lambda part: isinstance(part, str) or part.tag != "br", parts))
    holder = _holder(parts)
    fields.add(_entry(label, holder, inner_html(holder)))


def _holder(parts: list[Element | str]) -> Element:
    """The parts of a value in an element of their own."""
    holder = etree.Element("div")
    for part in parts:
        if isinstance(part, str):
            if len(holder):
                holder[-1].tail = sound((holder[-1].tail or "") + part)
            else:
                holder.text = sound((holder.text or "") + part)
        else:
            part.tail = None
            holder.append(part)
    return holder


def _entry(label: str, value: Element, html: str) -> Entry:
    key = key_of(label) or label
    links = find_all(value, ".//a[@href]")
    items = []
    if links and key not in _NOT_A_LIST and not key.endswith(("Url", "URL")):
        names = [text_of(link) for link in links]
        if _letters("".join(names)) == _letters(text_of(value)):
            items = names
    return Entry(label, text_of(value), unwrapped(html, value), items)


def _letters(text: str) -> str:
    return text.replace(",", "").replace(" ", "")
