"""Names, titles and plain text: one spelling to keep, one to compare, one to search, one to sort by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from heapq import nsmallest
from itertools import islice

from app.kit.scripts import ACCENTS

TAG_NAME_LIMIT = 150
"""The longest tag name, in characters after normalisation."""

_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_ACCENT = re.compile(f"[{ACCENTS}]+")
_BIDI_OVERRIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")
_DIGITS = re.compile(r"\d+")
_LEADING_PUNCTUATION = re.compile(r"[\W_]+")
_ARTICLE = re.compile(r"(?:an?|the)\s+(?=\S)")
_NUMBER_WIDTH = 12

# Letters by category, yet nothing is drawn for them: Hangul fillers and the empty Braille cell.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Cn", "Co"})

_SUGGESTION_POOL = 50_000
_SUGGESTION_TRIES = 2_000
_SUGGESTION_LENGTH = 100


class BadName(ValueError):
    """A name that cannot be kept; ``code`` is stable, ``detail`` is for people.

    Codes: ``name-empty``, ``name-too-long``, ``name-control-character``, ``name-invisible``.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def collapse(s: str) -> str:
    """Return ``s`` in NFC, trimmed, with each inner run of white space as one space."""
    joined = " ".join(s.split())
    return joined if joined.isascii() else unicodedata.normalize("NFC", joined)


def name_key(s: str) -> str:
    """Return what makes two names of one type the same: NFKC and case-fold of the collapsed name.

    Accents and emoji stay distinct: ``AMÉLIE`` has the key of ``Amélie``, ``amelie`` has not.
    """
    # To look an ASCII name up among many takes longer than to fold it.
    return " ".join(s.split()).casefold() if s.isascii() else _name_key(s)


# Names follow Zipf: most of those in an import were met before.
@lru_cache(maxsize=65_536)
def _name_key(s: str) -> str:
    # Twice, since folding the case can leave what NFKC would join again (Unicode, toNFKC_Casefold).
    folded = unicodedata.normalize("NFKC", s).casefold()
    folded = unicodedata.normalize("NFKC", folded).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def fold(s: str) -> str:
    """Return ``s`` as the search compares it: NFKC, case-folded, without accents.

    Japanese voicing marks and the vowel signs of Indic scripts and Thai are kept: there they are letters.
    """
    if s.isascii():
        return s.lower()
    folded = unicodedata.normalize("NFKC", s).casefold()
    folded = unicodedata.normalize("NFKD", folded).casefold()
    return unicodedata.normalize("NFC", _ACCENT.sub("", folded))


def find_bad_character(s: str) -> tuple[int, str] | None:
    r"""Return offset and name of the first character no text may hold, or None.

    Those are NUL, the C0 and C1 controls but tab, line feed and carriage return, and lone surrogates.
    """
    found = _BAD.search(s)
    if found is None:
        return None
    point = ord(found[0])
    if point == 0:
        return found.start(), "NUL"
    if point >= 0xD800:  # noqa: PLR2004  (the first surrogate)
        return found.start(), f"lone surrogate U+{point:04X}"
    return found.start(), f"control character U+{point:04X}"


def check_tag_name(name: str) -> str:
    """Return a tag's name as it is kept: collapsed and without bidirectional overrides.

    Commas and slashes are legal. Raises :class:`BadName` for an empty name, one over 150 characters,
    one with control characters and one of which nothing can be seen.
    """
    if name.isascii() and name.isprintable() and name and len(name) <= TAG_NAME_LIMIT:
        return " ".join(name.split()) or _checked_tag_name(name)
    return _checked_tag_name(name)


@lru_cache(maxsize=65_536)
def _checked_tag_name(name: str) -> str:
    bad = find_bad_character(name)
    if bad is not None:
        raise BadName("name-control-character", f"The name holds {bad[1]} at offset {bad[0]}.")
    if not name.isascii():
        name = _BIDI_OVERRIDE.sub("", name)
    kept = collapse(name)
    if not kept:
        raise BadName("name-empty", "The name is empty.")
    if len(kept) > TAG_NAME_LIMIT:
        raise BadName("name-too-long", f"The name has {len(kept)} characters; the limit is {TAG_NAME_LIMIT}.")
    if not kept.isascii() and all(_is_unseen(character) for character in kept):
        raise BadName("name-invisible", "The name holds only characters that cannot be seen.")
    return kept


def _is_unseen(character: str) -> bool:
    return character in _BLANKS or unicodedata.category(character) in _UNSEEN


def title_sort_key(s: str) -> str:
    """Return the key that sorts a title: folded, without leading punctuation and a, an, the.

    Numerals compare by value (``2`` before ``10``). A title of punctuation alone keeps it.
    """
    folded = " ".join(fold(s).split())
    bare = _LEADING_PUNCTUATION.sub("", folded, count=1) if _starts_bare(folded) else folded
    without = _ARTICLE.sub("", bare, count=1) if _ARTICLE.match(bare) else bare
    if _starts_bare(without):
        without = _LEADING_PUNCTUATION.sub("", without, count=1)
    return _DIGITS.sub(_pad_number, without or bare or folded)


def _starts_bare(s: str) -> bool:
    return _LEADING_PUNCTUATION.match(s) is not None


def _pad_number(found: re.Match[str]) -> str:
    digits = found[0]
    if not digits.isascii():
        digits = "".join(str(unicodedata.digit(digit)) for digit in digits)
    return digits.lstrip("0").zfill(_NUMBER_WIDTH)


def nearest(word: str, candidates: Iterable[str], n: int = 1) -> list[str]:
    """Return up to ``n`` candidates that ``word`` may be a misspelling of, best first.

    Compared folded, with at most one edit for every four characters (at least one, at most four). The cost
    is bounded: the first 50,000 candidates are looked at, of which the 2,000 of likest letters are measured.
    """
    target = fold(word)[:_SUGGESTION_LENGTH]
    if not target:
        return []
    reach = min(1 + len(target) // 4, 4)
    letters = frozenset(target)
    pool: list[tuple[int, int, str, str]] = []
    for place, candidate in enumerate(islice(candidates, _SUGGESTION_POOL)):
        if abs(len(candidate) - len(target)) > reach:
            continue
        other = fold(candidate)
        unshared = len(letters.symmetric_difference(other))
        if unshared <= 2 * reach:
            pool.append((unshared, place, candidate, other))
    scored = (
        (_edits(target, other, reach), place, candidate)
        for _, place, candidate, other in nsmallest(_SUGGESTION_TRIES, pool)
    )
    return [name for _, _, name in nsmallest(n, (entry for entry in scored if entry[0] <= reach))]


def _edits(a: str, b: str, reach: int) -> int:
    """Count edits from ``a`` to ``b``, swapped neighbours as one; over ``reach`` is ``reach + 1``."""
    if a == b:
        return 0
    far = reach + 1
    before: list[int] = []
    row = [min(column, far) for column in range(len(b) + 1)]
    for i, letter in enumerate(a, 1):
        low, high = max(1, i - reach), min(len(b), i + reach)
        fresh = [far] * (len(b) + 1)
        fresh[0] = min(i, far)
        for j in range(low, high + 1):
            cost = min(row[j] + 1, fresh[j - 1] + 1, row[j - 1] + (letter != b[j - 1]))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == b[j - 1]:
                cost = min(cost, before[j - 2] + 1)
            fresh[j] = min(cost, far)
        if min(fresh[low - 1 : high + 1], default=far) > reach:
            return far
        before, row = row, fresh
    return row[len(b)]
