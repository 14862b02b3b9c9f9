"""One paragraph's worth of inline Markdown, written so that CommonMark reads the same text back.

Emphasis is written only where CommonMark's flanking rules (section 6.2) are sure to see it; elsewhere the
marks go and the words stay, since a stray asterisk in a story is worse than a lost italic.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

_SPECIAL = re.compile(r"[\\`*_~\[\]<>&|]")
_SPACES = re.compile(r"[ \t\n\f]+")
_LINE_START = re.compile(r"(?m)^(?:([#+=-])|([0-9]{1,9})([.)]))")
_BACKTICKS = re.compile(r"`+")
_EMPHASIS = "*"
BREAK = "\\\n"

_Kind = Literal["text", "open", "close"]


@dataclass(slots=True)
class _Piece:
    kind: _Kind
    text: str
    partner: int = -1
    """Of an opening mark: where its closing one is, and the other way round."""
    is_code: bool = False


def escape_markdown(text: str) -> str:
    """Return ``text`` so that none of its characters is read as markup; line starts are not looked at."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def squeeze(text: str) -> str:
    """Return ``text`` with HTML's white space collapsed, as a browser shows it."""
    return _SPACES.sub(" ", text)


def code_span(text: str) -> str:
    """Return a code span of ``text``; plain escaped text where CommonMark would lose white space."""
    if not text.strip(" "):
        return text
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


@dataclass(slots=True)
class Inline:
    """Collects the inline content of one block after another."""

    pieces: list[_Piece] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    """Marks open now; they go on in the next block."""

    def add(self, text: str) -> None:
        """Add finished Markdown (escaped text, a link's brackets, a line break)."""
        if text:
            self.pieces.append(_Piece("text", text))

    def add_code(self, text: str) -> None:
        """Add a code span; right after another one, whose backticks would join its own, plain text."""
        before = next((piece for piece in reversed(self.pieces) if piece.kind == "text"), None)
        if before is not None and before.is_code:
            self.add(escape_markdown(text))
        elif text:
            self.pieces.append(_Piece("text", code_span(text), is_code=True))

    def open(self, mark: str) -> None:
        """Begin ``mark`` (``*``, ``**`` or ``~~``); one that is open already is only counted."""
        if mark not in self.active:
            self.pieces.append(_Piece("open", mark))
        self.active.append(mark)

    def close(self, mark: str) -> None:
        """End ``mark``, and with it, in this piece of text, whatever was begun inside it."""
        if mark not in self.active:
            return
        at = len(self.active) - 1 - self.active[::-1].index(mark)
        del self.active[at]
        if mark not in self.active:
            self.pieces.append(_Piece("close", mark))

    def bracket(self, text: str) -> None:
        """Add an end of a link, which no mark may cross: open ones end before it and begin again after it."""
        marks = dict.fromkeys(self.active)
        self.pieces.extend(_Piece("close", mark) for mark in reversed(marks))
        self.add(text)
        self.pieces.extend(_Piece("open", mark) for mark in marks)

    def finish(self, *, heading: bool = False) -> str:
        """Return the block's Markdown and begin the next one with the marks still open."""
        marks = dict.fromkeys(self.active)
        pieces = self.pieces + [_Piece("close", mark) for mark in reversed(marks)]
        self.pieces = [_Piece("open", mark) for mark in marks]
        text = _render(_paired(_spaces_outside(pieces)))
        lines = [line.strip(" ") for line in text.replace(BREAK, "\n" if heading else BREAK).split("\n")]
        if heading:
            joined = " ".join(line.strip() for line in lines).strip()
            return joined[:-1] + "\\#" if joined.endswith("#") else joined
        while lines and lines[-1].strip() in {"", "\\"}:
            lines.pop()
        if lines and lines[-1].endswith("\\") and not _ends_escaped(lines[-1]):
            lines[-1] = lines[-1][:-1].rstrip(" ")
        return _LINE_START.sub(_guard, "\n".join(line for line in lines if line))


def _ends_escaped(line: str) -> bool:
    """Tell whether the line ends in an escaped backslash, which is text."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 0


def _guard(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def _spaces_outside(pieces: list[_Piece]) -> list[_Piece]:
    """Move spaces and line breaks at the inner edges of marks to their outside."""
    opened: list[_Piece] = []
    for piece in pieces:
        if piece.kind == "close":
            moved = []
            while opened and opened[-1].kind == "text" and _is_space(opened[-1].text):
                moved.append(opened.pop())
            opened.append(piece)
            opened.extend(reversed(moved))
        else:
            opened.extend(_split_spaces(piece))
    outside: list[_Piece] = []
    for piece in reversed(opened):
        if piece.kind == "open":
            moved = []
            while outside and outside[-1].kind == "text" and _is_space(outside[-1].text):
                moved.append(outside.pop())
            outside.append(piece)
            outside.extend(reversed(moved))
        else:
            outside.append(piece)
    outside.reverse()
    return outside


def _is_space(text: str) -> bool:
    return text in {" ", BREAK}


def _split_spaces(piece: _Piece) -> list[_Piece]:
    if piece.kind != "text" or _is_space(piece.text):
        return [piece]
    inner = piece.text.strip(" ")
    parts = [_Piece("text", inner)] if inner else []
    if piece.text[0] == " ":
        parts.insert(0, _Piece("text", " "))
    if inner and piece.text[-1] == " ":
        parts.append(_Piece("text", " "))
    return parts


def _paired(pieces: list[_Piece]) -> list[_Piece]:
    """Find each mark's partner; marks that cross, or hold nothing, are dropped."""
    waiting: list[int] = []
    for place, piece in enumerate(pieces):
        if piece.kind == "open":
            waiting.append(place)
        elif piece.kind == "close":
            if waiting and pieces[waiting[-1]].text == piece.text:
                first = waiting.pop()
                if any(inner.kind == "text" for inner in pieces[first + 1 : place][:3]):
                    pieces[first].partner, piece.partner = place, first
            else:
                waiting = [at for at in waiting if pieces[at].text != piece.text]
    return pieces


def _render(pieces: list[_Piece]) -> str:
    out: list[str] = []
    shown: dict[int, str] = {}
    last_mark = ""
    for place, piece in enumerate(pieces):
        if piece.kind == "text":
            text = piece.text
            if text.startswith("[") and out and out[-1].endswith("!"):
                out[-1] = out[-1][:-1] + "\\!"
            last_mark = ""
        elif piece.kind == "open":
            text = _mark(pieces, place) if piece.partner >= 0 else ""
            if text and last_mark and text[0] == last_mark[0]:
                text = ""
            shown[place] = text
            last_mark = text or last_mark
        else:
            text = shown.get(piece.partner, "")
            last_mark = text or last_mark
        if text:
            out.append(text)
    return "".join(out)


def _mark(pieces: list[_Piece], first: int) -> str:
    """Return how the pair opened at ``first`` is written; empty where CommonMark might not see it."""
    last = pieces[first].partner
    mark = pieces[first].text
    before, inner_first = _edge(pieces, first, -1), _edge(pieces, first, 1)
    inner_last, after = _edge(pieces, last, -1), _edge(pieces, last, 1)
    if inner_first.isspace() or inner_last.isspace():
        return ""
    if _is_bound(before) and _is_bound(after):
        return "_" if mark == _EMPHASIS else mark
    touching = [pieces[at].kind for at in (first - 1, first + 1, last - 1, last + 1) if 0 <= at < len(pieces)]
    if any(kind != "text" for kind in touching) or not (inner_first.isalnum() and inner_last.isalnum()):
        return ""
    return mark


def _edge(pieces: list[_Piece], place: int, step: int) -> str:
    """Return the nearest character of text beside a mark; a space where there is none."""
    at = place + step
    while 0 <= at < len(pieces):
        if pieces[at].kind == "text":
            return pieces[at].text[0 if step > 0 else -1]
        at += step
    return " "


def _is_bound(character: str) -> bool:
    """Tell white space and punctuation, by any edition of CommonMark, from the rest."""
    return character.isspace() or unicodedata.category(character)[0] == "P"
