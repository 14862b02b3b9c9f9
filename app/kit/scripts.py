"""Classes of characters, by the Unicode character database, as the inside of a ``[...]`` in a pattern.

Scripts are those of Unicode's ``Scripts.txt`` (UAX #24). So the iteration mark U+3005 is Han, while the
prolonged sound mark U+30FC, shared by Hiragana and Katakana, is of script Common and a plain letter here.
Ranges over whole ideograph planes hold unassigned code points too: those never occur in real text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

HAN = (
    r"\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufa6d\ufa70-\ufad9"
    r"\U00016fe2\U00016fe3\U00016ff0\U00016ff1\U00020000-\U0002fa1d\U00030000-\U0003ffff"
)
HIRAGANA = r"\u3041-\u3096\u309d-\u309f\U0001b001-\U0001b11f\U0001b132\U0001b150-\U0001b152\U0001f200"
KATAKANA = (
    r"\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\u32d0-\u32fe\u3300-\u3357\uff66-\uff6f\uff71-\uff9d"
    r"\U0001aff0-\U0001affe\U0001b000\U0001b120-\U0001b122\U0001b155\U0001b164-\U0001b167"
)
THAI = r"\u0e01-\u0e3a\u0e40-\u0e5b"

# Where the marks of Unicode live; asking about all 1.1 million code points would cost half a second at start.
_MARK_BLOCKS = (
    range(0x0300, 0x1E00),
    range(0x20D0, 0x2100),
    range(0x2CE0, 0x3100),
    range(0xA660, 0xAC00),
    range(0xFB1E, 0xFB1F),
    range(0xFE00, 0xFE30),
    range(0x101F0, 0x12000),
    range(0x13430, 0x13460),
    range(0x16100, 0x16140),
    range(0x16AF0, 0x17000),
    range(0x1BC90, 0x1BCB0),
    range(0x1CF00, 0x1D250),
    range(0x1DA00, 0x1EA00),
    range(0xE0100, 0xE01F0),
)


def _as_class(points: Iterable[int]) -> str:
    """Join ascending code points into ranges, written as escapes."""
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)


def _marks(wanted: Callable[[str], bool]) -> str:
    return _as_class(
        point
        for block in _MARK_BLOCKS
        for point in block
        if unicodedata.category(chr(point))[0] == "M" and wanted(chr(point))
    )


def _is_accent(character: str) -> bool:
    """Tell a mark that decorates a letter from one that spells a sound of its own.

    By combining class: 10 to 36 are Hebrew and Arabic points, 200 and over the marks above and below.
    Kana voicing (8), viramas (9), nuktas (7) and the vowel and tone signs of Indic scripts and Thai stay.
    """
    order = unicodedata.combining(character)
    return 10 <= order <= 36 or order >= 200  # noqa: PLR2004  (combining classes, named above)


MARKS = _marks(lambda _character: True)
"""All marks (general categories Mn, Mc and Me)."""

ACCENTS = _marks(_is_accent)
"""The marks that a search may ignore."""
