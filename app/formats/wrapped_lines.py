"""Lines that Python's ``textwrap`` broke at a width, put together again as they were.

It is greedy: a word stands on the next line only where it did not fit. It also breaks after the hyphen of a compound,
and through words longer than a line, which leaves no space to put back.
"""

from __future__ import annotations

import re
from collections import Counter

_COMPOUND = re.compile(r"(?:[^\W\d]{2}|[^\W\d]-[^\W\d])-$")
_SECOND_HALF = re.compile(r"[^\W\d]-?[^\W\d]")
_TAIL = 4
_SHORT = 40
_NEAR = 12
_ENOUGH = 3
_EDGE_SHARE = 0.1
_FIRST_PIECE = re.compile(r"\S+?[^\W\d]-(?=[^\W\d]-?[^\W\d])|\S+")


def fits(line: str, following: str, width: int) -> bool:
    """Whether the first word of the line that follows had room at the end of this one: then its author broke it."""
    first = _FIRST_PIECE.match(following.lstrip())
    return first is not None and len(line.rstrip()) + 1 + len(first[0]) <= width


def unwrap(lines: list[str], width: int, before: int = 0) -> str:
    """Lines as the one they were; ``before`` is what stood in front of the first."""
    text = lines[0].strip() if lines else ""
    room = len(lines[0].rstrip()) + before if lines else 0
    for line in lines[1:]:
        text += _glue(text, room == width, line.lstrip(), width) + line.strip()
        room = len(line.rstrip())
    return text


def _glue(text: str, full: bool, line: str, width: int) -> str:  # noqa: FBT001  whether the last line is
    """What stood between two lines: nothing where a word was broken, else a space."""
    if _COMPOUND.search(text[-_TAIL:]) and _SECOND_HALF.match(line):
        return ""
    # A word longer than a line is cut where the line is full: an address, or a language without spaces.
    word = text[-width - 1 :].rpartition(" ")[2] + line[: width + 1].partition(" ")[0]
    return "" if full and len(word) > width else " "


def width_of(front: list[str], body: list[str], usual: int) -> int:
    """The width at which lines were wrapped. All of the front are; lines of the body with links, say, may be longer."""
    sizes = [len(line.rstrip()) for line in front]
    widest = max(sizes, default=0)
    full = sum(size > widest - _NEAR for size in sizes)
    lengths = Counter(len(line) for line in body if len(line) > _SHORT)
    share = max(lengths.total() * _EDGE_SHARE, _ENOUGH)
    edges = [size for size in lengths if sum(lengths[size - step] for step in range(3)) > share]
    if edges:
        return max(widest, *edges)
    return widest if full >= _ENOUGH and widest > _SHORT else max(widest, usual)
