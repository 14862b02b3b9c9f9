"""Analysis: the same terms for the index and for queries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.search.analysis import (
    analysed,
    analysed_and_stemmed,
    stem,
    terms,
    western_words,
    words_by_pattern,
)


def test_words_are_folded() -> None:
    assert terms("Don’t re-read Café ÉLAN 3,000") == ["dont", "re", "read", "cafe", "elan", "3", "000"]


def test_scripts_without_spaces_become_pairs() -> None:
    assert terms("日本語") == ["日本", "本語"]
    assert analysed("日本語") == "日本 本語 語"
    assert terms("ガギ") == ["ガギ"]  # voicing is a letter, not an accent
    assert terms("我love你") == ["我", "love", "你"]


def test_stems_by_language() -> None:
    assert analysed_and_stemmed("Running foxes", "en") == ("running foxes", "run fox")
    assert stem("caminando", "es") == stem("caminar", "es")
    assert analysed_and_stemmed("Running", "xx") == ("running", "running")
    assert stem("running", "en-GB") == "run"


def test_words_behind_an_elision_are_found_by_themselves() -> None:
    for text, language, word in (
        ("dans l'été", "fr", "été"), ("Jusqu’à l’aube", "fr-CA", "aube"), ("qu'elle", "fr", "elle"),
        ("dell'amore", "it", "amore"), ("l'aigua d'abril", "ca", "abril"),
    ):  # fmt: skip
        plain, stems = analysed_and_stemmed(text, language)
        assert stem(terms(word)[0], language) in stems.split()
        assert set(stems.split()) >= {stem(one, language) for one in plain.split()}
    assert analysed_and_stemmed("aujourd'hui", "fr")[1] == stem("aujourdhui", "fr")
    assert analysed_and_stemmed("d'Artagnan", "en")[1] == stem("dartagnan", "en")


WESTERN = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(256))


@given(st.text(st.sampled_from([*WESTERN, "ʼ", "ω", "雨", "\u0301", "\u200d"])))
def test_the_table_for_western_letters_gives_what_the_pattern_gives(text: str) -> None:
    found = western_words(text)
    assert found is None or found == words_by_pattern(text, whole_runs=True)


def test_western_prose_needs_no_pattern() -> None:
    for text in ("Don’t “stop” — now…", "Straße, œuvre, Ærø, cœur, ÞÓRR", "Ça va\xa0? 3 €"):
        assert western_words(text) == words_by_pattern(text, whole_runs=True)
    assert western_words("雨 rain") is None


@given(st.text())
def test_what_is_asked_stands_in_the_index(text: str) -> None:
    assert set(terms(text)) <= set(analysed(text).split())


@given(st.text(), st.text())
def test_a_space_separates(left: str, right: str) -> None:
    assert terms(f"{left} {right}") == terms(left) + terms(right)
