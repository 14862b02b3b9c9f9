"""Markdown in (CommonMark and ``~~struck~~``) and out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from markdown_it import MarkdownIt

from app.kit.html_cleaning import HtmlRefused
from app.kit.html_forms import tokens
from app.kit.html_tags import INLINE
from app.kit.markdown_inline import BREAK, Inline, escape_markdown, squeeze

MARKDOWN_LIMIT = 1_000_000
"""The longest Markdown, in characters: some patterns cost the reader 10 ms per 1,000."""

_READER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")

_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "s": "~~", "strike": "~~", "del": "~~"}
_ADDRESS = re.compile(r'\s(?:href|src)="([^"]*)"')
_ALT = re.compile(r'\salt="([^"]*)"')
_START = re.compile(r'\sstart="([0-9]{1,9})"')
_URL_UNSAFE = re.compile(r"[\s<>()\\\x00-\x20]")
_FENCES = re.compile(r"`{3,}")
# What stands for the beginning and the end of an element.
_SIGNS = {
    "br": (BREAK, ""),
    "q": ("\u201c", "\u201d"),
    "rt": ("(", ")"),
    "td": ("", " \\| "),
    "th": ("", " \\| "),
}
_CODE = frozenset({"code", "kbd", "samp", "tt"})
# CommonMark readers stop at some depth (ours at 20 levels); deeper lists and quotations are written flat.
_MAX_CONTAINERS = 8


def markdown_to_html(md: str) -> str:
    """Return Markdown as HTML: CommonMark with ``~~``; HTML in it is text. Not yet cleaned.

    Raises :class:`HtmlRefused` (``markdown-too-long``) over 1,000,000 characters.
    """
    if len(md) > MARKDOWN_LIMIT:
        raise HtmlRefused(
            "markdown-too-long", f"The Markdown has {len(md):,} characters; the limit is {MARKDOWN_LIMIT:,}."
        )
    return str(_READER.render(md))


def html_to_markdown(html: str) -> str:
    """Return cleaned HTML as Markdown from which :func:`markdown_to_html` makes the same text.

    What CommonMark has no words for is kept as text: underlining goes, cells of a row are parted by a bar,
    ruby readings stand in brackets, images that are not linked stay images.
    """
    writer = _Writer()
    for text, name, closes, attributes in tokens(html):
        writer.text(text)
        if name:
            writer.tag(name, attributes, closes=closes)
    writer.end_block()
    return "\n".join(writer.lines) + "\n" if writer.lines else ""


def _address(raw: str) -> str:
    def escaped(found: re.Match[str]) -> str:
        return "".join(f"%{byte:02X}" for byte in found[0].encode())

    return _URL_UNSAFE.sub(escaped, unescape(raw))


@dataclass(slots=True, eq=False)
class _Container:
    """A quotation or a list item that blocks stand in."""

    first: str
    rest: str
    begun: bool = False

    def prefix(self) -> str:
        if self.begun:
            return self.rest
        self.begun = True
        return self.first


class _Writer:
    """Writes a block with the prefixes of the lists and quotations it stands in."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.inline = Inline()
        self.containers: list[_Container | None] = []
        self.written: list[_Container] = []
        self.numbers: list[int] = []
        self.heading = 0
        self.pre: list[str] | None = None
        self.code: list[str] | None = None
        self.link: str | None = None
        self.hidden = 0

    def text(self, text: str) -> None:
        if not text or self.hidden:
            return
        if self.pre is not None:
            self.pre.append(text)
        elif self.code is not None:
            self.code.append(squeeze(text))
        else:
            self.inline.add(escape_markdown(squeeze(text)))

    def tag(self, name: str, attributes: str, *, closes: bool) -> None:
        if name not in INLINE and name not in {"br", "td", "th"}:
            self.end_block()
            self._block(name, attributes, closes=closes)
        elif name == "rp":
            self.hidden += -1 if closes else 1
        elif self.pre is not None or self.code is not None:
            self._in_code(name, closes=closes)
        elif name in _MARKS:
            (self.inline.close if closes else self.inline.open)(_MARKS[name])
        elif name in _CODE and not closes:
            self.code = []
        elif name == "a":
            self._link("" if closes else attributes)
        elif name == "img":
            self._image(attributes)
        else:
            self.inline.add(_SIGNS.get(name, ("", ""))[closes])

    def _in_code(self, name: str, *, closes: bool) -> None:
        if name == "br":
            (self.pre if self.pre is not None else self.code or []).append("\n" if self.pre is not None else " ")
        elif name in _CODE and closes and self.code is not None:
            self._end_code()

    def _end_code(self) -> None:
        if self.code is not None:
            self.inline.add_code("".join(self.code))
            self.code = None

    def _link(self, attributes: str) -> None:
        if self.link is not None:
            self.inline.bracket(f"]({self.link})")
            self.link = None
        found = _ADDRESS.search(attributes)
        if found is not None:
            self.link = _address(found[1])
            self.inline.bracket("[")

    def _image(self, attributes: str) -> None:
        found, alternative = _ADDRESS.search(attributes), _ALT.search(attributes)
        words = squeeze(unescape(alternative[1])) if alternative else ""
        if found is not None:
            self.inline.add(f"![{escape_markdown(words)}]({_address(found[1])})")

    def _block(self, name: str, attributes: str, *, closes: bool) -> None:
        if name == "hr":
            self._write(["* * *"])
        elif len(name) == 2 and name[0] == "h":  # noqa: PLR2004  (h1 to h6)
            self.heading = 0 if closes else int(name[1])
        elif name == "pre":
            self.pre = None if closes else []
        elif name in {"ul", "ol"}:
            self._list(name, attributes, closes=closes)
        elif name in {"blockquote", "li", "dd"}:
            if closes:
                if self.containers:
                    self.containers.pop()
            else:
                self.containers.append(self._container(name))

    def _list(self, name: str, attributes: str, *, closes: bool) -> None:
        if not closes:
            start = _START.search(attributes)
            self.numbers.append(int(start[1]) if start else 1)
            if name == "ul":
                self.numbers[-1] = -1
        elif self.numbers:
            self.numbers.pop()

    def _container(self, name: str) -> _Container | None:
        if sum(container is not None for container in self.containers) >= _MAX_CONTAINERS:
            return None
        if name != "li":
            return _Container("> ", "> ")
        number = self.numbers[-1] if self.numbers else -1
        if number < 0:
            return _Container("- ", "  ")
        self.numbers[-1] = number + 1
        label = f"{number % 1_000_000_000}. "
        return _Container(label, " " * len(label))

    def end_block(self) -> None:
        """Write what was collected since the last block, if anything."""
        if self.pre is not None:
            text = "".join(self.pre)
            self.pre = []
            if text.strip():
                fence = "`" * max([3, *(len(run) + 1 for run in _FENCES.findall(text))])
                self._write([fence, *text.strip("\n").split("\n"), fence])
            return
        self._end_code()
        self._link("")
        text = self.inline.finish(heading=bool(self.heading))
        if not text:
            return
        if self.heading:
            text = "#" * self.heading + " " + text
        self._write(text.split("\n"))

    def _write(self, lines: list[str]) -> None:
        containers = [container for container in self.containers if container is not None]
        if self.lines:
            shared = 0
            for old, new in zip(self.written, containers, strict=False):
                if old is not new:
                    break
                shared += 1
            self.lines.append("".join(container.rest for container in containers[:shared]).rstrip())
        for line in lines:
            self.lines.append(("".join(container.prefix() for container in containers) + line).rstrip(" "))
        self.written = containers
