"""What changed between two texts of a chapter. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

from app.kit.html import html_blocks, html_words

MOST_PAIRS = 4_000_000
"""So many pairs of paragraphs are compared (about a second); beyond, the part that differs is one change."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Paragraphs that stayed (``equal``), came (``insert``) or went (``delete``)."""

    op: str
    text: str


def words_changed(before: str, after: str) -> tuple[int, int]:
    """How many words came and went, wherever they stood; their difference is that of the word counts."""
    old, new = Counter(html_words(before)), Counter(html_words(after))
    return (new - old).total(), (old - new).total()


def diff(before: str, after: str) -> list[Piece]:
    """The differences of two clean texts, paragraph by paragraph, in reading order."""
    old, new = html_blocks(before), html_blocks(after)
    head = sum(1 for _ in takewhile(_same, zip(old, new, strict=False)))
    tail = sum(1 for _ in takewhile(_same, zip(reversed(old[head:]), reversed(new[head:]), strict=False)))
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    pieces = [Piece("equal", text) for text in old[:head]]
    if len(inner_old) * len(inner_new) > MOST_PAIRS:
        pieces += _replaced(inner_old, inner_new)
    else:
        matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=False)
        for op, low, high, new_low, new_high in matcher.get_opcodes():
            if op == "equal":
                pieces += [Piece("equal", text) for text in inner_old[low:high]]
            else:
                pieces += _replaced(inner_old[low:high], inner_new[new_low:new_high])
    return pieces + [Piece("equal", text) for text in old[len(old) - tail :]]


def _same(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]


def _replaced(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    return [*(Piece("delete", text) for text in old), *(Piece("insert", text) for text in new)]
