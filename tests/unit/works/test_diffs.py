"""Differences of two texts of a chapter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.kit.html import count_html_words
from app.works.diffs import Piece, diff, words_changed

PARAGRAPHS = st.lists(st.sampled_from(["one", "two words", "three little words", "日本語"]), max_size=8)


def html(paragraphs: list[str]) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def test_a_changed_paragraph_goes_and_comes() -> None:
    assert diff("<p>a</p><p>b</p><p>c</p>", "<p>a</p><p>B</p><p>c</p>") == [
        Piece("equal", "a"), Piece("delete", "b"), Piece("insert", "B"), Piece("equal", "c"),
    ]  # fmt: skip


def test_very_many_paragraphs_are_one_change() -> None:
    pieces = diff(html([f"a{n}" for n in range(3000)]), html([f"b{n}" for n in range(3000)]))
    assert [piece.op for piece in pieces] == ["delete"] * 3000 + ["insert"] * 3000


@given(PARAGRAPHS, PARAGRAPHS)
def test_both_texts_can_be_read_off_their_difference(before: list[str], after: list[str]) -> None:
    pieces = diff(html(before), html(after))
    assert [piece.text for piece in pieces if piece.op != "insert"] == before
    assert [piece.text for piece in pieces if piece.op != "delete"] == after


@given(PARAGRAPHS, PARAGRAPHS)
def test_words_that_came_and_went_are_the_difference_of_the_counts(before: list[str], after: list[str]) -> None:
    came, went = words_changed(html(before), html(after))
    assert came - went == count_html_words(html(after)) - count_html_words(html(before))
    assert words_changed(html(before), html(before)) == (0, 0)
