"""Counting words, the archive's way.

Each Han, Hiragana, Katakana and Thai character is one word (by Unicode script, see :mod:`app.kit.scripts`);
each run of other letters, marks, digits or underscores is one; apostrophes and hyphens join; two hyphens
are a dash and part. So U+3005 counts for itself, being Han, while the prolonged sound mark U+30FC is of no
one script and counts as the letters between it and the next character do.
"""

from __future__ import annotations

import re

import numpy as np

from app.kit.scripts import HAN, HIRAGANA, KATAKANA, MARKS, THAI

_SINGLE = HAN + HIRAGANA + KATAKANA + THAI
# Marks without a script of their own go with the letter they stand on.
_RIDERS = r"\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Apostrophes, hyphens (also the soft and the non-breaking one) inside a word.
_JOINERS = "'\u2019\u00ad\u2010\u2011"

# The lookahead keeps single-word characters out of runs; common letters are tried first.
_COMMON = r"0-9A-Za-z_\u00d8-\u00f6\u00f8-\u02af\u0388-\u03ce\u0400-\u0481\u048a-\u052f"
_REST = rf"(?:[{_COMMON}{_JOINERS}]|-(?!-)|(?![{_SINGLE}\x00-\x7f])(?:\w|[{MARKS}]))*+"
_WORD = re.compile(rf"[{_COMMON}]{_REST}|[{_SINGLE}][{_RIDERS}]*+|(?:\w|[{MARKS}]){_REST}")

# Western prose needs no pattern: in Windows-1252 a table shows which bytes are letters and which join.
_CODE_PAGE = "cp1252"
_JOINING_BYTES = b"'-\x92\xad"
_LETTER = ord("x")


def _byte_table() -> bytes:
    table = bytearray(b" " * 256)
    for byte in range(256):
        character = bytes([byte]).decode(_CODE_PAGE, "ignore")
        if character == "_" or character.isalnum():
            table[byte] = _LETTER
    return bytes(table)


_AS_LETTERS = _byte_table()


def count_words(text: str) -> int:
    """Count the words of plain text (of one block, or of several parted by line breaks)."""
    try:
        # The codec of a code page looks at each character, that of ASCII copies.
        western = text.encode("ascii" if text.isascii() else _CODE_PAGE)
    except UnicodeEncodeError:
        return sum(1 for _ in _WORD.finditer(text))
    shown = western.replace(b"--", b" ").translate(_AS_LETTERS, _JOINING_BYTES)
    is_letter = np.frombuffer(shown, np.uint8) == _LETTER
    # A word begins where a letter follows something else.
    return int(np.count_nonzero(is_letter[1:] > is_letter[:-1])) + shown.startswith(b"x")


def words_of(text: str) -> list[str]:
    """The words that :func:`count_words` counts."""
    return _WORD.findall(text)
