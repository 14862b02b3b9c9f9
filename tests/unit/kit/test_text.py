"""Names, titles and plain text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.text import (
    BadName,
    check_tag_name,
    collapse,
    find_bad_character,
    fold,
    name_key,
    nearest,
    title_sort_key,
)


def test_white_space_is_trimmed_and_collapsed() -> None:
    assert collapse("  Star \t\n  Trek\u3000") == "Star Trek"
    assert collapse("Ame\u0301lie") == "Am\u00e9lie"


@given(st.text())
def test_collapsing_and_keys_are_stable(s: str) -> None:
    assert collapse(collapse(s)) == collapse(s)
    assert name_key(name_key(s)) == name_key(s)
    assert name_key(collapse(s)) == name_key(s)
    assert fold(fold(s)) == fold(s)


def test_a_name_is_the_same_in_any_case_but_not_without_its_accents() -> None:
    assert name_key("Am\u00e9lie") == name_key("AM\u00c9LIE") == name_key(" Ame\u0301lie ")
    assert name_key("Am\u00e9lie") != name_key("Amelie")
    assert name_key("\U0001f495 Luck") != name_key("Luck")
    assert name_key("\uff21\uff22") == "ab"


def test_the_search_form_drops_accents_but_no_letters() -> None:
    assert fold("Am\u00c9lie Gro\u00dfe") == "amelie grosse"
    assert fold("\u30ac\u3079") == "\u30ac\u3079", "kana keep their voicing"
    assert fold("\u304b\u3099") == "\u304c"
    assert fold("\uff76\uff9e") == "\u30ac"
    assert fold("\u0939\u093f\u0928\u094d\u0926\u0940") == "\u0939\u093f\u0928\u094d\u0926\u0940"
    assert fold("\uac00\ub098") == "\uac00\ub098"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\r\nc", None),
        ("ab\x00", (2, "NUL")),
        ("\x07", (0, "control character U+0007")),
        ("x\x85", (1, "control character U+0085")),
        ("x\ud800", (1, "lone surrogate U+D800")),
        ("\U0001f495", None),
    ],
)
def test_bad_characters_are_found(text: str, expected: tuple[int, str] | None) -> None:
    assert find_bad_character(text) == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name-empty"),
        (" \u3000 ", "name-empty"),
        ("\u202e", "name-empty"),
        ("x" * 151, "name-too-long"),
        ("a\x1fb", "name-control-character"),
        ("a\ud83d", "name-control-character"),
        ("\u200b\u200d", "name-invisible"),
        ("\u3164", "name-invisible"),
    ],
)
def test_names_that_cannot_be_kept(name: str, code: str) -> None:
    with pytest.raises(BadName) as caught:
        check_tag_name(name)
    assert caught.value.code == code
    assert caught.value.detail


def test_names_that_can() -> None:
    assert check_tag_name("  K/S,  or & ~ | ") == "K/S, or & ~ |"
    assert check_tag_name("x" * 150) == "x" * 150
    assert check_tag_name("a\u202eb\u2066c") == "abc"
    assert check_tag_name("\U0001f468\u200d\U0001f469") == "\U0001f468\u200d\U0001f469"


@given(st.text(max_size=170))
def test_a_kept_name_is_kept_as_it_is(name: str) -> None:
    try:
        kept = check_tag_name(name)
    except BadName:
        return
    assert check_tag_name(kept) == kept
    assert 1 <= len(kept) <= 150
    assert unicodedata.is_normalized("NFC", kept)


def test_titles_sort_without_articles_and_punctuation() -> None:
    titles = ["The Zebra", "an Apple", "'Bees'", "Cat", "\u201cThe 'Dog'\u201d", "\u00c9clair"]
    expected = ["an Apple", "'Bees'", "Cat", "\u201cThe 'Dog'\u201d", "\u00c9clair", "The Zebra"]
    assert sorted(titles, key=title_sort_key) == expected


def test_numerals_sort_by_value() -> None:
    titles = ["Chapter 10", "Chapter 9", "Chapter 007", "Chapter \u0663"]
    assert sorted(titles, key=title_sort_key) == ["Chapter \u0663", "Chapter 007", "Chapter 9", "Chapter 10"]
    assert title_sort_key("1" * 5000) == "1" * 5000


@pytest.mark.parametrize("title", ["The", "A", "---", "...!", "\U0001f495", "\u05d0", "the  "])
def test_no_title_sorts_as_nothing(title: str) -> None:
    assert title_sort_key(title)


@given(st.text())
def test_any_title_has_a_sort_key(title: str) -> None:
    assert bool(title_sort_key(title)) == bool(fold(title).strip())


def test_suggestions() -> None:
    names = ["Naruto", "Narnia", "Star Trek", "Nart"]
    assert nearest("naurto", names) == ["Naruto"]
    assert nearest("Narut", names, 2) == ["Naruto", "Nart"]
    assert nearest("Harry Potter", names) == []
    assert nearest("", names) == []
    assert nearest("Am\u00e9lie", ["amelie"]) == ["amelie"]


def test_suggestions_stay_cheap() -> None:
    """A thousand million names would outlast the time limit that every test here has."""
    assert nearest("ab" * 5000, ("ba" * 50 + str(n % 7) for n in range(10**9))) == ["ba" * 50 + "0"]
