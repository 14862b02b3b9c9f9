"""What wrangling does to filters, totals and facets, on both databases, through the real index."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.jobs.changes import Position
from app.search import indexer as indexer_module
from app.search import pacing
from app.search.settling import Settling
from app.tags.acts import UNSET, Act
from app.tags.commands.undoing import undo_act
from app.tags.errors import ActRefused
from tests.conftest import TestArchive
from tests.search.oracle import Oracle


def work(title: str, **members: Any) -> dict[str, Any]:
    return {"title": title, "key": title, "fandoms": ["Test"], "language": "en"} | members


def facet(archive: TestArchive, name: str, **params: Any) -> dict[str, int]:
    rows = archive.get("/v1/works", **({"facets": name, "facet_limit": 100} | params))["facets"][name]
    return {row["name"]: row["count"] for row in rows}


def test_a_synonym_filters_as_its_canonical_and_shows_as_itself(archive: TestArchive) -> None:
    names = ("James T. Kirk/Spock", "Spirk", "K/S")
    archive.add(*(work(name, relationships=[name]) for name in names))
    canonical, *synonyms = (archive.tag(name, "relationship") for name in names)
    archive.wrangle(Act(canonical, canonical=True), *(Act(one, canonical_id=canonical) for one in synonyms))
    for name in names:
        assert archive.titles(relationship=name) == sorted(names), name
    answer = archive.get("/v1/works", relationship="Spirk", sort="title")
    assert answer["applied"][0]["name"] == "Spirk"
    shown = {item["title"]: item["relationships"][0] for item in answer["items"]}
    assert shown["Spirk"]["name"] == "Spirk"
    assert shown["Spirk"]["canonical_id"] == canonical
    assert shown["James T. Kirk/Spock"]["canonical_id"] is None
    for item in answer["items"]:
        alone = archive.get(f"/v1/works/{item['id']}")
        assert alone["relationships"] == item["relationships"]
        assert archive.get("/v1/works", ids=str(item["id"]))["items"][0] == item
    assert facet(archive, "relationship") == {"James T. Kirk/Spock": 3}
    assert archive.titles(relationship="Spirk", exact="true") == ["Spirk"]
    archive.wrangle(Act(synonyms[0], canonical_id=None))
    assert archive.titles(relationship="K/S") == ["James T. Kirk/Spock", "K/S"]
    assert archive.titles(relationship="Spirk") == ["Spirk"]
    assert facet(archive, "relationship") == {"James T. Kirk/Spock": 2, "Spirk": 1}
    assert archive.get(f"/v1/works/{answer['items'][2]['id']}")["relationships"][0]["canonical_id"] is None


def test_a_broader_tag_finds_what_is_narrower_with_its_synonyms(archive: TestArchive) -> None:
    names = ("Alternate Universe", "AU", "High School AU", "AU - Coffee Shops", "Coffee Shop AU")
    archive.add(*(work(name, freeforms=[name]) for name in names))
    top, au, high_au, coffee, _ = (archive.tag(name) for name in names)
    high = archive.tag("AU - High School")
    archive.wrangle(
        *(Act(one, canonical=True) for one in (top, coffee, high)),
        Act(au, canonical_id=top),
        Act(high_au, canonical_id=high),
        Act(high, add_broader=(top,)),
        Act(coffee, add_broader=(top,)),
    )
    assert sorted(archive.titles(freeform="Alternate Universe")) == sorted(names[:4])
    assert facet(archive, "freeform") == {
        "Alternate Universe": 2, "AU - High School": 1, "AU - Coffee Shops": 1, "Coffee Shop AU": 1,
    }  # fmt: skip
    assert archive.titles(exclude_freeform="AU") == ["Coffee Shop AU"]


def test_one_of_two_paths_is_enough(archive: TestArchive) -> None:
    archive.add(work("w", freeforms=["bottom"]))
    bottom, middle, top = (archive.tag(name) for name in ("bottom", "middle", "top"))
    archive.wrangle(
        *(Act(one, canonical=True) for one in (bottom, middle, top)),
        Act(bottom, add_broader=(middle, top)),
        Act(middle, add_broader=(top,)),
    )
    archive.wrangle(Act(bottom, remove_broader=(top,)))
    assert archive.titles(freeform="top") == ["w"]
    archive.wrangle(Act(bottom, remove_broader=(middle,)))
    assert archive.titles(freeform="top") == []
    assert archive.titles(freeform="bottom") == ["w"]


def test_a_merge_takes_narrower_tags_along(archive: TestArchive) -> None:
    archive.add(work("w", freeforms=["S"]))
    x, y, s = (archive.tag(name) for name in ("X", "Y", "S"))
    archive.wrangle(*(Act(one, canonical=True) for one in (x, y, s)), Act(s, add_broader=(x,)))
    archive.wrangle(Act(x, canonical_id=y))
    assert archive.titles(freeform="Y") == ["w"]
    # A spelling that no work uses, and that is not canonical, is nothing to a reader.
    assert [one["name"] for one in archive.get("/v1/works", freeform="X")["unknown_tags"]] == ["X"]
    assert [one["name"] for one in archive.get(f"/v1/tags/{s}")["broader"]] == ["Y"]


def test_a_parent_changes_no_filter(archive: TestArchive) -> None:
    archive.add(work("with", fandoms=["F"], characters=["C"]), work("without", characters=["C"]))
    fandom, character = archive.tag("F", "fandom"), archive.tag("C", "character")
    archive.wrangle(Act(fandom, canonical=True), Act(character, canonical=True, add_parents=(fandom,)))
    assert archive.titles(fandom="F") == ["with"]


def test_a_rename_shows_everywhere(archive: TestArchive) -> None:
    archive.add(work("w", relationships=["anne/bea"], characters=["anne"]))
    pairing, character = archive.tag("anne/bea", "relationship"), archive.tag("anne", "character")
    archive.wrangle(Act(pairing, name="Anne/Béa"), Act(character, name="Anne"))
    for item in (archive.get("/v1/works")["items"][0], archive.get("/v1/works/1")):
        assert item["characters"][0]["name"] == "Anne"
        assert item["relationships"][0]["name"] == "Anne/Béa"
        assert item["relationships"][0]["members"] == [
            {"name": "Anne", "character_id": character}, {"name": "Béa", "character_id": None},
        ]  # fmt: skip
    assert facet(archive, "relationship") == {"Anne/Béa": 1}
    assert archive.titles(relationship="ANNE/BÉA") == ["w"]
    assert archive.titles(relationship_with=["Béa", "anne"]) == ["w"]
    archive.add(work("w", relationships=["anne/bea"], characters=["anne"], rating="teen"))
    assert archive.get("/v1/works", q="anne")["total"] == 1


def test_a_character_with_another_name_finds_its_relationships(archive: TestArchive) -> None:
    archive.add(work("w", relationships=["Sasuke/Naruto"], characters=["Sasuke", "Uchiha Sasuke"]))
    short, full = archive.tag("Sasuke", "character"), archive.tag("Uchiha Sasuke", "character")
    archive.wrangle(Act(full, canonical=True), Act(short, canonical_id=full))
    assert archive.titles(relationship_with=["Uchiha Sasuke", "naruto"]) == ["w"]


def test_crossovers_follow_the_fandoms_families(archive: TestArchive) -> None:
    archive.add(work("trek", fandoms=["TOS", "DS9"]), work("mixed", fandoms=["TOS", "HP"]))
    trek, tos, ds9, hp = (archive.tag(name, "fandom") for name in ("Trek", "TOS", "DS9", "HP"))
    assert archive.titles(crossover="true") == archive.titles(crossover="false") == []
    archive.wrangle(*(Act(one, canonical=True) for one in (trek, tos, ds9, hp)))
    assert archive.titles(crossover="true") == ["mixed", "trek"]
    archive.wrangle(Act(tos, add_broader=(trek,)), Act(ds9, add_broader=(trek,)))
    assert archive.titles(crossover="true") == ["mixed"]
    assert archive.titles(crossover="false") == ["trek"]


@pytest.mark.parametrize("at_once", [0, 1_000])
def test_an_act_on_many_works_is_right_before_it_is_settled(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(indexer_module, "SETTLE_AT_ONCE", at_once)
    monkeypatch.setattr(indexer_module, "SETTLE_SLICE", 2)
    monkeypatch.setattr(archive.settings, "after_change_wait", 0.0)
    archive.add(*(work(f"{name}{n}", freeforms=[name]) for name in "ABC" for n in range(5)))
    a, b, c = (archive.tag(name) for name in "ABC")
    archive.wrangle(Act(a, canonical=True), Act(b, canonical=True), Act(c, canonical=True))
    both, cut = [f"{name}{n}" for name in "AB" for n in range(5)], [f"C{n}" for n in range(5)]
    archive.wrangle(Act(c, add_broader=(b,)))
    assert archive.titles(freeform="B") == both[5:] + cut
    change = archive.wrangle(Act(a, canonical_id=b), Act(c, remove_broader=(b,)), settle=False).change
    while archive.indexer.step():
        archive.client.app_state["index"].refresh()
        if archive.indexer.position.seq >= (change or 0):
            assert archive.titles(freeform="A") == archive.titles(freeform="B") == both
            assert archive.titles(exclude_freeform="B") == cut
            assert archive.titles(freeform="C") == cut
            assert facet(archive, "freeform") == {"B": 10, "C": 5}
            assert facet(archive, "freeform", freeform="A", facet_limit=1) == {"B": 10}
            shown = archive.get("/v1/works", freeform="A", sort="title", after_change=change)["items"]
            assert [item["freeforms"][0]["canonical_id"] for item in shown] == [b] * 5 + [None] * 5
            if archive.indexer.settling:
                archive.problem("/v1/works", status=503, crossover="false", after_change=change)
    archive.client.app_state["index"].refresh()
    assert facet(archive, "freeform") == {"B": 10, "C": 5}
    assert archive.get("/v1/works", freeform="A", after_change=change)["total"] == 10


def test_a_killed_indexer_goes_on_settling_where_it_was(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer_module, "SETTLE_AT_ONCE", 0)
    monkeypatch.setattr(pacing, "COMMIT_ROWS", 1)
    monkeypatch.setattr(indexer_module, "SETTLE_SLICE", 3)
    archive.add(*(work(f"A{n}", freeforms=["A"]) for n in range(10)))
    a, b = archive.tag("A"), archive.tag("B")
    archive.wrangle(Act(b, canonical=True), Act(a, canonical_id=b), settle=False)
    for _ in range(2):
        archive.indexer.step()
    assert archive.indexer.settling
    done = archive.indexer.settling[0].after
    # As a killed one leaves it: what is not committed is lost.
    archive.indexer.writer.close()
    archive.indexer.__init__(archive.database, archive.settings.index_dir)  # type: ignore[misc]
    archive.indexer.open()
    assert archive.indexer.settling[0].after == done > 0
    archive.settle()
    assert facet(archive, "freeform") == {"B": 10}
    assert not archive.indexer.settling


def test_a_work_that_changed_while_an_act_was_settled_leaves_the_tags_that_it_lost(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "COMMIT_SECONDS", 0.0)
    archive.add(work("One", freeforms=["A", "X"]), work("Two", freeforms=["A"]))
    a, b = archive.tag("A"), archive.tag("B")
    archive.wrangle(Act(b, canonical=True))
    archive.wrangle(Act(a, canonical_id=b), settle=False)
    archive.add_rows(work("One", freeforms=["A"]))
    # The act is read first; the work as it is when its turn comes has lost a tag already.
    monkeypatch.setattr(indexer_module, "BATCH", 1)
    archive.settle()
    assert sorted(tag["name"] for tag in archive.get("/v1/tags", type="freeform")["items"]) == ["A", "B"]


def test_a_pass_over_all_works_that_was_killed_begins_again() -> None:
    # Which tags those bore that it had come to, nobody knows any more.
    everything = Settling(Position(), None, None, after=7, started=True)
    some = Settling(Position(), {1}, {1}, after=7, started=True)
    assert [Settling.from_json(one.as_json()).after for one in (everything, some)] == [0, 7]


NAMES = tuple("abcdefgh")
KINDS = ("fandom", "fandom", "fandom", "freeform", "freeform", "freeform", "freeform", "freeform")
PICK = st.integers(0, 7)
PICKS = st.lists(PICK, max_size=2)
MEMBERS = st.fixed_dictionaries(
    {
        "tag": PICK,
        "canonical": st.sampled_from([None, True, True, False]),
        "canonical_id": st.one_of(st.just(UNSET), st.just(UNSET), st.none(), PICK),
        "add_broader": PICKS,
        "remove_broader": PICKS,
    }
)

MERGES = st.fixed_dictionaries(
    {
        "tag": PICK,
        "canonical": st.none(),
        "canonical_id": st.one_of(PICK, PICK, st.none()),
        "add_broader": st.just([]),
        "remove_broader": st.just([]),
    }
)


def act_of(ids: list[int], drawn: dict[str, Any]) -> Act:
    target = drawn["canonical_id"]
    return Act(
        ids[drawn["tag"]],
        canonical=drawn["canonical"],
        canonical_id=ids[target] if isinstance(target, int) else target,
        add_broader=tuple(ids[one] for one in drawn["add_broader"]),
        remove_broader=tuple(ids[one] for one in drawn["remove_broader"]),
    )


def everything(archive: TestArchive) -> dict[str, Any]:
    """Every filter, facet, count of uses and crossover, as the index answers."""
    answers: dict[str, Any] = {"facets": {kind: facet(archive, kind) for kind in ("fandom", "freeform")}}
    answers["uses"] = {tag["name"]: tag["uses"] for tag in archive.get("/v1/tags", limit=100)["items"]}
    for name, kind in zip(NAMES, KINDS, strict=True):
        answers[name] = archive.titles(**{kind: name})
        answers[f"not {name}"] = archive.titles(**{f"exclude_{kind}": name})
    answers["crossover"] = [archive.titles(crossover=value) for value in ("true", "false")]
    return answers


def plain(archive: TestArchive) -> dict[str, Any]:
    """The same from the rows of the database."""
    oracle = Oracle.read(archive.database)

    def titles(**params: Any) -> list[str]:
        return sorted(work.row["title"] for work in oracle.found(params))

    facets = {
        kind: {oracle.tags[tag]["name"]: count for tag, count in oracle.facet(oracle.works, kind).items()}
        for kind in ("fandom", "freeform")
    }
    answers: dict[str, Any] = {"facets": facets}
    canonical = {tag["name"] for tag in oracle.tags.values() if tag["canonical_id"] is None}
    borne = Counter(oracle.tags[tag]["name"] for work in oracle.works for tag in {*work.tags, *oracle.direct(work)})
    folded = Counter(oracle.tags[tag]["name"] for work in oracle.works for tag in oracle.direct(work))
    answers["uses"] = {name: folded[name] if name in canonical else count for name, count in borne.items()}
    for name, kind in zip(NAMES, KINDS, strict=True):
        answers[name] = titles(**{kind: name})
        answers[f"not {name}"] = titles(**{f"exclude_{kind}": name})
    answers["crossover"] = [titles(crossover=value) for value in ("true", "false")]
    return answers


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(MEMBERS, min_size=3, max_size=12), settle_each=st.booleans(), sliced=st.booleans())
def test_any_acts_and_their_undoing_are_exact(
    archive: TestArchive, *, drawn: list[dict[str, Any]], settle_each: bool, sliced: bool
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        if sliced:
            patched.setattr(indexer_module, "SETTLE_AT_ONCE", 0)
            patched.setattr(indexer_module, "SETTLE_SLICE", 2)
        ids = prepared(archive)
        before = everything(archive)
        assert before == plain(archive)
        done = []
        for one in drawn:
            try:
                wrangled = archive.wrangle(act_of(ids, one), settle=settle_each)
            except ActRefused:
                continue
            done += [result.act_id for result in wrangled.results if result.act_id is not None]
            if settle_each:
                assert everything(archive) == plain(archive)
        archive.settle()
        assert everything(archive) == plain(archive)
        for act_id in reversed(done):
            with archive.database.write() as session:
                undo_act(session.connection(), act_id, "tests")
        archive.settle()
        assert everything(archive) == before


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(st.one_of(MERGES, MEMBERS), min_size=3, max_size=6))
def test_any_acts_show_before_they_are_settled(archive: TestArchive, drawn: list[dict[str, Any]]) -> None:
    """Acts that reach many works: in filters, totals, facets and cards from their first commit on."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(indexer_module, "SETTLE_AT_ONCE", 0)
        patched.setattr(indexer_module, "SETTLE_SLICE", 4)
        patched.setattr(pacing, "COMMIT_ROWS", 1)
        ids = prepared(archive)
        done = [one.act_id for one in archive.wrangle(*(Act(one, canonical=True) for one in ids)).results]
        for one in drawn:
            try:
                wrangled = archive.wrangle(act_of(ids, one), settle=False)
            except ActRefused:
                continue
            done += [result.act_id for result in wrangled.results if result.act_id is not None]
            while archive.indexer.step():
                archive.client.app_state["index"].refresh()
                if archive.client.app_state["index"].snapshot().shows(archive.indexer.position):
                    assert shown_at_once(everything(archive)) == shown_at_once(plain(archive))
                    assert_cards_are_right(archive)
        archive.settle()
        for act_id in reversed(done):
            with archive.database.write() as session:
                undo_act(session.connection(), act_id, "tests")
        archive.settle()


def shown_at_once(answers: dict[str, Any]) -> dict[str, Any]:
    return {name: found for name, found in answers.items() if name != "crossover"}


def assert_cards_are_right(archive: TestArchive) -> None:
    for item in archive.get("/v1/works", limit=100)["items"]:
        assert item == archive.get("/v1/works", ids=str(item["id"]))["items"][0]


def prepared(archive: TestArchive) -> list[int]:
    """A dozen works over eight tags; the examples share them, each undoes what it did."""
    ids = [archive.tag(name, kind) for name, kind in zip(NAMES, KINDS, strict=True)]
    records = []
    for number in range(12):
        own = [one for one in range(8) if (number >> (one % 4)) & 1 or one == number % 8]
        fandoms = [NAMES[one] for one in own if KINDS[one] == "fandom"] or ["a"]
        freeforms = [NAMES[one] for one in own if KINDS[one] == "freeform"]
        records.append(work(f"w{number:02}", fandoms=fandoms, freeforms=freeforms))
    archive.add(*records)
    return ids
