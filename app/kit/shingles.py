"""What a text is recognised by, whatever its markup, quotes and white space: a sketch of its shingles.

A shingle is a run of letters and digits, folded, from anywhere in the text. Each is hashed once, and the sketch is the
smallest of the hashes: a bottom-k MinHash. How many of the smallest two sketches share estimates how much the two texts
do, and also how much of the shorter one the longer one holds, which other kinds of MinHash do not tell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.kit.html_forms import running_text
from app.kit.text import fold

SHINGLE = 32
"""Bytes of folded letters: some seven English words, sixteen Cyrillic letters, ten Han characters."""
SKETCH = 250
"""Numbers of a sketch: two sketches fit a page of SQLite. A change of what a sketch is needs a migration that has them
all made anew."""
FEWEST = 150
"""Distinct shingles that a text needs: some forty words. Less is a placeholder or a greeting, and says nothing."""

_LONG = 16 * SKETCH

Hashes = npt.NDArray[np.uint64]
NO_SKETCH: Hashes = np.empty(0, np.uint64)
_TOP = 2**63
"""Hashes are below: databases have signed numbers."""
_FACTOR_1, _FACTOR_2, _FACTOR_3 = map(np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_SHIFT_1, _SHIFT_2, _SIGN = np.uint64(32), np.uint64(29), np.uint64(1)

_NOT_LETTERS = re.compile(r"[\W_]+")

# Western prose needs no pattern: in Windows-1252 a table folds each byte, and the few that become two letters are told.
_CODE_PAGE = "cp1252"
_HARD = 0xFF


def _byte_tables() -> tuple[bytes, bytes]:
    table, dropped = bytearray(range(256)), bytearray()
    for byte in range(256):
        folded = _NOT_LETTERS.sub("", fold(bytes([byte]).decode(_CODE_PAGE, "ignore")))
        if not folded:
            dropped.append(byte)
        else:
            table[byte] = ord(folded) if len(folded) == 1 and folded.isascii() else _HARD
    return bytes(table), bytes(dropped)


_FOLDED, _DROPPED = _byte_tables()


class _Folding(dict[int, str]):
    """Characters and what they are folded to, each looked up once."""

    def __missing__(self, point: int) -> str:
        folded = self[point] = _NOT_LETTERS.sub("", fold(chr(point)))
        return folded


_FOLDING = _Folding()


def letters(text: str) -> bytes:
    """The letters and digits of a text, folded, as UTF-8."""
    try:
        western = text.encode("ascii" if text.isascii() else _CODE_PAGE).translate(_FOLDED, _DROPPED)
    except UnicodeEncodeError:
        western = bytes([_HARD])
    if _HARD not in western:
        return western
    return unicodedata.normalize("NFC", text).translate(_FOLDING).encode("utf-8", "ignore")


def _hashes(text: bytes) -> Hashes:
    """A hash for each shingle of a text, in its order."""
    if len(text) < SHINGLE:
        return NO_SKETCH
    # Eight bytes from each place on, without a copy; then sixteen, then thirty-two.
    eight: Hashes = np.ndarray(len(text) - 7, "<u8", text, strides=(1,))
    hashes = eight * _FACTOR_1
    hashes ^= hashes >> _SHIFT_1
    hashes = hashes[:-8] * _FACTOR_2 + hashes[8:]
    hashes = hashes[:-16] * _FACTOR_3 + hashes[16:]
    hashes ^= hashes >> _SHIFT_1
    hashes *= _FACTOR_2
    hashes ^= hashes >> _SHIFT_2
    return hashes >> _SIGN


def sketch_of(chapters: Iterable[str]) -> Hashes:
    """The sketch of a work by the cleaned HTML of its chapters; empty where there is too little text."""
    return sketch_of_parts(part_of_sketch(running_text(html)) for html in chapters)


def part_of_sketch(text: str) -> Hashes:
    """What a chapter brings to the sketch of its work, by its running text."""
    return _distinct(_smallest(_hashes(letters(text))))[:SKETCH]


def sketch_of_parts(parts: Iterable[Hashes]) -> Hashes:
    """The sketch of a work by the parts of its chapters; empty where there is too little text."""
    smallest = NO_SKETCH
    for part in parts:
        smallest = _distinct(np.concatenate((smallest, part)))[:SKETCH] if len(smallest) else part
    return smallest if len(smallest) >= FEWEST else NO_SKETCH


def _smallest(hashes: Hashes) -> Hashes:
    """The smallest of some hashes, and maybe more of them.

    Sorting all of a long text would be most of the cost: of evenly spread hashes the smallest are below a bound.
    """
    if len(hashes) < _LONG:
        return hashes
    few = _distinct(hashes[hashes < np.uint64(_TOP // len(hashes) * 2 * SKETCH)])
    return few if len(few) >= SKETCH else hashes


def _distinct(hashes: Hashes) -> Hashes:
    """Each once, ascending: as ``numpy.unique``, which takes five times as long for so few."""
    ordered = np.sort(hashes)
    fresh = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return ordered[fresh]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a text is to another by their sketches."""

    similarity: float = 0.0
    """Of all shingles of both, the share that both have (Jaccard)."""
    held: float = 0.0
    """Of its shingles, the share that the other has."""
    holds: float = 0.0
    """Of the other's shingles, the share that it has."""
    shared: int = 0
    """Of the sampled shingles, those that both have."""
    shared_shingles: int = 0
    """The same of all shingles, estimated."""


def compare(one: Hashes, other: Hashes) -> Likeness:
    """How alike one text is to another; both sketches are cut where the denser one ends."""
    ends = [int(sketch[-1]) for sketch in (one, other) if len(sketch) == SKETCH]
    end = min(ends, default=_TOP)
    if ends:
        one, other = one[one <= np.uint64(end)], other[other <= np.uint64(end)]
    shared = len(np.intersect1d(one, other, assume_unique=True))
    if not shared:
        return Likeness()
    return Likeness(
        similarity=shared / (len(one) + len(other) - shared),
        held=shared / len(one),
        holds=shared / len(other),
        shared=shared,
        shared_shingles=round(shared * _TOP / end),
    )
