"""Sketches: the same text in another dress, texts that have nothing to do with one another, and what is estimated."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.html import clean_html, text_to_html
from app.kit.shingles import FEWEST, SKETCH, Hashes, compare, letters, sketch_of
from tests.prose import edited, html, prose


def sketch(*texts: str) -> Hashes:
    return sketch_of(html(text) for text in texts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“It’s late — too late…”", '"It\'s late -- too late..."'),
        ("Café, naïve", "cafe, NAIVE"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("the first ﬁnal o\u00adffice", "the ﬁrst final office"),
        ("straße", "STRASSE"),
        ("Ёлка и йод", "елка и иод"),
        ("日本語、です。", "日本語です"),
        ("カ\u3099", "ガ"),
        ("2² = ④", "22=4"),
        ("a\u200bb\ufeff_c\n\td", "abcd"),
    ],
)
def test_what_is_the_same_to_readers_has_the_same_letters(one: str, other: str) -> None:
    assert letters(one) == letters(other) != b""


def test_the_quick_way_and_the_careful_way_agree() -> None:
    western = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(32, 256))
    assert letters(western) + letters("ж") == letters(western + "ж")


def _dressed(word: str, rng: random.Random) -> str:
    before = rng.choice((" ", "&nbsp;", " — ", "\n", ", ”", "<br>", "</p><hr><h2>…</h2><p>"))
    return before + rng.choice((word, word.upper(), f"<em>{word}</em>", f'<a href="https://example.org/">{word}</a>'))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(60, 400), st.randoms(use_true_random=False))
def test_the_same_text_with_other_markup_is_the_same(seed: int, words: int, rng: random.Random) -> None:
    text = prose(seed, words)
    dressed = "".join(_dressed(word, rng) for word in text.split())
    assert sketch_of([clean_html(dressed)]).tolist() == sketch(text).tolist()
    assert compare(sketch(text), sketch_of([text_to_html(text.replace("\n\n", "\n"))])).similarity == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(60, 3_000), st.integers(60, 3_000))
def test_texts_that_have_nothing_in_common_share_next_to_nothing(seed: int, first: int, second: int) -> None:
    assert compare(sketch(prose(seed, first)), sketch(prose(f"other {seed}", second))).shared <= 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 0.9))
def test_a_part_of_a_text_is_found_in_the_whole(seed: int, share: float) -> None:
    chapters = [prose(f"{seed} {number}", 300) for number in range(10)]
    count = max(1, round(share * 10))
    part, whole = sketch(*chapters[:count]), sketch(*chapters)
    found = compare(part, whole)
    assert found.held > 0.9
    assert abs(found.similarity - count / 10) < 0.2
    there = compare(whole, part)
    assert (there.held, there.holds, there.similarity) == (found.holds, found.held, found.similarity)


def test_an_estimate_is_near_what_is_true() -> None:
    text = prose(1, 4_000)
    letters_of = [letters(html(one)) for one in (text, edited(text, 0.05))]
    true = [{one[at : at + 32] for at in range(len(one) - 31)} for one in letters_of]
    found = compare(sketch(text), sketch(edited(text, 0.05)))
    assert found.similarity == pytest.approx(len(true[0] & true[1]) / len(true[0] | true[1]), abs=0.1)
    assert found.shared_shingles == pytest.approx(len(true[0] & true[1]), rel=0.25)


def test_hardly_any_text_is_no_text() -> None:
    assert not len(sketch("This story was taken down."))
    assert not len(sketch("All alone. " * 2_000))
    assert not len(sketch_of([]))
    assert FEWEST < len(sketch(prose(1, 60))) < len(sketch(prose(1, 90))) == SKETCH


def test_what_comes_again_and_again_hides_nothing() -> None:
    """The bound below which the smallest hashes lie is found for texts that do not repeat themselves."""
    verse = prose(5, 100)
    assert sketch(*[verse] * 200).tolist() == sketch(verse).tolist()
    together = sketch(" ".join([verse] * 200))
    assert compare(together, sketch(verse)).holds > 0.9
