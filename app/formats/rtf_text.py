"""RTF as paragraphs of HTML: text, emphasis, headings. What a text does not need (colours, pictures) is skipped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import escape

from app.formats.markup import sound
from app.formats.problems import Unreadable

DEEPEST = 500
_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z])"
    rb"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)|\\"
)
_STYLE = re.compile(rb"\{(?:\\\*)?\\s([0-9]{1,4})\b[^{};]{0,400}?\s([^\\{};]{1,60});?\}")
_FONT = re.compile(rb"\{\\f([0-9]{1,5})\b[^{};]{0,200}?\\fcharset([0-9]{1,3})")
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|заголовок)\s?([1-6])", re.IGNORECASE)
_SKIPPED = frozenset({
    *("fonttbl", "colortbl", "stylesheet", "pict", "object", "header", "headerl", "headerr", "headerf", "footer"),
    *("footerl", "footerr", "footerf", "themedata", "listtable", "listoverridetable", "rsidtbl", "generator"),
    *("xmlnstbl", "fldinst", "bkmkstart", "bkmkend", "info", "ftnsep", "ftnsepc", "aftnsep", "annotation", "atnid"),
    *("atnauthor", "nonshppict", "datastore", "revtbl", "filetbl", "latentstyles", "colorschememapping", "deleted"),
})  # fmt: skip
_SIGNS = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "tab": " ", "emspace": " ", "enspace": " ", "qmspace": " ", "cell": "\n", "nestcell": "\n", "line": "\n",
}  # fmt: skip
_ENDS = frozenset({"par", "sect", "page", "row", "nestrow"})
_TAGS = {"b": "strong", "i": "em", "ul": "u", "strike": "s", "super": "sup", "sub": "sub"}
_ENDED = {"plain": frozenset(_TAGS), "nosupersub": frozenset({"super", "sub"}), "ulnone": frozenset({"ul"})}
_CHARSETS = {
    0: "cp1252", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_PLANE = 65_536


@dataclass(slots=True)
class _State:
    """What holds within a group."""

    tags: frozenset[str] = frozenset()
    skipped: bool = False
    font: int = -1
    after_unicode: int = 1


@dataclass(slots=True)
class Rtf:
    """A document: its paragraphs as HTML, and what it says of itself."""

    paragraphs: list[str] = field(default_factory=list)
    title: str = ""
    author: str = ""


def read_rtf(data: bytes) -> Rtf:
    """The document that the bytes are; raises :class:`Unreadable`."""
    reading = _Reading(data)
    reading.run()
    info = re.search(rb"\{\\info\b(.{0,8000})", data, re.DOTALL)
    for name in ("title", "author"):
        found = re.search(rb"\{\\" + name.encode() + rb" ([^{}]{1,400})\}", info[1]) if info is not None else None
        if found is not None:
            inner = _Reading(found[1], reading.page)
            inner.run()
            setattr(reading.rtf, name, re.sub(r"<[^>]*>", "", " ".join(inner.rtf.paragraphs)).strip())
    return reading.rtf


class _Reading:
    """One pass through a document."""

    def __init__(self, data: bytes, page: str = "") -> None:
        self.data = data
        self.rtf = Rtf()
        found = re.search(rb"\\ansicpg([0-9]{3,5})", data[:4_000])
        self.page = page or (f"cp{int(found[1])}" if found is not None else "cp1252")
        self._fonts = {int(one[1]): _CHARSETS.get(int(one[2]), "") for one in _FONT.finditer(data[:200_000])}
        self._styles = {
            int(one[1]): int(level[1])
            for one in _STYLE.finditer(data[:200_000])
            if (level := _HEADING.search(one[2].decode("latin-1"))) is not None
        }
        self._state = _State()
        self._stack: list[_State] = []
        self._runs: list[tuple[frozenset[str], str]] = []
        self._bytes = b""
        self._high = 0
        self._level = 0
        self._to_skip = 0

    def run(self) -> None:
        """Read to the end."""
        place = 0
        while place < len(self.data) and (found := _TOKEN.match(self.data, place)) is not None:
            place = found.end()
            if found["hex"] is None:
                self._flush()
            if found["brace"] is not None:
                self._group(opens=found["brace"] == b"{")
            elif found["word"] is not None:
                number = int(found["number"]) if found["number"] is not None else None
                if found["word"] == b"bin" and number is not None:
                    place += max(0, number)
                self._word(found["word"].decode(), number)
            elif found["sign"] is not None:
                self._sign(found["sign"])
            elif found["hex"] is not None:
                self._byte(bytes([int(found["hex"], 16)]))
            elif found["text"] is not None:
                self._text(self._decoded(found["text"]))
        self._flush()
        self._end()

    def _group(self, *, opens: bool) -> None:
        if opens:
            if len(self._stack) >= DEEPEST:
                raise Unreadable("too-deep", f"The document nests more than {DEEPEST} groups.")
            self._stack.append(self._state)
            self._state = replace(self._state)
        elif self._stack:
            self._state = self._stack.pop()

    def _word(self, word: str, number: int | None) -> None:
        state = self._state
        if word in _SKIPPED or (word == "v" and number != 0):
            state.skipped = True
        elif word in _TAGS:
            state.tags = state.tags - {word} if number == 0 else state.tags | {word}
        elif word in _ENDED:
            state.tags -= _ENDED[word]
        elif word in _SIGNS:
            self._text(_SIGNS[word])
        elif word in _ENDS and not state.skipped:
            self._end()
        elif word == "pard":
            self._level = 0
        elif number is not None:
            self._numbered(word, number)

    def _numbered(self, word: str, number: int) -> None:
        """A word that says something with its number alone."""
        if word == "f":
            self._state.font = number
        elif word == "uc":
            self._state.after_unicode = min(max(number, 0), 100)
        elif word == "u":
            self._unicode(number)
        elif word == "s":
            self._level = self._styles.get(number, self._level)
        elif word == "outlinelevel" and 0 <= number < 6:  # noqa: PLR2004  as HTML has
            self._level = number + 1

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._state.skipped = True
        elif sign in b"\\{}":
            self._text(sign.decode())
        elif sign == b"~":
            self._text("\u00a0")
        elif sign == b"_":
            self._text("-")
        elif sign in b"\r\n" and not self._state.skipped:
            self._end()

    def _byte(self, one: bytes) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif not self._state.skipped:
            self._bytes += one

    def _decoded(self, raw: bytes) -> str:
        for page in (self._fonts.get(self._state.font), self.page):
            try:
                return raw.decode(page or self.page)
            except (LookupError, UnicodeDecodeError):
                continue
        return raw.decode("cp1252", "replace")

    def _flush(self) -> None:
        if self._bytes:
            raw, self._bytes = self._bytes, b""
            self._text(self._decoded(raw))

    def _unicode(self, number: int) -> None:
        """A character by its number; those past the first plane come in two halves."""
        code = number % _PLANE
        self._to_skip = 0
        if 0xD800 <= code < 0xDC00:  # noqa: PLR2004  the first half
            self._high = code
        elif 0xDC00 <= code < 0xE000:  # noqa: PLR2004  the second
            if self._high:
                self._text(chr(0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00))
            self._high = 0
        else:
            self._text(chr(code))
        self._to_skip = self._state.after_unicode

    def _text(self, text: str) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(text))
            text, self._to_skip = text[skipped:], self._to_skip - skipped
        if text and not self._state.skipped:
            self._runs.append((self._state.tags, text))

    def _end(self) -> None:
        """The end of a paragraph."""
        self._to_skip = 0
        parts: list[tuple[str, frozenset[str]]] = []
        for tags, text in self._runs:
            html = escape(sound(text), quote=False).replace("\n", "<br>")
            if parts and parts[-1][1] == tags:
                html = parts.pop()[0] + html
            parts.append((html, tags))
        wrapped = "".join(_wrapped(html, tags) for html, tags in parts)
        self._runs.clear()
        if wrapped.strip():
            name = f"h{self._level}" if self._level else "p"
            self.rtf.paragraphs.append(f"<{name}>{wrapped.strip()}</{name}>")


def _wrapped(html: str, tags: frozenset[str]) -> str:
    for tag in sorted(tags):
        html = f"<{_TAGS[tag]}>{html}</{_TAGS[tag]}>" if html.strip() else html
    return html
