"""Chapters as html2text writes them: Markdown of its own kind, wrapped at a width.

It marks emphasis with ``_`` and ``**`` and lists with two spaces and ``*``, and leaves other asterisks as they are:
those are the author's own (``*grins*``), and are escaped here. Lines are joined so that no word is parted.
"""

from __future__ import annotations

import re

from app.formats.wrapped_lines import unwrap

_OWN_LINE = re.compile(r"\s*(?:>\s*)*(?:\*(?!\*)\s|[0-9]{1,4}\.\s|\+\s|#{1,6}\s)|\s{4,}\S")
_QUOTED = re.compile(r"(?:>\s?)+")
_RULE = re.compile(r"\s*\* \* \*\s*")
_LIST_MARK = re.compile(r"\s*(?:>\s*)*\*\s(?!\*\s)")
_ASTERISK = re.compile(r"(?<![*\\])\*(?!\*)|\*{3,}")
_OLD_QUOTE = re.compile(r"`[^`']*'")
_HARD_BREAK = "  "


def to_markdown(lines: list[str], width: int) -> str:
    """The lines of a chapter as Markdown that reads as the chapter did."""
    written: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if block and (not line.strip() or _begins(line, block[-1])):
            written.append(_written(block, width))
            block = []
        if line.strip():
            block.append(line)
        elif written and written[-1]:
            written.append("")
    return "\n".join(written).strip("\n")


def _begins(line: str, last: str) -> bool:
    """Whether a line stands by itself rather than going on with the one before."""
    if _quotes(line) != _quotes(last) or not line.strip("> ") or not last.strip("> "):
        return True
    return last.endswith(_HARD_BREAK) or _OWN_LINE.match(line) is not None


def _quotes(line: str) -> int:
    mark = _QUOTED.match(line)
    return mark[0].count(">") if mark else 0


def _written(block: list[str], width: int) -> str:
    mark = _QUOTED.match(block[0])
    prefix = mark[0] if mark else ""
    indent = "" if prefix else re.match(r"\s*", block[0])[0]  # type: ignore[index]  # it always matches
    inner = [_QUOTED.sub("", line, count=1) for line in block] if prefix else block
    text = unwrap(inner, width - len(prefix)) + (_HARD_BREAK if block[-1].endswith(_HARD_BREAK) else "")
    if _OLD_QUOTE.search(text) or text.count("`") % 2:  # `quoted' as it was done of old, no code
        text = text.replace("`", "\\`")
    return prefix + indent + _own_asterisks(text)


def _own_asterisks(text: str) -> str:
    if "*" not in text or _RULE.fullmatch(text):
        return text
    listed = _LIST_MARK.match(text)
    start = listed.end() if listed else 0
    return text[:start] + _ASTERISK.sub(lambda found: "\\*" * len(found[0]), text[start:])
