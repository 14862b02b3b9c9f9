"""Filling templates: choices, slots, gender, and what articles grow together with."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.grammar import Noun, fill, noun, with_articles

CHANCE = Random(1)  # noqa: S311  (chance is not for secrets)
SLOTS = {
    "A": Noun("Ines", "f"),
    "place": noun("el molino"),
    "faro": noun("le phare"),
    "thing": noun("brass key"),
    "isla": noun("Irene|f"),
}


@pytest.mark.parametrize(
    ("language", "template", "filled"),
    [
        ("en", "{A} lost {A:his|her} {thing}.", "Ines lost her brass key."),
        ("en", "{Thing}!", "Brass key!"),
        ("es", "De {place} a {place}", "Del molino al molino"),
        ("es", "Juan y {isla}", "Juan e Irene"),
        ("fr", "la main de~{A}, près de~{faro}", "la main d'Ines, près du phare"),
        ("fr", "la main de~{faro}", "la main du phare"),
        ("ja", "{A}は{thing}を", "Inesはbrass keyを"),
    ],
)
def test_fills(language: str, template: str, filled: str) -> None:
    assert fill(template, SLOTS, CHANCE, language) == filled


@given(st.randoms(use_true_random=False))
def test_a_choice_is_one_of_its_parts(rng: Random) -> None:
    assert fill("[one|two|{thing}]", SLOTS, rng, "en") in {"one", "two", "brass key"}


def test_an_unknown_slot_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("{nothing}", SLOTS, CHANCE, "en")


@pytest.mark.parametrize(
    ("entry", "language", "definite", "indefinite"),
    [
        ("iron ring", "en", "the iron ring", "an iron ring"),
        ("brass key", "en", "the brass key", "a brass key"),
        ("llave|f", "es", "la llave", "una llave"),
        ("anneau", "fr", "l'anneau", "un anneau"),
        ("鈴", "ja", "鈴", "鈴"),
    ],
)
def test_articles(entry: str, language: str, definite: str, indefinite: str) -> None:
    _, found, other = with_articles(entry, language)
    assert (found.text, other.text) == (definite, indefinite)
