"""Cleaned HTML as blocks and as plain text, and plain text as HTML.

Cleaned HTML is what :func:`app.kit.html.clean_html` returns: balanced, names in lower case, attribute values
in double quotes with ``<`` and ``>`` escaped. So one pattern finds its tags; no second parse is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from app.kit.html_tags import INLINE
from app.kit.words import count_words, words_of

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(rf"<(?!/?(?:{'|'.join(sorted(INLINE))})[\s>])[^>]*>")
_RUBY_READING = re.compile(r"<(r[tp])(?:\s[^>]*)?>[^<]*(?:<(?!/?r[tp][\s>])[^<]*)*(?:</r[tp]>)?")
_TOKEN = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")
_SPACES = re.compile(r"[ \t\n]+")
_LINE_ENDS = re.compile(r"\r\n?|[\u0085\u2028]")
_PARAGRAPH_ENDS = re.compile(r"\n(?:[^\S\n]*\n)+|\u2029")


def text_to_html(text: str) -> str:
    """Return plain text as HTML, escaped: blank lines part paragraphs, other line ends are ``<br>``."""
    text = _LINE_ENDS.sub("\n", text) if not text.isascii() or "\r" in text else text
    paragraphs = (part.strip("\n") for part in _PARAGRAPH_ENDS.split(text))
    return "\n".join(
        "<p>" + escape(part.strip(), quote=False).replace("\n", "<br>") + "</p>" for part in paragraphs if part.strip()
    )


_RP = re.compile(r"<rp[ >].*?</rp>", re.DOTALL)
_RT_OPEN = re.compile(r"<rt(?: [^>]*)?>")
_RT_CLOSE = re.compile(r"</rt>")


def _without_readings(html: str) -> str:
    """Drop the readings and brackets of ruby text."""
    return _RUBY_READING.sub("", html) if "<rt" in html or "<rp" in html else html


def _with_bracketed_readings(html: str) -> str:
    """Ruby readings in brackets, whether the author wrote ``rp`` or not: 兜(かぶと)."""
    if "<rt" not in html:
        return html
    return _RT_CLOSE.sub(")", _RT_OPEN.sub("(", _RP.sub("", html)))


def html_blocks(html: str) -> list[str]:
    """Return the text of each block of cleaned HTML that has any.

    Inline markup does not part words, ``<br>`` does part blocks; ruby readings and attribute texts are left
    out.
    """
    blocks = []
    for piece in _BREAK.split(_without_readings(html)):
        text = _TAG.sub("", piece) if "<" in piece else piece
        text = (unescape(text) if "&" in text else text).strip()
        if text:
            blocks.append(text)
    return blocks


def count_html_words(html: str) -> int:
    """Count the words of cleaned HTML: those of its blocks together."""
    return count_words(running_text(html))


def html_words(html: str) -> list[str]:
    """The words that :func:`count_html_words` counts."""
    return words_of(running_text(html))


def running_text(html: str) -> str:
    """The text of cleaned HTML with blocks parted by line ends; ruby readings are left out."""
    text = _TAG.sub("", _BREAK.sub("\n", _without_readings(html)))
    return unescape(text) if "&" in text else text


def tokens(html: str) -> Iterator[tuple[str, str, bool, str]]:
    """Yield ``(text before, tag name, whether it closes, raw attributes)`` for each tag of cleaned HTML.

    Entities of the text are resolved. The last one has the text after the last tag and an empty name.
    """
    at = 0
    for found in _TOKEN.finditer(html):
        yield unescape(html[at : found.start()]), found[2], bool(found[1]), found[3]
        at = found.end()
    yield unescape(html[at:]), "", False, ""


def html_to_text(html: str) -> str:
    """Return cleaned HTML as plain text: a blank line between paragraphs, ``<br>`` as a line end.

    List items carry a dash or their number, quotations ``> ``, rules are ``* * *``, cells of a row are
    parted by a tab. Ruby readings follow in their brackets.
    """
    writer = _TextWriter()
    for text, name, closes, _attributes in tokens(_with_bracketed_readings(html)):
        writer.text(text)
        if name:
            writer.tag(name, closes=closes)
    writer.end_paragraph()
    return "\n\n".join(writer.paragraphs)


class _TextWriter:
    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.lists: list[int] = []
        self.pre = 0
        self.label = ""

    def text(self, text: str) -> None:
        if text:
            self.line.append(text if self.pre else _SPACES.sub(" ", text))

    def tag(self, name: str, *, closes: bool) -> None:
        if name == "br":
            self.line.append("\n")
        elif name in {"td", "th"}:
            if closes:
                self.line.append("\t")
        elif name not in INLINE:
            self.end_paragraph()
            self._block(name, closes=closes)

    def _block(self, name: str, *, closes: bool) -> None:
        step = -1 if closes else 1
        if name == "blockquote":
            self.quotes = max(0, self.quotes + step)
        elif name == "pre":
            self.pre = max(0, self.pre + step)
        elif name == "hr":
            self.line.append("* * *")
            self.end_paragraph()
        elif name in {"ol", "ul"}:
            if not closes:
                self.lists.append(1 if name == "ol" else 0)
            elif self.lists:
                self.lists.pop()
        elif name == "li" and not closes:
            self._item()

    def _item(self) -> None:
        number = self.lists[-1] if self.lists else 0
        if number:
            self.lists[-1] = number + 1
        # Eight levels of indentation show any list that people read; deeper ones cannot blow the text up.
        self.label = "  " * min(len(self.lists) - 1, 8) + (f"{number}. " if number else "- ")

    def end_paragraph(self) -> None:
        text = "".join(self.line)
        self.line.clear()
        lines = [line.rstrip() if self.pre else line.strip(" \t") for line in text.split("\n")]
        text = "\n".join(lines).strip("\n")
        if not text.strip():
            return
        text, self.label = self.label + text, ""
        if self.quotes:
            mark = "> " * min(self.quotes, 8)
            text = mark + text.replace("\n", "\n" + mark)
        self.paragraphs.append(text)
