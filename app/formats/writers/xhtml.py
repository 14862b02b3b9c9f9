"""Cleaned HTML as XHTML that fits the schema of EPUB 3.3, whatever tree its author made.

The archive keeps what an HTML5 parser makes of a text, and that is more than the schema of books allows: blocks within
formatting, items without a list, second captions. Everything is written in one pass with three stacks: what is open in
the source, which blocks are open in the book, and which formatting is on. Formatting is written where text stands: it
ends before a block and begins again in it. Nothing that can be read is lost.
"""

from __future__ import annotations

import re
from typing import Literal

from app.formats.writers.xhtml_attributes import attributes_of, image_link
from app.formats.writers.xhtml_blocks import CAPTIONED, LINE, PARTS, STRUCTURE, Blocks
from app.formats.writers.xhtml_ruby import Ruby
from app.kit.html_tags import INLINE

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>")
_LONE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot);)")
_SPACE = " \t\n"
_NOT_NESTED = frozenset({"a", "dfn"})
_RENAMED = {"acronym": "abbr", "big": "span", "strike": "s", "tt": "code", "rt": "span", "rp": "span"} | {
    "address": "div",
    "center": "div",
}
# Formatting around many blocks is written anew in each; so much of it for each character of the text.
_REPEATED = 4
_AT_LEAST = 10_000
_Act = Literal["formatting", "block", "break", "nothing"]


def to_xhtml(html: str) -> str:
    """Return cleaned HTML as the content of an XHTML element that takes blocks."""
    writer = _Writer(len(html))
    at = 0
    for found in _TAG.finditer(html):
        if found.start() > at:
            writer.text(html[at : found.start()])
        writer.tag(found[2], found[3], closes=bool(found[1]))
        at = found.end()
    if at < len(html):
        writer.text(html[at:])
    return writer.end()


def escaped(text: str) -> str:
    """The text of cleaned HTML as XML has it: entities but the four of XML resolved, nothing left that is markup."""
    if "&" in text:
        text = text.replace("&nbsp;", "\xa0")
        text = _LONE_AMPERSAND.sub("&amp;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;") if "<" in text or ">" in text else text


class _Writer(Blocks):
    def __init__(self, length: int) -> None:
        super().__init__()
        self.allowance = _REPEATED * length + _AT_LEAST
        self.formatting: list[tuple[str, str]] = []
        self.opened = 0
        """How much of the formatting is written."""
        self.entries: list[tuple[str, _Act]] = []
        self.ruby: Ruby | None = None

    def text(self, text: str) -> None:
        if self.ruby is not None:
            self.ruby.text(escaped(text))
        elif text.strip(_SPACE):
            self._phrase()
            self.out.append(escaped(text))
        elif self.frames[-1].kind is not STRUCTURE and not self.broken:
            self.out.append(text)

    def tag(self, name: str, raw: str, *, closes: bool) -> None:
        if self.ruby is not None:
            self._in_ruby(name, raw, closes=closes)
        elif closes:
            self._end(name)
        elif name in INLINE:
            self._start_inline(name, raw)
        elif name in {"br", "hr", "col"}:
            self._void(name)
        else:
            self._start_block(name, raw)

    def end(self) -> str:
        if self.ruby is not None:
            self._end_ruby()
        while self.entries:
            self._leave(self.entries.pop()[1])
        self.close_formatting()
        while len(self.frames) > 1:
            self.close()
        return "".join(self.out)

    # Formatting

    def _start_inline(self, name: str, raw: str) -> None:
        if name == "img":
            self._phrase()
            self.out.append(image_link(raw, linked=self._is_on("a")))
        elif name == "wbr":
            self._phrase()
            self.out.append("<wbr/>")
        elif name == "ruby":
            self._phrase()
            self.ruby = Ruby(linked=self._is_on("a"))
        else:
            attributes = attributes_of(name, raw)
            written = _RENAMED.get(name, name)
            if (name == "a" and " href=" not in attributes) or (name == "bdo" and " dir=" not in attributes):
                written = "span"
            if written in _NOT_NESTED and self._is_on(written):
                self.entries.append((name, "nothing"))
                return
            self.formatting.append((written, attributes))
            self.entries.append((name, "formatting"))

    def _is_on(self, name: str) -> bool:
        return any(one == name for one, _ in self.formatting)

    def _in_ruby(self, name: str, raw: str, *, closes: bool) -> None:
        assert self.ruby is not None
        if self.ruby.tag(name, raw, closes=closes):
            self._end_ruby()

    def _end_ruby(self) -> None:
        assert self.ruby is not None
        self.out.append(self.ruby.written())
        self.ruby = None

    def close_formatting(self) -> None:
        for name, _ in reversed(self.formatting[: self.opened]):
            self.out.append(f"</{name}>")
        self.opened = 0

    def _phrase(self) -> None:
        """Make ready for text: a block that takes it is open, and all formatting is on."""
        if self.frames[-1].kind is STRUCTURE:
            self.imply_flow()
        top = self.frames[-1]
        self.touch(top)
        if self.broken:
            self.out.append("\n" if top.name == "pre" else "<br/>")
            self.broken = False
        if self.allowance > 0:
            for name, attributes in self.formatting[self.opened :]:
                self.out.append(f"<{name}{attributes}>")
                self.allowance -= len(attributes) + 2 * len(name)
            self.opened = len(self.formatting)

    # Blocks

    def _void(self, name: str) -> None:
        if name == "br":
            self._phrase()
            self.out.append("<br/>")
        elif name == "col":
            self.close_implied()
            top = self.frames[-1]
            if top.name == "colgroup":
                self.out.append("<col/>")
            elif top.name == "table" and int(top.state) <= CAPTIONED:
                top.state = CAPTIONED
                self.out.append("<colgroup><col/></colgroup>")
        elif self._begin_block():
            self.out.append("<hr/>")

    def _begin_block(self) -> bool:
        """Make ready for a block; false where only a line break can stand."""
        self.close_formatting()
        if self.frames[-1].kind is LINE:
            self.broken = self.frames[-1].filled
            return False
        if self.frames[-1].kind is STRUCTURE:
            self.imply_flow()
        self.touch(self.frames[-1])
        return True

    def _start_block(self, name: str, raw: str) -> None:
        attributes = attributes_of(name, raw)
        if name in PARTS:
            self.close_formatting()
            self.close_implied()
            if self.start_part(name, attributes):
                self._entered(name)
                return
            if name == "colgroup":
                self.entries.append((name, "nothing"))
                return
        if self._begin_block():
            self.open("div" if name in PARTS else _RENAMED.get(name, name), attributes)
            self._entered(name)
        else:
            self.entries.append((name, "break"))

    def _entered(self, name: str) -> None:
        self.entries.append((name, "block"))
        self.bases.append(len(self.frames))

    def _end(self, name: str) -> None:
        entries = self.entries
        if not entries or (entries[-1][0] != name and all(one != name for one, _ in entries)):
            return
        while True:
            one, act = entries.pop()
            self._leave(act)
            if one == name:
                return

    def _leave(self, act: _Act) -> None:
        if act == "formatting":
            name, _ = self.formatting.pop()
            if self.opened > len(self.formatting):
                self.out.append(f"</{name}>")
                self.opened -= 1
        elif act == "block":
            depth = self.bases.pop()
            while len(self.frames) >= depth:
                self.close()
        elif act == "break":
            self.close_formatting()
            self.broken = self.frames[-1].filled
