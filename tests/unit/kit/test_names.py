"""Relationship names and closed words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.names import (
    CATEGORIES,
    RATINGS,
    STATUSES,
    WARNINGS,
    TokenKind,
    parse_ao3_token,
    parse_relationship,
)


@pytest.mark.parametrize(
    ("name", "kind", "members"),
    [
        ("James T. Kirk/Spock", "romantic", ["James T. Kirk", "Spock"]),
        ("A / B/C", "romantic", ["A", "B", "C"]),
        ("A & B", "platonic", ["A", "B"]),
        ("A ~ B", "queerplatonic", ["A", "B"]),
        ("A/B & C", "romantic", ["A", "B", "C"]),
        ("A & B ~ C", "platonic", ["A", "B", "C"]),
        ("Dick (Titans/DC)/Kory (DC & TV)", "romantic", ["Dick (Titans/DC)", "Kory (DC & TV)"]),
        ("A [x/(y/z)]/B", "romantic", ["A [x/(y/z)]", "B"]),
        ("A (x/B", "romantic", ["A (x", "B"]),
        ("A) x/B", "romantic", ["A) x", "B"]),
        ("L\u00e1n Zh\u00e0n | L\u00e1n W\u00e0ngj\u012b/W\u00e8i Y\u012bng", "romantic",
         ["L\u00e1n Zh\u00e0n | L\u00e1n W\u00e0ngj\u012b", "W\u00e8i Y\u012bng"]),
        ("R&B", "other", []),
        ("Minor or Background Relationship(s)", "other", []),
        ("Julian Bashir/", "other", []),
        ("/", "other", []),
        ("", "other", []),
    ],
)  # fmt: skip
def test_relationships(name: str, kind: str, members: list[str]) -> None:
    assert parse_relationship(name) == (kind, members)


@given(st.text(alphabet="ab()[]/&~ |", max_size=60))
def test_any_name_is_parsed(name: str) -> None:
    kind, members = parse_relationship(name)
    assert (kind == "other") == (members == [])
    assert all(member and member in name for member in members)


@pytest.mark.parametrize(
    ("kind", "text", "token"),
    [
        ("rating", "Teen And Up Audiences", "teen"),
        ("rating", "GENERAL AUDIENCES", "general"),
        ("rating", "K+", "general"),
        ("rating", "Fiction  T", "teen"),
        ("rating", "Rated: Fiction M", "mature"),
        ("rating", "MA", "explicit"),
        ("rating", "NC-17", "explicit"),
        ("rating", "NC-21", "explicit"),
        ("rating", "P18-AVL", "explicit"),
        ("rating", "P12", "teen"),
        ("category", "\u0421\u043b\u044d\u0448", "m_m"),
        ("category", "MaleSlash", "m_m"),
        ("status", "fertiggestellt", "complete"),
        ("status", "\u0432 \u043f\u0440\u043e\u0446\u0435\u0441\u0441\u0435", "in_progress"),
        ("rating", "spicy", None),
        ("warning", "Creator Chose Not To Use Archive Warnings", "choose_not_to_warn"),
        ("warning", "Creator Choose Not To Use Archive Warnings", "choose_not_to_warn"),
        ("warning", "Choose Not To Use Archive Warnings", "choose_not_to_warn"),
        ("warning", "No Archive Warnings Apply", "no_warnings_apply"),
        ("warning", "Graphic Depictions Of Violence", "graphic_violence"),
        ("warning", "Rape/Non-Con", "rape_non_con"),
        ("warning", "Underage Sex", "underage"),
        ("category", "M/F", "f_m"),
        ("category", "F/M", "f_m"),
        ("category", "M/M", "m_m"),
        ("category", "No category", None),
        ("status", "Completed", "complete"),
        ("status", "In-Progress", "in_progress"),
        ("status", "Updated", "in_progress"),
        ("status", "Hiatus", "hiatus"),
        ("status", "", None),
    ],
)
def test_words_of_other_sites(kind: TokenKind, text: str, token: str | None) -> None:
    assert parse_ao3_token(kind, text) == token


def test_tokens_stand_for_themselves() -> None:
    tokens: dict[TokenKind, tuple[str, ...]] = {
        "rating": RATINGS,
        "warning": WARNINGS,
        "category": CATEGORIES,
        "status": STATUSES,
    }
    for kind, names in tokens.items():
        assert [parse_ao3_token(kind, name) for name in names] == list(names)
        assert parse_ao3_token(kind, names[0].upper()) == names[0]
