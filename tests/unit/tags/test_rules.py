"""The tag graph's rules, on made graphs: each refusal by its code, and any sequence of acts keeps the invariants."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tags.acts import UNSET, Act, TagState
from app.tags.errors import ActRefused
from app.tags.neighbourhood import Neighbourhood
from app.tags.rules import PARENT_TYPES, broken_rule, perform

TYPES = ("fandom", "character", "relationship", "freeform")


def graph(
    *canonicals: str, plain: tuple[str, ...] = (), kind: str = "freeform"
) -> tuple[Neighbourhood, dict[str, int]]:
    part = Neighbourhood()
    ids = {}
    for number, name in enumerate((*canonicals, *plain), 1):
        part.add(TagState(number, kind, name, name.lower(), None, name in canonicals, None))
        ids[name] = number
    return part, ids


def refused(part: Neighbourhood, **members: Any) -> str:
    before = copy.deepcopy((part.tags, part.parents, part.broader, part.synonyms))
    with pytest.raises(ActRefused) as caught:
        perform(copy.deepcopy(part), Act(**members))
    assert (part.tags, part.parents, part.broader, part.synonyms) == before
    return caught.value.code


def test_each_rule_refuses_with_a_code_of_its_own() -> None:
    part, ids = graph("A", "B", "C", plain=("x", "y"))
    part.add(TagState(50, "fandom", "F", "f", None, True, None))
    part.add(TagState(51, "fandom", "G", "g", None, False, None))
    perform(part, Act(ids["y"], canonical_id=ids["A"]))
    perform(part, Act(ids["A"], add_broader=(ids["B"],)))
    perform(part, Act(ids["B"], add_broader=(ids["C"],)))
    codes = [
        refused(part, tag_id=ids["x"], canonical_id=ids["x"]),
        refused(part, tag_id=ids["A"], canonical_id=ids["x"]),
        refused(part, tag_id=ids["x"], canonical_id=ids["y"]),
        refused(part, tag_id=ids["x"], canonical_id=50),
        refused(part, tag_id=50, add_parents=(ids["A"],)),
        refused(part, tag_id=ids["A"], add_parents=(51,)),
        refused(part, tag_id=ids["A"], add_broader=(ids["A"],)),
        refused(part, tag_id=ids["A"], add_broader=(50,)),
        refused(part, tag_id=ids["A"], add_broader=(ids["x"],)),
        refused(part, tag_id=ids["C"], add_broader=(ids["A"],)),
        refused(part, tag_id=ids["C"], delete=True),
    ]
    assert codes == [
        "synonym-of-itself", "synonym-of-non-canonical", "synonym-chain", "synonym-of-another-type",
        "parent-of-wrong-type", "parent-not-canonical", "broader-than-itself", "broader-of-another-type",
        "broader-not-canonical", "broader-cycle", "tag-in-use",
    ]  # fmt: skip


def test_a_merge_moves_synonyms_and_links() -> None:
    part, ids = graph("X", "Y", "wide", "narrow", plain=("s",))
    part.add(TagState(50, "fandom", "F", "f", None, True, None))
    perform(part, Act(ids["s"], canonical_id=ids["X"]))
    perform(part, Act(ids["X"], add_broader=(ids["wide"],), add_parents=(50,)))
    perform(part, Act(ids["narrow"], add_broader=(ids["X"],)))
    perform(part, Act(ids["X"], canonical_id=ids["Y"]))
    assert part.synonyms[ids["Y"]] == {ids["X"], ids["s"]}
    assert part.broader[ids["Y"]] == {ids["wide"]}
    assert part.broader[ids["narrow"]] == {ids["Y"]}
    assert part.parents[ids["Y"]] == {50}
    assert not part.tags[ids["X"]].canonical
    assert not part.parents[ids["X"]]


def test_a_merge_that_would_go_round_in_a_circle_is_refused() -> None:
    part, ids = graph("X", "Z", "Y")
    perform(part, Act(ids["Y"], add_broader=(ids["Z"],)))
    perform(part, Act(ids["Z"], add_broader=(ids["X"],)))
    assert refused(part, tag_id=ids["X"], canonical_id=ids["Y"]) == "broader-cycle"
    perform(part, Act(ids["Z"], canonical_id=ids["Y"]))
    perform(part, Act(ids["Y"], canonical_id=ids["X"]))
    assert not part.broader.get(ids["X"])


def test_who_is_canonical_no_more_lets_go_of_all() -> None:
    part, ids = graph("X", "wide", "narrow", plain=("s",))
    perform(part, Act(ids["s"], canonical_id=ids["X"]))
    perform(part, Act(ids["X"], add_broader=(ids["wide"],)))
    perform(part, Act(ids["narrow"], add_broader=(ids["X"],)))
    perform(part, Act(ids["X"], canonical=False))
    assert part.tags[ids["s"]].canonical_id is None
    assert not part.broader[ids["X"]]
    assert not part.broader[ids["narrow"]]


def test_a_relationship_of_a_character_belongs_to_its_fandoms() -> None:
    part, ids = graph("A/B", kind="relationship")
    part.add(TagState(50, "fandom", "F", "f", None, True, None))
    part.add(TagState(60, "character", "A", "a", None, True, None))
    perform(part, Act(60, add_parents=(50,)))
    perform(part, Act(ids["A/B"], add_parents=(60,)))
    assert part.parents[ids["A/B"]] == {50, 60}


ID = st.integers(1, 12)
IDS = st.lists(ID, max_size=2).map(tuple)
ACTS = st.builds(
    Act,
    tag_id=ID,
    canonical=st.sampled_from([None, None, True, False]),
    canonical_id=st.one_of(st.just(UNSET), st.none(), ID),
    add_parents=IDS,
    remove_parents=IDS,
    add_broader=IDS,
    remove_broader=IDS,
    broader=st.one_of(st.none(), IDS),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ACTS, min_size=1, max_size=25))
def test_any_sequence_of_acts_keeps_the_rules_and_is_undone_fact_by_fact(acts: list[Act]) -> None:
    part = Neighbourhood()
    for number in range(1, 13):
        part.add(TagState(number, TYPES[number % 4], f"T{number}", f"t{number}", None, False, None))
    history = [state(part)]
    done = []
    for act in acts:
        trial = copy.deepcopy(part)
        trial.effects = []
        try:
            perform(trial, act)
        except ActRefused:
            continue
        part = trial
        done.append(part.effects)
        history.append(state(part))
        check_rules(part)
    for effects in reversed(done):
        assert state(part) == history.pop()
        for effect in reversed(effects):
            assert part.fact(effect.what, effect.tag_id, effect.other_id) == effect.after
            part.set_fact(effect.what, effect.tag_id, effect.other_id, effect.before)
        assert broken_rule(part, part.tags) is None
    assert state(part) == history.pop()


def state(part: Neighbourhood) -> Any:
    tags = {tag.id: (tag.canonical, tag.canonical_id, tag.name) for tag in part.tags.values()}
    links = [
        {(one, other) for one, others in links.items() for other in others} for links in (part.parents, part.broader)
    ]
    return copy.deepcopy((tags, links))


def check_rules(part: Neighbourhood) -> None:
    """The invariants, said again independently of how they are held."""
    for tag in part.tags.values():
        if tag.canonical_id is not None:
            target = part.tags[tag.canonical_id]
            assert not tag.canonical
            assert target.canonical
            assert target.type == tag.type
        for parent in part.parents.get(tag.id, ()):
            assert part.tags[parent].canonical
            assert part.tags[parent].type in PARENT_TYPES[tag.type]
        for broader in part.broader.get(tag.id, ()):
            assert tag.canonical
            assert part.tags[broader].canonical
            assert part.tags[broader].type == tag.type
        assert tag.id not in reach(part, tag.id)


def reach(part: Neighbourhood, start: int) -> set[int]:
    found: set[int] = set()
    queue = [start]
    while queue:
        for other in part.broader.get(queue.pop(), ()):
            if other not in found:
                found.add(other)
                queue.append(other)
    return found
