"""Cleaning foreign HTML, once, when it is written.

Two steps. First the input is made harmless to parse: either it is plain enough that a look at its tags
shows so, or a SAX pass rebuilds it as balanced tags of our own list. Then ``nh3`` cleans it against that
list. The first step is there because an HTML5 parser's time and output grow with the square of the depth,
and with formatting that is never closed (``<p><font size=1>x<p><font size=2>x``), however small the input.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any, Final, Literal, cast

import nh3
from lxml import etree

from app.kit.html_tags import (
    ALLOWED,
    ATTRIBUTES,
    DROPPED_WITH_CONTENT,
    EVERYWHERE,
    FORMATTING,
    ROUND_TRIP,
    SIMPLE,
    VOID,
)

CLEANER_VERSION: Final = 2
"""Stored beside each cleaned text; raise it with stricter rules, so that old texts are cleaned again."""

MAX_DEPTH = 200
# Elements times the formatting open around them: what a parser may have to open again, 5 microseconds each.
_MAX_REOPENED = 300_000
_PLAIN_BLOCKS = 7
_PLAIN_FORMATTING = 8
_PASSES = 8

_NOT_OF_A_SCHEME = re.compile(r"[^!-~]+")
_SCHEMES = frozenset({"http", "https", "mailto"})
_REL = "nofollow noopener noreferrer"
_PLAIN_TAG = re.compile(
    r"<(/?)([A-Za-z][A-Za-z0-9]*+)(?:\s++[A-Za-z_][\w:.-]*+(?:=\"[^\"<>]*+\"|='[^'<>]*+')?+){0,20}+\s*+/?+>"
)
_IMAGE_OR_LINK = re.compile(r"<(img|/?a)(?=[\s>])[^>]*>")
_SOURCE = re.compile(r'\ssrc="(https?://[^"]*)"', re.IGNORECASE)
_ALTERNATIVE = re.compile(r'\salt="([^"]*)"')

_FORM_FEED_AS_SPACE = bytes(32 if byte == 12 else byte for byte in range(256))  # noqa: PLR2004  (U+000C)
_CONTROLS = bytes(byte for byte in range(32) if byte not in (9, 10, 12)) + b"\x7f"


class HtmlRefused(ValueError):
    """A text that is not cleaned but refused; ``code`` is stable, ``detail`` is for people.

    Codes: ``html-too-long``, ``html-too-deep``, ``html-too-complex``, ``bad-character``,
    ``markdown-too-long``.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def _cleaner(*, allow_class: bool) -> nh3.Cleaner:
    everywhere = EVERYWHERE | {"class"} if allow_class else EVERYWHERE
    return nh3.Cleaner(
        tags=set(ALLOWED),
        clean_content_tags=set(DROPPED_WITH_CONTENT),
        attributes={"*": set(everywhere), **{tag: set(names) for tag, names in ATTRIBUTES.items()}},
        link_rel=_REL,
        set_tag_attribute_values={"img": {"loading": "lazy", "referrerpolicy": "no-referrer"}},
        url_schemes=set(_SCHEMES),
        attribute_filter=_plain_address,
    )


def _plain_address(_tag: str, attribute: str, value: str) -> str | None:
    """An attribute as it is; none where an address would have a forbidden scheme once a client drops characters.

    Browsers drop controls and spaces of ASCII, other clients more: spaces of Unicode, marks that are not shown. No
    scheme has any other character, so all of them are dropped here.
    """
    if attribute not in {"href", "src"}:
        return value
    scheme, colon, _ = re.split(r"[/?#]", _NOT_OF_A_SCHEME.sub("", value), maxsplit=1)[0].partition(":")
    if not colon:
        return value
    return value if scheme.lower() in _SCHEMES else None


_WITH_CLASS = _cleaner(allow_class=True)
_WITHOUT_CLASS = _cleaner(allow_class=False)


def clean_html(
    html: str,
    *,
    images: Literal["show", "link"] = "show",
    allow_class: bool = True,
    max_chars: int = 8_000_000,
    max_output: int = 16_000_000,
) -> str:
    """Return ``html`` as the archive keeps it: well-formed, of allowed tags and attributes only.

    Unclosed tags are closed, scripts and styles go with their contents, of other unknown tags the text stays.
    ``images="link"`` makes links of images; ``allow_class=False`` is for all but chapter texts. Lengths are
    in characters. Cleaning twice changes nothing. Raises :class:`HtmlRefused`.
    """
    if len(html) > max_chars:
        raise HtmlRefused("html-too-long", f"The text has {len(html):,} characters; the limit is {max_chars:,}.")
    html = _plain_characters(html.replace("\r\n", "\n").replace("\r", "\n") if "\r" in html else html)
    if "<" not in html and "&" not in html:
        cleaned = html.replace(">", "&gt;").replace("\xa0", "&nbsp;")
    else:
        cleaned = _clean_markup(html, _WITH_CLASS if allow_class else _WITHOUT_CLASS, images)
    if len(cleaned) > max_output:
        raise HtmlRefused(
            "html-too-long", f"The cleaned text has {len(cleaned):,} characters; the limit is {max_output:,}."
        )
    return cleaned


def _clean_markup(html: str, cleaner: nh3.Cleaner, images: Literal["show", "link"]) -> str:
    # HTML does not always read back as it was written (a heading in a heading, a line end that opens <pre>),
    # so cleaning goes on until it changes nothing; plain texts are known to need no second pass.
    for _ in range(_PASSES):
        tags = _plain_tags(html)
        result = cleaner.clean(_rebuild(html) if tags is None else html)
        cleaned = _plain_characters(_images(result, images) if "<img" in result else result)
        if cleaned == html or (cleaned == result and tags is not None and tags <= ROUND_TRIP):
            return cleaned
        html = cleaned
    return escape(_text_alone(cleaned), quote=False).replace("\xa0", "&nbsp;")


def _text_alone(html: str) -> str:
    """Return cleaned HTML without its tags, entities resolved."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def _plain_characters(s: str) -> str:
    """Return ``s`` without C0 controls but tab and line feed, and without what XML cannot hold."""
    try:
        raw = s.encode()
    except UnicodeEncodeError as error:
        point = ord(s[error.start])
        raise HtmlRefused(
            "bad-character", f"The text holds the lone surrogate U+{point:04X} at offset {error.start}."
        ) from None
    kept = raw.translate(_FORM_FEED_AS_SPACE, _CONTROLS)
    if b"\xef\xbf" in kept:
        kept = kept.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    return s if kept == raw else kept.decode()


def _plain_tags(html: str) -> frozenset[str] | None:
    """Return the names of all tags where they are so plain that parsing them cannot be costly, else None.

    Plain: every ``<`` opens a tag whose end no quoting can hide, of the plain names, with few blocks and
    little formatting open at any time. An HTML5 parser's depth then stays within the sum of both.
    """
    found = _PLAIN_TAG.findall(html)
    if len(found) != html.count("<"):
        return None
    is_open: dict[str, int] = {}
    blocks = formatting = reopened = 0
    names = set()
    for closing, written in found:
        name = written if written.islower() else written.lower()
        names.add(name)
        reopened += formatting
        if name in VOID:
            continue
        if closing:
            if not is_open.get(name):
                continue
            is_open[name] -= 1
            step = -1
        elif name == "p" and is_open.get("p"):  # an open paragraph ends where the next one begins
            continue
        else:
            is_open[name] = is_open.get(name, 0) + 1
            step = 1
        if name in FORMATTING:
            formatting += step
        else:
            blocks += step
        if formatting > _PLAIN_FORMATTING or blocks > _PLAIN_BLOCKS:
            return None
    if reopened > _MAX_REOPENED:
        return None
    return frozenset(names) if names <= SIMPLE else None


def _rebuild(html: str) -> str:
    """Return the same text in balanced tags of the allowed names; raises HtmlRefused for what is too deep."""
    builder = _Rebuilder()
    parser = etree.HTMLParser(
        # The stubs ask for bytes too, which an HTML parser never gives, and for handlers of comments.
        target=cast("Any", builder),
        encoding="utf-8",
        recover=True,
        no_network=True,
        huge_tree=True,
    )
    # Inside an element of its own, the text is not put into a paragraph by the parser.
    parser.feed(b"<x-text>")
    parser.feed(html.encode())
    return cast("str", parser.close())


class _Rebuilder:
    """A SAX target that writes what it is told, as long as that stays shallow."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.depth = 0
        self.formatting = 0
        self.reopened = 0
        self.dropping = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in DROPPED_WITH_CONTENT:
            self.dropping += 1
        if tag not in ALLOWED or self.dropping:
            return
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise HtmlRefused("html-too-deep", f"The text nests more than {MAX_DEPTH} elements.")
        self.reopened += self.formatting
        if self.reopened > _MAX_REOPENED:
            raise HtmlRefused("html-too-complex", "The text has too many elements within its formatting.")
        self.formatting += tag in FORMATTING
        self.out.append(f"<{tag}")
        if attributes:
            own = ATTRIBUTES.get(tag, EVERYWHERE)
            for name, value in attributes.items():
                if name in own or name in EVERYWHERE or name == "class":
                    self.out.append(f' {name}="{escape(value or "")}"')
        self.out.append(">")

    def end(self, tag: str) -> None:
        if tag in DROPPED_WITH_CONTENT:
            self.dropping -= 1
        elif tag in ALLOWED and not self.dropping:
            self.depth -= 1
            self.formatting -= tag in FORMATTING
            if tag not in VOID:
                self.out.append(f"</{tag}>")

    def data(self, text: str) -> None:
        if not self.dropping:
            self.out.append(escape(text, quote=False))

    def close(self) -> str:
        return "".join(self.out)


def _images(html: str, images: Literal["show", "link"]) -> str:
    """Drop images without a web address; make links of the others where images are not shown."""
    links = 0

    def replace(found: re.Match[str]) -> str:
        nonlocal links
        tag = found[0]
        if found[1] != "img":
            links += 1 if found[1] == "a" else -1
            return tag
        source = _SOURCE.search(tag)
        if source is not None and images == "show":
            return tag
        alternative = _ALTERNATIVE.search(tag)
        words = unescape(alternative[1]) if alternative else ""
        if source is None:
            return ""
        shown = escape(words.strip() or unescape(source[1]), quote=False).replace("\xa0", "&nbsp;")
        return shown if links > 0 else f'<a href="{source[1]}" rel="{_REL}">{shown}</a>'

    return _IMAGE_OR_LINK.sub(replace, html)
