"""The rules of the tag graph, pure: acts on a loaded part of it, with every rule held and every change noted.

The rules are those of Archive of Our Own: synonyms point at canonical tags of their type and make no chains; parents
are canonical and of a fitting type; broader links join canonical tags of one type and make no cycles. Who takes the
mark of a canonical tag away releases its synonyms, children and links; who merges it moves them.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.tags.acts import Act, TagState, Unset, What
from app.tags.errors import (
    BroaderCycle,
    BroaderNotCanonical,
    BroaderOfAnotherType,
    BroaderThanItself,
    ParentNotCanonical,
    ParentOfWrongType,
    SynonymOfAnotherType,
    SynonymOfItself,
    SynonymOfNonCanonical,
    SynonymOfSynonym,
    TagInUse,
)
from app.tags.neighbourhood import Neighbourhood

PARENT_TYPES: dict[str, frozenset[str]] = {
    "fandom": frozenset(),
    "character": frozenset({"fandom"}),
    "relationship": frozenset({"fandom", "character"}),
    "freeform": frozenset({"fandom"}),
}


def perform(part: Neighbourhood, act: Act) -> None:
    """Do what an act says; raises an :class:`~app.tags.errors.ActRefused` for the rule that refuses it."""
    if act.create is not None:
        part.set_fact("created", act.tag_id, None, ":".join(act.create))
    tag = part.tags[act.tag_id]
    if act.delete:
        _delete(part, tag)
        return
    if act.name is not None:
        part.set_fact("name", tag.id, None, act.name)
    if act.canonical is False and tag.canonical and not isinstance(act.canonical_id, int):
        _take_mark(part, tag)
    if not isinstance(act.canonical_id, Unset) and act.canonical_id is None:
        part.set_fact("canonical_id", tag.id, None, None)
    if act.canonical:
        part.set_fact("canonical_id", tag.id, None, None)
        part.set_fact("canonical", tag.id, None, "1")
    if isinstance(act.canonical_id, int):
        _make_synonym(part, tag, act.canonical_id)
    _set_links(part, tag, "parent", act.parents, act.add_parents, act.remove_parents)
    _set_links(part, tag, "broader", act.broader, act.add_broader, act.remove_broader)


def _delete(part: Neighbourhood, tag: TagState) -> None:
    linked = (part.synonyms, part.children, part.broader, part.narrower)
    if any(links.get(tag.id) for links in linked):
        raise TagInUse("Other tags are its synonyms, its children, broader or narrower: release them first.")
    for parent in sorted(part.parents.get(tag.id, ())):
        part.set_fact("parent", tag.id, parent, None)
    part.set_fact("canonical_id", tag.id, None, None)
    part.set_fact("canonical", tag.id, None, None)
    part.set_fact("created", tag.id, None, None)


def _take_mark(part: Neighbourhood, tag: TagState) -> None:
    """A tag that is canonical no more is nobody's target, parent or broader tag."""
    for synonym in sorted(part.synonyms.get(tag.id, ())):
        part.set_fact("canonical_id", synonym, None, None)
    for child in sorted(part.children.get(tag.id, ())):
        part.set_fact("parent", child, tag.id, None)
    _drop_broader(part, tag)
    part.set_fact("canonical", tag.id, None, None)


def _drop_broader(part: Neighbourhood, tag: TagState) -> None:
    for other in sorted(part.broader.get(tag.id, ())):
        part.set_fact("broader", tag.id, other, None)
    for other in sorted(part.narrower.get(tag.id, ())):
        part.set_fact("broader", other, tag.id, None)


def _make_synonym(part: Neighbourhood, tag: TagState, target_id: int) -> None:
    target = part.tags[target_id]
    if target.id == tag.id:
        raise SynonymOfItself("A tag cannot be its own synonym.", member="canonical_id")
    if target.type != tag.type:
        detail = f"The tag is a {tag.type}, its target a {target.type}."
        raise SynonymOfAnotherType(detail, member="canonical_id")
    if target.canonical_id is not None:
        detail = f"The target is a synonym itself, of {target.canonical_id}."
        raise SynonymOfSynonym(detail, member="canonical_id")
    if not target.canonical:
        raise SynonymOfNonCanonical("The target is not canonical.", member="canonical_id")
    if tag.canonical:
        _merge(part, tag, target)
    part.set_fact("canonical_id", tag.id, None, str(target.id))


def _merge(part: Neighbourhood, tag: TagState, target: TagState) -> None:
    """Move what a canonical tag has to the one that it becomes a synonym of."""
    synonyms = sorted(part.synonyms.get(tag.id, ()))
    parents, children = sorted(part.parents.get(tag.id, ())), sorted(part.children.get(tag.id, ()))
    broader = sorted(part.broader.get(tag.id, set()) - {target.id})
    narrower = sorted(part.narrower.get(tag.id, set()) - {target.id})
    for parent in parents:
        part.set_fact("parent", tag.id, parent, None)
    for child in children:
        part.set_fact("parent", child, tag.id, None)
    _drop_broader(part, tag)
    part.set_fact("canonical", tag.id, None, None)
    for synonym in synonyms:
        part.set_fact("canonical_id", synonym, None, str(target.id))
    for parent in parents:
        part.set_fact("parent", target.id, parent, "1")
    for child in children:
        part.set_fact("parent", child, target.id, "1")
    for other in broader:
        _refuse_cycle(part, target.id, other, "canonical_id")
        part.set_fact("broader", target.id, other, "1")
    for other in narrower:
        _refuse_cycle(part, other, target.id, "canonical_id")
        part.set_fact("broader", other, target.id, "1")


def _refuse_cycle(part: Neighbourhood, narrower: int, broader: int, member: str) -> None:
    if narrower in part.all_broader(broader):
        detail = f"Tag {narrower} is broader than {broader} already, so it cannot be narrower too."
        raise BroaderCycle(detail, member=member)


def _set_links(
    part: Neighbourhood,
    tag: TagState,
    what: What,
    whole: tuple[int, ...] | None,
    added: tuple[int, ...],
    removed: tuple[int, ...],
) -> None:
    name = "parents" if what == "parent" else "broader"
    there = part.parents if what == "parent" else part.broader
    put = _put_parent if what == "parent" else _put_broader
    for other in removed:
        part.set_fact(what, tag.id, other, None)
    if whole is not None:
        for other in sorted(there.get(tag.id, set()) - set(whole)):
            part.set_fact(what, tag.id, other, None)
        for other in whole:
            put(part, tag, other, name)
    for other in added:
        put(part, tag, other, f"add_{name}")


def _put_parent(part: Neighbourhood, tag: TagState, parent_id: int, member: str) -> None:
    parent = part.tags[parent_id]
    if parent.type not in PARENT_TYPES[tag.type]:
        raise ParentOfWrongType(f"A {tag.type} cannot belong to a {parent.type}.", member=member)
    if not parent.canonical:
        raise ParentNotCanonical(f"Tag {parent_id} is not canonical.", member=member)
    part.set_fact("parent", tag.id, parent_id, "1")
    if parent.type == "character":
        # A relationship belongs where its characters do.
        for fandom in sorted(part.parents.get(parent_id, ())):
            part.set_fact("parent", tag.id, fandom, "1")


def _put_broader(part: Neighbourhood, tag: TagState, broader_id: int, member: str) -> None:
    broader = part.tags[broader_id]
    if broader.id == tag.id:
        raise BroaderThanItself("A tag cannot be broader than itself.", member=member)
    if broader.type != tag.type:
        detail = f"The tag is a {tag.type}, the broader one a {broader.type}."
        raise BroaderOfAnotherType(detail, member=member)
    if not (tag.canonical and broader.canonical):
        which = "The tag" if broader.canonical else f"Tag {broader_id}"
        raise BroaderNotCanonical(f"{which} is not canonical.", member=member)
    _refuse_cycle(part, tag.id, broader_id, member)
    part.set_fact("broader", tag.id, broader_id, "1")


def broken_rule(part: Neighbourhood, tag_ids: Iterable[int]) -> str | None:
    """What is wrong with some tags and their links, if anything: how an undo is checked before it is kept."""
    for tag_id in sorted(tag_ids):
        tag = part.tags.get(tag_id)
        found = _wrong_without(part, tag_id) if tag is None else _wrong_with(part, tag)
        if found:
            return found
    return None


def _wrong_without(part: Neighbourhood, tag_id: int) -> str | None:
    if part.synonyms.get(tag_id) or part.children.get(tag_id) or part.narrower.get(tag_id):
        return f"Tag {tag_id} would be gone while others are linked to it."
    return None


def _wrong_with(part: Neighbourhood, tag: TagState) -> str | None:
    target = None if tag.canonical_id is None else part.tags.get(tag.canonical_id)
    rules = (
        (tag.canonical and tag.canonical_id is not None, "canonical and a synonym"),
        (
            tag.canonical_id is not None and (target is None or not target.canonical or target.type != tag.type),
            f"a synonym of {tag.canonical_id}, which is not canonical",
        ),
        (
            not tag.canonical and any(links.get(tag.id) for links in (part.synonyms, part.children)),
            "not canonical while others are linked to it",
        ),
        (
            not tag.canonical and any(links.get(tag.id) for links in (part.broader, part.narrower)),
            "not canonical, but broader or narrower than others",
        ),
        (
            any(not _fit(part, tag.id, other) for other in part.parents.get(tag.id, ())),
            "a child of a tag that is not canonical",
        ),
        (
            any(tag.id in part.all_broader(one) for one in part.broader.get(tag.id, ())),
            "broader than itself",
        ),
    )
    return next((f"Tag {tag.id} would be {what}." for broken, what in rules if broken), None)


def _fit(part: Neighbourhood, child_id: int, parent_id: int) -> bool:
    parent = part.tags.get(parent_id)
    return parent is None or (parent.canonical and parent.type in PARENT_TYPES[part.tags[child_id].type])
