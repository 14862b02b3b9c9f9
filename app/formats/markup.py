"""HTML and XML as trees: read without a network, without entities, and never deeper or larger than is reasonable.

All readers come through here. What lxml makes of a text may hold characters that no text may (``&#1;``): take text
and HTML out of the tree with :func:`text_of` and :func:`inner_html`, which leave them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.entities import html5
from typing import Any, Final

from lxml import etree

from app.formats.problems import Unreadable
from app.kit.encoding import UndecodableText, decode

Element = etree._Element  # noqa: SLF001  (lxml gives its class no other name)

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one document."""
MOST_TAGS: Final = 3_000_000
"""A tag takes some 200 bytes in memory, however few it has in the file."""
XHTML: Final = "{http://www.w3.org/1999/xhtml}"

_HEAD = 4_096
_DECLARED = re.compile(
    rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w:.-]{1,40})|<meta\s[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})",
    re.IGNORECASE,
)
# What browsers make of these names, too.
_ALSO_CALLED = {"iso-8859-1": "windows-1252", "latin1": "windows-1252", "us-ascii": "windows-1252", "x-sjis": "cp932"}
_XML_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_DOCTYPE_ENDS = re.compile(r"[>\[]")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_SPACE = re.compile(r"\s+")
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_LONE = re.compile("[\ud800-\udfff]")


def decode_markup(data: bytes) -> tuple[str, str | None]:
    """The text of a document, and a notice where its encoding was guessed.

    A byte order mark decides, then what the document declares where its bytes fit that, then :func:`decode`.
    """
    if len(data) > LARGEST:
        raise Unreadable("too-large", f"A document may have {LARGEST // 2**20} MiB.")
    declared = _DECLARED.search(data[:_HEAD])
    name = (declared[1] or declared[2]).decode("ascii").lower() if declared else ""
    if (
        name
        and not name.startswith(("utf-16", "utf-32"))
        and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    ):
        try:
            return data.decode(_ALSO_CALLED.get(name, name)), None
        except (LookupError, UnicodeDecodeError, ValueError):
            pass
    try:
        text, encoding, guessed = decode(data)
    except UndecodableText as error:
        raise Unreadable("not-utf-8", str(error)) from error
    return text, f"The encoding was guessed: {encoding}." if guessed else None


def parse_html(source: bytes | str) -> Element:
    """The ``html`` element of a document, mended as browsers do; tags are in lower case, without name spaces."""
    text = source if isinstance(source, str) else decode_markup(source)[0]
    parser = etree.HTMLParser(encoding="utf-8", recover=True, no_network=True, huge_tree=False, remove_pis=True)
    root = _parsed(_without_declaration(text), parser)
    if root is None:
        raise Unreadable("empty-file", "The document is empty.")
    return root


def parse_xml(source: bytes | str) -> Element:
    """The root element of an XML document; entities of its own are refused, those of HTML are known."""
    text = source if isinstance(source, str) else decode_markup(source)[0]
    if _has_internal_subset(text):
        raise _own_entities()
    text = _ENTITY.sub(_character, _without_declaration(text))
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    root = _parsed(text, parser)
    if root is None:
        raise Unreadable("empty-file", "The document is empty.")
    dtd: Any = root.getroottree().docinfo.internalDTD
    if dtd is not None and dtd.entities():  # where a quoted ">" hid them
        raise _own_entities()
    return root


def parse_xhtml(source: bytes | str) -> Element:
    """The root of a document of a book: as XML with the name space of XHTML dropped, else mended as HTML."""
    text = source if isinstance(source, str) else decode_markup(source)[0]
    try:
        root = parse_xml(text)
    except Unreadable as error:
        if error.code != "bad-xml":
            raise
        return parse_html(text)
    for element in root.iter(f"{XHTML}*"):
        element.tag = element.tag.removeprefix(XHTML)
    etree.cleanup_namespaces(root)
    return root


def _without_declaration(text: str) -> str:
    """The text without what it says of its encoding, which holds no longer."""
    text = text.lstrip()
    declared = _XML_DECLARATION.match(text)
    return text[declared.end() :] if declared else text


def _has_internal_subset(text: str) -> bool:
    place = 0
    while (opened := _DOCTYPE.search(text, place)) and (ended := _DOCTYPE_ENDS.search(text, opened.end())):
        if ended[0] == "[":
            return True
        place = ended.end()
    return False


def _own_entities() -> Unreadable:
    return Unreadable("xml-entities", "The document declares entities of its own; such documents are not read.")


def _character(found: re.Match[str]) -> str:
    name = found[1]
    return found[0] if name in _XML_ENTITIES else html5.get(f"{name};", found[0])


def _parsed(text: str, parser: etree.XMLParser | etree.HTMLParser) -> Element | None:
    if text.count("<") > MOST_TAGS:
        raise Unreadable("too-complex", f"A document may have {MOST_TAGS:,} tags.")
    data = _LONE.sub("\ufffd", text).encode()
    if not data.strip():
        return None
    try:
        root: Element | None = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if _is_too_deep(parser):
            raise _too_deep() from error
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        line = error.lineno or 0
        raise Unreadable("bad-xml", f"It is not well-formed: {error.msg}.", f"line {line}") from error
    if _is_too_deep(parser):
        raise _too_deep()
    return root


def _is_too_deep(parser: etree.XMLParser | etree.HTMLParser) -> bool:
    """Whether the parser gave up half way: it mends everything but what is past its limits."""
    last = parser.error_log.last_error
    return last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT


def _too_deep() -> Unreadable:
    return Unreadable("too-deep", "The document nests more than 256 elements, or holds more than 10 MB in one piece.")


def sound(text: str) -> str:
    """``text`` without the characters that no text may hold."""
    return _BAD.sub("", text)


def text_of(element: Element | None) -> str:
    """All text within an element, white space collapsed; empty for none."""
    if element is None:
        return ""
    return _SPACE.sub(" ", sound("".join(_texts(element)))).strip()


def _texts(element: Element) -> Iterator[str]:
    """The text of an element, where a line break counts as a space and comments as nothing."""
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield "\n" if child.tag == "br" else ""
            yield from _texts(child)
        yield child.tail or ""


def inner_html(element: Element | None) -> str:
    """What stands between an element's tags, as HTML, without white space around it; empty for none."""
    if element is None:
        return ""
    parts = [escape(element.text or "", quote=False), *(outer_html(child, tail=True) for child in element)]
    return sound("".join(parts)).strip()


def outer_html(element: Element, *, tail: bool = False) -> str:
    """An element with its tags as HTML, and with the text that follows it where ``tail`` is true."""
    return sound(etree.tostring(element, method="html", encoding="unicode", with_tail=tail))


def is_empty(element: Element) -> bool:
    """Whether there is neither text nor an image in an element."""
    return not element.xpath("boolean(descendant::text()[normalize-space()] | descendant::img)")


def has_class(element: Element, name: str) -> bool:
    """Whether an element is of a class."""
    return name in (element.get("class") or "").split()


def first(element: Element, path: str) -> Element | None:
    """The first element that an XPath finds, as :func:`find_all` does; ``None`` for none."""
    return next(iter(find_all(element, path)), None)


def find_all(element: Element, path: str) -> list[Element]:
    """The elements that an XPath finds, in document order.

    ``//`` is asked for as the axis of descendants: as it stands, its time grows with the square of what it passes.
    """
    found = element.xpath(path.replace("//", "/descendant::"))
    return [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []  # noqa: SLF001


def drop(element: Element) -> None:
    """Take an element out of its tree; the text that follows it stays."""
    parent = element.getparent()
    if parent is None:
        return
    previous = element.getprevious()
    if previous is None:
        parent.text = (parent.text or "") + (element.tail or "")
    else:
        previous.tail = (previous.tail or "") + (element.tail or "")
    parent.remove(element)
