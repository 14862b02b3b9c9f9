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
from app.formats.writers.xhtml_ruby import Ruby
from app.kit.html_tags import INLINE

FLOW, LINE, STRUCTURE = "flow", "line", "structure"
"""What a block holds: anything; text and formatting alone; certain blocks alone."""
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>")
_LONE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|#[0-9]{1,7});)")
_SPACE = " \t\n"
_LINES = frozenset("p h1 h2 h3 h4 h5 h6 pre summary dt caption".split())  # noqa: SIM905
_STRUCTURES = frozenset("ul ol dl table thead tbody tfoot tr colgroup".split())  # noqa: SIM905
_PARTS = frozenset("li dt dd caption colgroup thead tbody tfoot tr td th summary figcaption".split())  # noqa: SIM905
_ROWS = frozenset({"thead", "tbody", "tfoot"})
_NOT_NESTED = frozenset({"a", "dfn"})
_RENAMED = {"acronym": "abbr", "big": "span", "strike": "s", "tt": "code", "rt": "span", "rp": "span"} | {
    "address": "div",
    "center": "div",
}
_SUMMARY = "<summary>…</summary>"
# How far a table is: what stands before its rows, rows, what stands behind them.
_CAPTIONED, _HEADED, _FILLED, _FOOTED = 1, 2, 3, 4
_Act = Literal["formatting", "block", "break", "nothing"]


def to_xhtml(html: str) -> str:
    """Return cleaned HTML as the content of an XHTML element that takes blocks."""
    writer = _Writer()
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


class _Frame:
    """A block that is open in the book."""

    __slots__ = ("at", "filled", "kind", "mark", "name", "state")

    def __init__(self, name: str, at: int) -> None:
        self.name = name
        self.at = at
        """Where in the output its tag stands."""
        self.kind = LINE if name in _LINES else STRUCTURE if name in _STRUCTURES else FLOW
        self.filled = False
        self.state: int | str = 0
        """Of a table how far it is, of a description list its last item, of a figure whether its caption came first."""
        self.mark: tuple[int, int] | None = None
        """The tags of a part that is right only if it stays the last one."""


class _Writer:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.frames = [_Frame("body", 0)]
        self.bases = [1]
        """How many frames are open at each block of the source; those above were implied."""
        self.formatting: list[tuple[str, str]] = []
        self.opened = 0
        """How much of the formatting is written."""
        self.entries: list[tuple[str, _Act]] = []
        self.broken = False
        """Whether a block within a line has begun or ended."""
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
        self._close_formatting()
        while len(self.frames) > 1:
            self._close()
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

    def _close_formatting(self) -> None:
        for name, _ in reversed(self.formatting[: self.opened]):
            self.out.append(f"</{name}>")
        self.opened = 0

    def _phrase(self) -> None:
        """Make ready for text: a block that takes it is open, and all formatting is on."""
        if self.frames[-1].kind is STRUCTURE:
            self._imply_flow()
        top = self.frames[-1]
        self._touch(top)
        if self.broken:
            self.out.append("\n" if top.name == "pre" else "<br/>")
            self.broken = False
        for name, attributes in self.formatting[self.opened :]:
            self.out.append(f"<{name}{attributes}>")
        self.opened = len(self.formatting)

    # Blocks

    def _void(self, name: str) -> None:
        if name == "br":
            self._phrase()
            self.out.append("<br/>")
        elif name == "col":
            self._close_implied()
            top = self.frames[-1]
            if top.name == "colgroup":
                self.out.append("<col/>")
            elif top.name == "table" and int(top.state) <= _CAPTIONED:
                top.state = _CAPTIONED
                self.out.append("<colgroup><col/></colgroup>")
        elif self._begin_block():
            self.out.append("<hr/>")

    def _begin_block(self) -> bool:
        """Make ready for a block; false where only a line break can stand."""
        self._close_formatting()
        if self.frames[-1].kind is LINE:
            self.broken = self.frames[-1].filled
            return False
        if self.frames[-1].kind is STRUCTURE:
            self._imply_flow()
        self._touch(self.frames[-1])
        return True

    def _start_block(self, name: str, raw: str) -> None:
        attributes = attributes_of(name, raw)
        if name in _PARTS:
            self._close_formatting()
            self._close_implied()
            if self._start_part(name, attributes):
                self._entered(name)
                return
            if name == "colgroup":
                self.entries.append((name, "nothing"))
                return
        if self._begin_block():
            self._open("div" if name in _PARTS else _RENAMED.get(name, name), attributes)
            self._entered(name)
        else:
            self.entries.append((name, "break"))

    def _entered(self, name: str) -> None:
        self.entries.append((name, "block"))
        self.bases.append(len(self.frames))

    def _start_part(self, name: str, attributes: str) -> bool:
        """Open a part where it belongs; false where it does not."""
        top = self.frames[-1]
        if name == "li":
            fits = top.name in {"ul", "ol"}
        elif name in {"dt", "dd"}:
            fits = top.name == "dl"
            if fits:
                self._item(top, name)
        elif name in {"summary", "figcaption"}:
            fits = self._start_caption(top, name)
        else:
            fits = self._start_table_part(top, name)
        if fits:
            if name in _ROWS and self.frames[-1].name == "table":
                name = self._rows_name(self.frames[-1], name)
            self._open(name, attributes)
        return fits

    def _item(self, frame: _Frame, name: str) -> None:
        if name == "dd" and not frame.state:
            self.out.append("<dt></dt>")
        frame.state = name

    def _start_caption(self, top: _Frame, name: str) -> bool:
        if name == "summary":
            fits = top.name == "details" and not top.filled
        elif top.name != "figure" or top.state:
            return False
        else:
            fits = True
            self._rename(top, "figcaption")
            top.state = 0 if top.filled else "first"
        top.filled = True
        return fits

    def _start_table_part(self, top: _Frame, name: str) -> bool:
        if name in {"caption", "colgroup"}:
            fits = top.name == "table" and int(top.state) <= (0 if name == "caption" else _CAPTIONED)
            if fits:
                top.state = _CAPTIONED
            return fits
        if name in _ROWS:
            return top.name == "table"
        if top.name == "table":
            self._open(self._rows_name(top, "tbody"))
            top = self.frames[-1]
        if name in {"td", "th"} and top.name in _ROWS:
            self._open("tr")
            top = self.frames[-1]
        return top.name in (_ROWS if name == "tr" else {"tr"})

    def _rows_name(self, table: _Frame, name: str) -> str:
        """A group of rows by what the table has already: one head before all, one foot behind all."""
        self._rename(table, "tfoot")
        if name == "thead" and int(table.state) >= _HEADED:
            name = "tbody"
        table.state = {"thead": _HEADED, "tbody": _FILLED, "tfoot": _FOOTED}[name]
        return name

    def _imply_flow(self) -> None:
        """Open what has to stand between the structure that is open and text or a block."""
        top = self.frames[-1]
        if top.name in {"ul", "ol"}:
            self._open("li")
        elif top.name == "dl":
            self._item(top, "dd")
            self._open("dd")
        elif top.name == "colgroup":
            self._close()
            self._imply_flow()
        elif self._start_table_part(top, "td"):
            self._open("td")

    def _touch(self, frame: _Frame) -> None:
        """Something is about to be written into a block."""
        if frame.name == "details" and not frame.filled:
            self.out.append(_SUMMARY)
        elif frame.name == "figure":
            self._rename(frame, "figcaption")
        frame.filled = True

    def _rename(self, frame: _Frame, name: str) -> None:
        """What was taken for the last part of a block is not: it becomes one that may stand before others."""
        if frame.mark is not None:
            other = "tbody" if name == "tfoot" else "div"
            for at in frame.mark:
                self.out[at] = self.out[at].replace(name, other, 1)
            frame.mark = None

    def _open(self, name: str, attributes: str = "") -> None:
        self._close_formatting()
        self.frames.append(_Frame(name, len(self.out)))
        self.out.append(f"<{name}{attributes}>")
        self.broken = False

    def _close(self) -> None:
        self._close_formatting()
        frame = self.frames.pop()
        if frame.name == "dl" and frame.state == "dt":
            self.out.append("<dd></dd>")
        elif frame.name == "details" and not frame.filled:
            self.out.append(_SUMMARY)
        self.out.append(f"</{frame.name}>")
        self.broken = False
        if frame.name == "tfoot" or (frame.name == "figcaption" and self.frames[-1].state != "first"):
            self.frames[-1].mark = (frame.at, len(self.out) - 1)

    def _close_implied(self) -> None:
        while len(self.frames) > self.bases[-1]:
            self._close()

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
                self._close()
        elif act == "break":
            self._close_formatting()
            self.broken = self.frames[-1].filled
