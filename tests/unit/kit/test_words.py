"""Counting words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import words
from app.kit.words import count_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("Don't re-read it -- please.", 4),
        ("one--two", 2),
        ("a---b", 2),
        ("He said\u2014no\u2014and left.", 5),
        ("3,000 words, 4.5 stars", 6),
        ("\u65e5\u672c\u8a9e and English\u6df7\u305c", 7),
        ("* * *", 0),
        ("~~~", 0),
        ("- 'tis -", 1),
        ("don\u2019t na\u00efve", 2),
        ("snake_case", 1),
        ("\u4eba\u3005", 2),
        ("\u30e9\u30fc\u30e1\u30f3", 4),
        ("\u304b\u3099", 1),
        ("\u0e01\u0e32", 2),
        ("\u0939\u093f\u0928\u094d\u0926\u0940 \u092e\u0947\u0902", 2),
        ("\u043a\u043e\u0435-\u043a\u0442\u043e \u0438 \u043a\u0442\u043e", 3),
        ("\u0633\u0644\u0627\u0645 \u0639\u0644\u06cc\u06a9\u0645", 2),
        ("soft\u00adhyphen non\u2011breaking", 2),
        ("\U00020000\U00020001", 2),
        ("\U0001f495 \u2026 \u2019 - --", 0),
    ],
)
def test_words(text: str, expected: int) -> None:
    assert count_words(text) == expected


_WESTERN = "ab_9'-\u2019\u00ad \u2014.\u201c\u00e9\u00df\u00bd\u00a0\n"


@given(st.text(alphabet=_WESTERN))
def test_the_table_for_western_text_counts_as_the_pattern_does(text: str) -> None:
    by_pattern = sum(1 for _ in words._WORD.finditer(text))
    assert count_words(text) == by_pattern


@given(st.text(), st.text())
def test_parts_add_up(first: str, second: str) -> None:
    assert count_words(f"{first}\n{second}") == count_words(first) + count_words(second)


@pytest.mark.parametrize("unit", ["-", "'", "a-", "\u0436-", "\u0436'", "\u0301", "\u3042\u3099", "\u0e01", "\u2011"])
def test_counting_is_linear(unit: str) -> None:
    """With the square of the length this would take hours, and every test here has a time limit."""
    assert count_words(unit * 1_000_000) <= 1_000_000
