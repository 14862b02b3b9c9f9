"""Query parameters: strict, and clear about what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.schemas import ISSUE_TOKEN
from app.errors import Invalid
from app.search.parameters import WORKS, WORKS_SEARCH


def parse(query: str) -> dict[str, Any]:
    return WORKS.parse(query.encode())


def problem(query: str) -> tuple[str | None, str, str | None]:
    with pytest.raises(Invalid) as caught:
        parse(query)
    found = caught.value.errors[0]
    return found.parameter, found.code, found.suggestion


def test_reads_every_kind() -> None:
    given_ = parse(
        "fandom=Star+Trek&fandom=A%26B&limit=5&crossover=true&rating=Teen+And+Up+Audiences&facets=rating,fandom"
    )
    assert given_ == {
        "fandom": ["Star Trek", "A&B"],
        "limit": 5,
        "crossover": True,
        "rating": ["teen"],
        "facets": ("rating", "fandom"),
    }


def test_a_number_beyond_the_largest_is_told_the_range() -> None:
    for query, most in (("words_min=9223372036854775808", "9223372036854775807"), ("limit=101", "100")):
        with pytest.raises(Invalid) as caught:
            parse(query)
        assert caught.value.errors[0].detail.endswith(f" to {most}.")


def test_an_empty_array_is_not_what_is_needed() -> None:
    with pytest.raises(Invalid) as caught:
        ISSUE_TOKEN.parse_json({"name": "nightly", "scopes": []})
    assert (caught.value.errors[0].pointer, caught.value.errors[0].code) == ("/scopes", "missing")


@pytest.mark.parametrize("category", ["M/M", "m/m", "m_m"])
def test_tokens_also_by_the_names_that_people_know(category: str) -> None:
    assert parse(f"category={category}") == {"category": ["m_m"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("charcter=x", ("charcter", "unknown-parameter", "character")),
        ("page=0", ("page", "out-of-range", None)),
        ("page=-1", ("page", "out-of-range", None)),
        ("page=abc", ("page", "not-an-integer", None)),
        ("page=1000000000000", ("page", "out-of-range", None)),
        ("limit=0", ("limit", "out-of-range", None)),
        ("limit=1000000000", ("limit", "out-of-range", None)),
        ("limit=1e3", ("limit", "not-an-integer", None)),
        ("limit=%D9%A1", ("limit", "not-an-integer", None)),
        ("words_min=abc", ("words_min", "not-an-integer", None)),
        ("fandom_id=9223372036854775808", ("fandom_id", "out-of-range", None)),
        ("crossover=yes", ("crossover", "not-a-boolean", None)),
        ("sort=kudo", ("sort", "bad-value", "kudos")),
        ("rating=fluffy", ("rating", "bad-value", None)),
        ("rating=K", ("rating", "bad-value", None)),
        ("category=slash", ("category", "bad-value", None)),
        ("limit=1&limit=2", ("limit", "repeated-parameter", None)),
        ("q=%00", ("q", "bad-character", None)),
        ("q=%ff", ("q", "bad-encoding", None)),
        ("q=%ed%a0%80", ("q", "bad-encoding", None)),
        ("q=", ("q", "empty", None)),
        ("fandom=" + "x" * 301, ("fandom", "too-long", None)),
        ("published_after=99999-01-01", ("published_after", "bad-value", None)),
        ("published_after=0000-01-01", ("published_after", "bad-value", None)),
        ("facets=rating,colour", ("facets", "bad-value", None)),
        ("language=klingonese", ("language", "bad-value", None)),
    ],
)
def test_says_what_is_wrong(query: str, expected: tuple[str | None, str, str | None]) -> None:
    parameter, code, suggestion = problem(query)
    assert (parameter, code) == expected[:2]
    if expected[2]:
        assert suggestion == expected[2]


def test_says_all_that_is_wrong_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        parse("limit=0&page=x&nope=1")
    assert [found.parameter for found in caught.value.errors] == ["limit", "page", "nope"]


@given(st.binary(max_size=80))
def test_any_query_string_is_read_or_refused(query: bytes) -> None:
    try:
        WORKS.parse(query)
    except Invalid as error:
        assert error.errors


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(sorted(WORKS_SEARCH.by_name)) | st.text(max_size=8), json_values, max_size=4))
def test_any_json_is_read_or_refused(body: dict[str, Any]) -> None:
    try:
        WORKS_SEARCH.parse_json(body)
    except Invalid as error:
        assert all(found.pointer is not None for found in error.errors)
