"""The blocks of a page as the schema nests them: parts where they belong, and what has to stand around others."""

from __future__ import annotations

from abc import ABC, abstractmethod

FLOW, LINE, STRUCTURE = "flow", "line", "structure"
"""What a block holds: anything; text and formatting alone; certain blocks alone."""
PARTS = frozenset("li dt dd caption colgroup thead tbody tfoot tr td th summary figcaption".split())  # noqa: SIM905
"""Blocks that belong into others of certain names."""
_LINES = frozenset("p h1 h2 h3 h4 h5 h6 pre summary dt caption".split())  # noqa: SIM905
_STRUCTURES = frozenset("ul ol dl table thead tbody tfoot tr colgroup".split())  # noqa: SIM905
_ROWS = frozenset({"thead", "tbody", "tfoot"})
_SUMMARY = "<summary>…</summary>"
# How far a table is: what stands before its rows, rows, what stands behind them.
CAPTIONED, _HEADED, _FILLED, _FOOTED = 1, 2, 3, 4


class Frame:
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


class Blocks(ABC):
    """The blocks that are open, and what is written of them. Formatting has to end before a block begins or ends."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.frames = [Frame("body", 0)]
        self.bases = [1]
        """How many frames are open at each block of the source; those above were implied."""
        self.broken = False
        """Whether a block within a line has begun or ended."""

    @abstractmethod
    def close_formatting(self) -> None:
        """End what formatting is written."""

    def start_part(self, name: str, attributes: str) -> bool:
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
            self.open(name, attributes)
        return fits

    def _item(self, frame: Frame, name: str) -> None:
        if name == "dd" and not frame.state:
            self.out.append("<dt></dt>")
        frame.state = name

    def _start_caption(self, top: Frame, name: str) -> bool:
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

    def _start_table_part(self, top: Frame, name: str) -> bool:
        if name in {"caption", "colgroup"}:
            fits = top.name == "table" and int(top.state) <= (0 if name == "caption" else CAPTIONED)
            if fits:
                top.state = CAPTIONED
            return fits
        if name in _ROWS:
            return top.name == "table"
        if top.name == "table":
            self.open(self._rows_name(top, "tbody"))
            top = self.frames[-1]
        if name in {"td", "th"} and top.name in _ROWS:
            self.open("tr")
            top = self.frames[-1]
        return top.name in (_ROWS if name == "tr" else {"tr"})

    def _rows_name(self, table: Frame, name: str) -> str:
        """A group of rows by what the table has already: one head before all, one foot behind all."""
        self._rename(table, "tfoot")
        if name == "thead" and int(table.state) >= _HEADED:
            name = "tbody"
        table.state = {"thead": _HEADED, "tbody": _FILLED, "tfoot": _FOOTED}[name]
        return name

    def imply_flow(self) -> None:
        """Open what has to stand between the structure that is open and text or a block."""
        top = self.frames[-1]
        if top.name in {"ul", "ol"}:
            self.open("li")
        elif top.name == "dl":
            self._item(top, "dd")
            self.open("dd")
        elif top.name == "colgroup":
            self.close()
            self.imply_flow()
        elif self._start_table_part(top, "td"):
            self.open("td")

    def touch(self, frame: Frame) -> None:
        """Something is about to be written into a block."""
        if frame.name == "details" and not frame.filled:
            self.out.append(_SUMMARY)
        elif frame.name == "figure":
            self._rename(frame, "figcaption")
        frame.filled = True

    def _rename(self, frame: Frame, name: str) -> None:
        """What was taken for the last part of a block is not: it becomes one that may stand before others."""
        if frame.mark is not None:
            other = "tbody" if name == "tfoot" else "div"
            for at in frame.mark:
                self.out[at] = self.out[at].replace(name, other, 1)
            frame.mark = None

    def open(self, name: str, attributes: str = "") -> None:
        """Begin a block, without asking where it stands."""
        self.close_formatting()
        self.frames.append(Frame(name, len(self.out)))
        self.out.append(f"<{name}{attributes}>")
        self.broken = False

    def close(self) -> None:
        """End the innermost block, with what it still has to hold."""
        self.close_formatting()
        frame = self.frames.pop()
        if frame.name == "dl" and frame.state == "dt":
            self.out.append("<dd></dd>")
        elif frame.name == "details" and not frame.filled:
            self.out.append(_SUMMARY)
        self.out.append(f"</{frame.name}>")
        self.broken = False
        if frame.name == "tfoot" or (frame.name == "figcaption" and self.frames[-1].state != "first"):
            self.frames[-1].mark = (frame.at, len(self.out) - 1)

    def close_implied(self) -> None:
        """End the blocks that the source does not have."""
        while len(self.frames) > self.bases[-1]:
            self.close()
