"""What the styles of a Word document stand for: headings by their outline, quotations, and tables of contents."""

from __future__ import annotations

import re
from typing import Final

from app.formats.markup import Element, find_all, first, parse_xml
from app.formats.problems import Unreadable
from app.formats.zip_book import ZipBook

DOCUMENT: Final = "word/document.xml"
_STYLES_PART = "word/styles.xml"
_COMMENTS_PART = "word/comments.xml"
_KNOWN = (
    "p[style-name='Title'] => h1.title:fresh",
    "p[style-name='Subtitle'] => p.subtitle:fresh",
    *(
        f"p[style-name='{name}'] => blockquote > p:fresh"
        for name in ("Quote", "Intense Quote", "Block Text", "Quotations")
    ),
    *(f"p[style-name='{name} {n}'] => !" for name in ("toc", "TOC", "Contents") for n in range(1, 5)),
    *(f"p[style-name='{name}'] => !" for name in ("TOC Heading", "Contents Heading")),
    "u => u",
    "strike => s",
)
_CONTENTS = re.compile(rb"<w:pStyle w:val=\"(?:TOC|Contents)[1-4]\"")
_HEADING = re.compile(r"heading [1-9]|title|subtitle", re.IGNORECASE)
_CHAPTER = re.compile(r"chapter ?(?:title|heading|name|number)?", re.IGNORECASE)
_SAFE_NAME = re.compile(r"[\w .:/()-]{1,100}")
_LEVELS = 4
_MOST_STYLES, _LONGEST_CHAIN = 1_000, 20


def style_map(archive: ZipBook) -> str:
    """How styles become HTML: those that are known by name, and those that have a level in the outline."""
    try:
        root = parse_xml(archive.read(_STYLES_PART)) if _STYLES_PART in archive else None
    except Unreadable:
        root = None
    return "\n".join([*_KNOWN, *(_outlined(root) if root is not None else ())])


def _outlined(root: Element) -> list[str]:
    styles = {
        _value(style, "styleId"): style
        for style in find_all(root, "//*[local-name()='style']")[:_MOST_STYLES]
        if _value(style, "type") == "paragraph"
    }
    found = []
    for style in styles.values():
        name = _child(style, "name")
        level = 1 if _CHAPTER.fullmatch(name) else _level(style, styles)
        if level is not None and _SAFE_NAME.fullmatch(name) and not _HEADING.fullmatch(name):
            found.append(f"p[style-name='{name}'] => h{level + 1}:fresh")
    return found


def _level(style: Element | None, styles: dict[str, Element]) -> int | None:
    """The level in the outline, from 0, that a style has or the one that it is based on."""
    for _ in range(_LONGEST_CHAIN):
        if style is None:
            return None
        said = first(style, ".//*[local-name()='outlineLvl']")
        written = _value(said, "val") if said is not None else ""
        named = re.fullmatch(r"heading ([1-4])", _child(style, "name"), re.IGNORECASE)
        if written.isdecimal() or named is not None:
            level = int(written) if written.isdecimal() else int(named[1]) - 1  # type: ignore[index]  # one of the two
            return level if level < _LEVELS else None
        style = styles.get(_child(style, "basedOn"))
    return None


def _child(style: Element, name: str) -> str:
    child = first(style, f"./*[local-name()='{name}']")
    return _value(child, "val") if child is not None else ""


def _value(element: Element, name: str) -> str:
    """An attribute, whatever its name space."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def left_out(archive: ZipBook) -> list[str]:
    """Notices of what a document holds besides its text."""
    document = archive.read(DOCUMENT)
    notices = []
    if b"<w:del " in document or b"<w:ins " in document:
        notices.append("The document has tracked changes: they were taken as accepted.")
    comments = archive.read(_COMMENTS_PART).count(b"<w:comment ") if _COMMENTS_PART in archive else 0
    if comments:
        notices.append(f"{comments} comment{'s' if comments > 1 else ''} beside the text left out.")
    if _CONTENTS.search(document):
        notices.append("The table of contents was left out.")
    return notices
