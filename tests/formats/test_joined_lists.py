"""Lists that were joined with commas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.joined_lists import cut


@pytest.mark.parametrize(
    ("text", "known", "values", "doubtful"),
    [
        ("", (), [], False),
        ("One", (), ["One"], False),
        ("One, Two,Three", (), ["One", "Two,Three"], False),
        ("X, B, X", (), ["X", "B"], False),
        ("Good, Bad, and Ugly, X", ("Good, Bad, and Ugly", "X"), ["Good, Bad, and Ugly", "X"], False),
        ("A & B, C", ("A &amp; B, C",), ["A & B, C"], False),
        ("Fox (red, old), Crow", (), ["Fox (red, old)", "Crow"], True),
        ("Fox :(, Crow", (), ["Fox :(", "Crow"], False),
        ("Avengers, The, Fables", (), ["Avengers", "The", "Fables"], True),
        ("Fox, Jr., Crow", ("Fox, Jr.", "Crow"), ["Fox, Jr.", "Crow"], False),
    ],
)
def test_cut(text: str, known: tuple[str, ...], values: list[str], doubtful: bool) -> None:  # noqa: FBT001
    assert cut(text, known) == (values, doubtful)


def test_where_no_value_has_a_comma_nothing_is_doubtful() -> None:
    assert cut("Fox (red, old), The", plain=True) == (["Fox (red", "old)", "The"], False)


@given(st.lists(st.text(st.sampled_from("ab, ()"), min_size=1, max_size=6).map(str.strip).filter(bool), max_size=8))
def test_nothing_is_lost(values: list[str]) -> None:
    text = ", ".join(values)
    found, _ = cut(text, values)
    assert {letter for one in found for letter in one if letter in "ab"} == {c for c in text if c in "ab"}


@pytest.mark.no_cover
def test_it_takes_linear_time() -> None:
    # Quadratic, each would take minutes, which the limit on every test ends.
    cut("(, " * 100_000, ["x"])
    cut("a, " * 100_000, [f"a, {n}" for n in range(1_000)])
