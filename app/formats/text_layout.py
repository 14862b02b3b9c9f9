"""How the paragraphs of a plain text file are laid out: by blank lines, a line each, or wrapped at a width."""

from __future__ import annotations

import re
from itertools import pairwise

Block = list[str]
"""Lines that no blank line parts, without their ends."""

_WIDEST = 90
_NARROWEST = 50
_SLACK = 25
_ENOUGH = 12
_MOSTLY = 0.7
_VERSE = 0.75
_LONG_LINE = 120
_ENDS = frozenset('.!?…"”’»。！？」')
_INDENT = re.compile(r"[ \t\u00a0\u3000]+")


def blocks_of(lines: list[str]) -> list[Block]:
    """The lines between blank ones."""
    blocks: list[Block] = []
    current: Block = []
    for line in lines:
        if line.strip():
            current.append(line.rstrip())
        elif current:
            blocks.append(current)
            current = []
    if current:
        blocks.append(current)
    return blocks


def wrapped_width(blocks: list[Block]) -> int | None:
    """The width at which lines are wrapped; ``None`` where they end as their author meant."""
    inner = [len(line) for block in blocks for line, _ in pairwise(block)]
    if len(inner) < _ENOUGH:
        return None
    inner.sort()
    width = inner[int(len(inner) * 0.98)]  # a few lines hold a table or a long word
    if not _NARROWEST <= width <= _WIDEST:
        return None
    return width if sum(length >= width - _SLACK for length in inner) > _MOSTLY * len(inner) else None


def is_line_a_paragraph(blocks: list[Block]) -> bool:
    """Whether long lines follow each other without blank ones between: then each is a paragraph."""
    inner = sorted(len(line) for block in blocks for line in block[:-1])
    return len(inner) > 1 and inner[len(inner) // 2] > _LONG_LINE


def by_indent(block: Block) -> list[str]:
    """The paragraphs of a block whose lines end as their author meant: one, or one a line where all are indented.

    Verse is indented, too, but its lines seldom end a sentence.
    """
    lines = [line.strip() for line in block]
    ended = sum(line[-1:] in _ENDS for line in lines)
    if len(block) > 1 and all(_indent(line) > 1 for line in block) and ended > _MOSTLY * len(lines):
        return lines
    return ["\n".join(lines)]


def unwrapped(block: Block, width: int) -> list[str]:
    """The paragraphs of a block that was wrapped: cut at indents; verse keeps its lines."""
    if len(block) == 1:
        return [block[0].strip()]
    indents = [_indent(line) for line in block]
    if min(indents) > 1 or _is_verse(block, width):
        return ["\n".join(line.strip() for line in block)]
    paragraphs: list[str] = []
    for line, indent in zip(block, indents, strict=True):
        text = line.strip()
        if not paragraphs or (indent > 1 and min(indents) == 0):
            paragraphs.append(text)
        else:
            paragraphs[-1] = _joined(paragraphs[-1], text)
    return paragraphs


def _is_verse(block: Block, width: int) -> bool:
    lengths = [len(line) for line in block[:-1]]
    return len(block) > 2 and max(lengths) < _VERSE * width  # noqa: PLR2004  a couplet may be a short paragraph


def _indent(line: str) -> int:
    match = _INDENT.match(line)
    return len(match[0].expandtabs(4)) if match else 0


def _joined(before: str, after: str) -> str:
    if before.endswith("-") and not before.endswith("--") and before[-2:-1].isalpha():
        return before + after
    return f"{before} {after}"
