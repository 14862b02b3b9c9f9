"""Names to choose from, and lists of tags by name: what is typed finds what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from app.tags.acts import Act
from tests.conftest import TestArchive
from tests.writing import member, operator


def work(title: str, **members: Any) -> dict[str, Any]:
    return {"title": title, "key": title, "fandoms": ["Test"], "language": "en"} | members


def names(archive: TestArchive, q: str, **params: Any) -> list[str]:
    return [item["name"] for item in archive.get("/v1/tags/autocomplete", q=q, **params)["items"]]


def listed(archive: TestArchive, q: str, **params: Any) -> list[str]:
    return [item["name"] for item in archive.get("/v1/tags", q=q, **params)["items"]]


def canonical(archive: TestArchive, kind: str, *wanted: str, **members: Any) -> list[int]:
    ids = [archive.tag(name, kind) for name in wanted]
    archive.wrangle(*(Act(one, canonical=True, **members) for one in ids))
    return ids


def test_canonical_names_are_offered_by_type(archive: TestArchive) -> None:
    archive.add(work("w", freeforms=["Coffee Shop", "Coffee Spill"], characters=["Coffey"]))
    canonical(archive, "freeform", "Coffee Shop")
    canonical(archive, "character", "Coffey")
    assert names(archive, "coff", type="freeform") == ["Coffee Shop"]
    assert sorted(names(archive, "coff")) == ["Coffee Shop", "Coffey"]
    assert names(archive, "spill") == ["Coffee Spill"]


def test_words_in_any_order_case_and_accents_do_not_matter(archive: TestArchive) -> None:
    archive.add(work("w", characters=["Amélie Poulain", "Uchiha Sasuke", "Åsa Ångström"]))
    canonical(archive, "character", "Amélie Poulain", "Uchiha Sasuke", "Åsa Ångström")
    for q in ("amelie", "AMÉL", "poul amel", "Poulain, Amélie"):
        assert names(archive, q) == listed(archive, q) == ["Amélie Poulain"], q
    assert names(archive, "sasuke uchi") == ["Uchiha Sasuke"]
    assert names(archive, "angstrom") == ["Åsa Ångström"]


@pytest.mark.parametrize("q", ["sasukr", "sasku", "ssasuke", "sasuk", "uchiah", "наурто", "naruot"])
def test_one_typo_is_forgiven_from_five_letters_on(archive: TestArchive, q: str) -> None:
    archive.add(work("w", characters=["Uchiha Sasuke", "Наруто", "Uzumaki Naruto"]))
    canonical(archive, "character", "Uchiha Sasuke", "Наруто", "Uzumaki Naruto")
    expected = {"наурто": "Наруто", "naruot": "Uzumaki Naruto"}.get(q, "Uchiha Sasuke")
    assert names(archive, q) == listed(archive, q) == [expected]


@pytest.mark.parametrize("q", ["saek", "sask", "xasuka"])
def test_no_more_is_forgiven(archive: TestArchive, q: str) -> None:
    archive.add(work("w", characters=["Uchiha Sasuke"]))
    canonical(archive, "character", "Uchiha Sasuke")
    assert names(archive, q) == listed(archive, q) == []


def test_what_was_typed_comes_before_what_may_have_been_meant(archive: TestArchive) -> None:
    archive.add(work("1", characters=["Hermione"]), *(work(str(n), characters=["Harmione"]) for n in range(2, 6)))
    canonical(archive, "character", "Hermione", "Harmione")
    assert names(archive, "hermio") == ["Hermione", "Harmione"]


def test_a_synonym_answers_with_its_canonical(archive: TestArchive) -> None:
    archive.add(work("w", relationships=["SasuNaru"]), work("v", relationships=["SasuNaru"]))
    target, other = canonical(archive, "relationship", "Uchiha Sasuke/Uzumaki Naruto", "Sasuke/Sakura")
    archive.wrangle(Act(archive.tag("SasuNaru", "relationship"), canonical_id=target))
    answer = archive.get("/v1/tags/autocomplete", q="sasu")["items"]
    assert answer[0] == {
        "id": target, "type": "relationship", "name": "Uchiha Sasuke/Uzumaki Naruto", "uses": 2,
        "matched": "Uchiha Sasuke/Uzumaki Naruto",
    }  # fmt: skip
    assert [item["id"] for item in answer] == [target, other]
    assert archive.get("/v1/tags/autocomplete", q="sasunaru")["items"][0]["matched"] == "SasuNaru"


def test_a_fandom_narrows_and_more_used_comes_first(archive: TestArchive) -> None:
    archive.add(
        work("1", fandoms=["One"], characters=["Anna"]),
        *(work(str(n), fandoms=["One"], characters=["Annika", "Anka"]) for n in range(2, 4)),
        work("9", fandoms=["Two"], characters=["Anja"]),
    )
    one, two = canonical(archive, "fandom", "One", "Two")
    canonical(archive, "character", "Anna", "Annika", add_parents=(one,))
    canonical(archive, "character", "Anja", add_parents=(two,))
    assert names(archive, "an", type="character") == ["Annika", "Anja", "Anna"]
    assert names(archive, "an", type="character", fandom="one") == ["Annika", "Anna"]
    annika = archive.tag("Annika", "character")
    archive.wrangle(Act(archive.tag("Anka", "character"), canonical_id=annika))
    # A spelling belongs where its canonical does.
    assert archive.get("/v1/tags/autocomplete", q="anka", fandom="One")["items"][0]["matched"] == "Anka"
    assert names(archive, "anka", fandom="Two") == []


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("サスケ", "うちはサスケ"),
        ("うちは", "うちはサスケ"),
        ("ちはサ", "うちはサスケ"),
        ("鸣人", "漩涡鸣人"),
        ("涡", "漩涡鸣人"),
        ("스케", "우치하 사스케"),
    ],
)
def test_names_without_spaces_are_found_by_a_part(archive: TestArchive, q: str, expected: str) -> None:
    archive.add(work("w", characters=["うちはサスケ", "漩涡鸣人", "우치하 사스케", "サクラ スケート"]))
    canonical(archive, "character", "うちはサスケ", "漩涡鸣人", "우치하 사스케")
    assert names(archive, q) == [expected]
    assert expected in listed(archive, q)


def test_what_nobody_may_see_is_not_offered(archive: TestArchive) -> None:
    archive.add(work("open", freeforms=["Seen"]), work("closed", freeforms=["Seenot"], visibility="registered"))
    assert names(archive, "seen") == ["Seen"]
    assert listed(archive, "seen") == ["Seen"]


def test_an_answer_is_kept_for_those_who_see_the_same_and_while_the_index_stays(archive: TestArchive) -> None:
    archive.add(
        work("Open", freeforms=["Lanterns"]), work("Known", freeforms=["Lantern Light"], visibility="registered")
    )
    (unused,) = canonical(archive, "freeform", "Lanterns Unused")
    archive.wrangle(Act(unused, canonical=False))
    reader, wrangler = member(archive, "Ben"), operator(archive, "wrangle")
    for _ in range(2):
        assert names(archive, "lant") == ["Lanterns"]
        for caller, found in ((reader, 2), (wrangler, 3)):
            assert len(caller.get("/tags/autocomplete?q=lant")["items"]) == found
    archive.add(work("New", freeforms=["Lantern Room"]))
    assert sorted(names(archive, "lant")) == ["Lantern Room", "Lanterns"]
