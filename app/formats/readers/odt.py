"""OpenDocument texts (ODT), as LibreOffice writes them: one work a file, chapters at headings.

Styles say what is italic, bold or a heading; pictures are left out, and deleted text of tracked changes stays deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from lxml import etree

from app.formats.manuscript import Manuscript
from app.formats.markup import Element, drop, find_all, first, parse_html, parse_xml, sound, text_of
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.formats.word_texts import take_text
from app.formats.zip_book import LARGEST, ZipBook

_CONTENT: Final = "content.xml"
_LEFT_OUT = frozenset({"tracked-changes", "annotation", "annotation-end", "frame", "sequence-decls", "forms",
                       "table-of-content", "variable-decls", "user-field-decls", "soft-page-break"})  # fmt: skip
_MOST_SPACES = 100
_LOWEST = 6
_TITLES = frozenset({"title"})


class _Styles:
    """What the styles of a document say of text: italic, bold, struck out, and whether a paragraph is its title."""

    def __init__(self, *roots: Element) -> None:
        self.tags: dict[str, tuple[str, ...]] = {}
        self.parents: dict[str, str] = {}
        for root in roots:
            for style in find_all(root, "//style[@name]"):
                name = str(style.get("name"))
                self.parents[name] = style.get("parent-style-name") or ""
                told = find_all(style, "./text-properties")
                self.tags[name] = tuple(_tags(told[0])) if told else ()

    def of_text(self, name: str) -> tuple[str, ...]:
        """The elements that text of a style stands in."""
        return self.tags.get(name, ())

    def is_title(self, name: str) -> bool:
        """Whether a paragraph of this style is the title of the document."""
        for _ in range(_LOWEST):
            if name.casefold() in _TITLES:
                return True
            name = self.parents.get(name, "")
        return False


def _tags(told: Element) -> Iterator[str]:
    if told.get("font-style") in {"italic", "oblique"}:
        yield "em"
    if told.get("font-weight") in {"bold", "700", "800", "900"}:
        yield "strong"
    if (told.get("text-line-through-style") or "none") != "none":
        yield "s"
    if (told.get("text-underline-style") or "none") != "none":
        yield "u"


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """A package of that kind."""
    return 0.9 if head.startswith(b"PK\x03\x04") else 0.0


def _manuscript(data: bytes) -> Manuscript:
    archive = ZipBook(data)
    if _CONTENT not in archive:
        raise Unreadable("unsupported-format", "This is an OpenDocument file without a text.")
    work = Manuscript()
    root = _plain(archive.read(_CONTENT))
    text = first(root, "//body/text")
    if text is None:
        raise Unreadable(
            "unsupported-format", "This is an OpenDocument file and no text (ODT); save it as DOCX or HTML."
        )
    if "meta.xml" in archive:
        _describe(work, _plain(archive.read("meta.xml")))
    named = _plain(archive.read("styles.xml")) if "styles.xml" in archive else root
    styles = _Styles(root, named)
    notes: list[str] = []
    body = first(parse_html(f"<body>{''.join(_blocks(text, styles, notes))}</body>"), ".//body")
    if body is None:
        raise Unreadable("no-text", "The document has no text.")
    named_so = first(body, "./h1[@class='title']")
    if named_so is not None and text_of(named_so):
        work.title = text_of(named_so)
        drop(named_so)
    take_text(work, body)
    if notes:
        work.chapters[-1].end_notes = "".join(notes)
        work.notices.append(f"{len(notes)} footnotes stand behind the last chapter.")
    if find_all(root, "//frame"):
        work.notices.append("Pictures and frames were left out.")
    return work


def _plain(data: bytes) -> Element:
    """A part with names without their spaces."""
    root = parse_xml(data)
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = etree.QName(element).localname
        for name, value in list(element.attrib.items()):
            local = etree.QName(name).localname
            if local != name:
                del element.attrib[name]
                element.set(local, element.get(local) or value)
    return root


def _describe(work: Manuscript, meta: Element) -> None:
    work.title = text_of(first(meta, "//title")) or None
    author = text_of(first(meta, "//initial-creator")) or text_of(first(meta, "//creator"))
    work.authors = [author] if author and author.casefold() not in {"unknown", "user", "admin"} else []
    keywords = [text_of(one) for one in find_all(meta, "//keyword") if text_of(one)]
    if keywords:
        work.extra["keywords"] = ", ".join(keywords)[:1_000]
    description = text_of(first(meta, "//description"))
    work.summary = f"<p>{escape(description, quote=False)}</p>" if description else ""


def _blocks(element: Element, styles: _Styles, notes: list[str]) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in _LEFT_OUT:
            continue
        style = child.get("style-name") or ""
        if tag == "p" and styles.is_title(style):
            yield f'<h1 class="title">{_inline(child, styles, notes)}</h1>'
        elif tag == "h":
            level = child.get("outline-level") or "1"
            name = f"h{min(int(level), _LOWEST) if level.isdecimal() and int(level) else 1}"
            yield f"<{name}>{_inline(child, styles, notes)}</{name}>"
        elif tag == "p":
            inner = _inline(child, styles, notes)
            for one in reversed(styles.of_text(style)):
                inner = f"<{one}>{inner}</{one}>"
            yield f"<p>{inner}</p>"
        elif tag in {"list", "list-item"}:
            name = "ul" if tag == "list" else "li"
            yield f"<{name}>{''.join(_blocks(child, styles, notes))}</{name}>"
        elif tag in {"table", "table-row", "table-cell"}:
            name = {"table": "table", "table-row": "tr", "table-cell": "td"}[tag]
            yield f"<{name}>{''.join(_blocks(child, styles, notes))}</{name}>"
        else:
            yield from _blocks(child, styles, notes)


def _inline(element: Element, styles: _Styles, notes: list[str]) -> str:
    parts = [escape(sound(element.text or ""), quote=False)]
    for child in element:
        parts += [_part(child, styles, notes), escape(sound(child.tail or ""), quote=False)]
    return "".join(parts)


def _part(child: Element, styles: _Styles, notes: list[str]) -> str:
    tag = child.tag
    if not isinstance(tag, str) or tag in _LEFT_OUT:
        return ""
    if tag == "line-break":
        return "<br>"
    if tag in {"s", "tab"}:
        count = child.get("c") or "1"
        return " " * min(int(count) if count.isdecimal() else 1, _MOST_SPACES)
    if tag == "note":
        notes.append("".join(_blocks(body, styles, notes)) if (body := first(child, "./note-body")) is not None else "")
        return f"<sup>{escape(text_of(first(child, './note-citation')), quote=False)}</sup>"
    inner = _inline(child, styles, notes)
    for one in reversed(styles.of_text(child.get("style-name") or "") if tag == "span" else ()):
        inner = f"<{one}>{inner}</{one}>"
    return inner


READER = Reader("odt", score, whole_file(_manuscript, LARGEST), one_work=True, takes="odt")
