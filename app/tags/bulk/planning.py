"""From facts to acts: a pass over the facts for each kind of act, planned on the tags as they are here.

What was decided here stays: a table does not make another's synonym of a synonym, merge a canonical tag or make one of
a synonym, unless it is told to replace; its row is kept aside instead. A link to a synonym is a link to its canonical.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.db.bulk import reserve_ids
from app.models import Tag
from app.tags.acts import Act, TagState
from app.tags.bulk.spool import Fact, Link, Spool, TagKey
from app.tags.errors import BroaderNotCanonical, ParentNotCanonical, SynonymOfItself, SynonymOfNonCanonical
from app.tags.neighbourhood import relation_of
from app.tags.queries.bulk import Known, LinkKind, known_tags, links_from


@dataclass(slots=True)
class Plan:
    """Acts, and for each the number of the row that it is for, and the name of the other tag of a link."""

    acts: list[Act] = field(default_factory=list)
    rows: list[tuple[int, str]] = field(default_factory=list)

    def add(self, n: int, act: Act, other: str = "") -> None:
        """One act more."""
        self.acts.append(act)
        self.rows.append((n, other))


@dataclass(slots=True)
class _Want:
    """A tag that has to be there, canonical or not."""

    n: int
    name: str
    canonical: bool = False
    explicit: bool = False


def plan_tags(connection: Connection, spool: Spool, facts: Sequence[Fact], *, replace: bool) -> Plan:
    """Make the tags that are missing, and mark what is canonical: as rows say, and as their links need it."""
    wants = _wanted(spool, facts)
    known = known_tags(connection, wants)
    missing = [tag for tag in wants if tag not in known.by_key]
    ids = dict(zip(missing, reserve_ids(connection, Tag.__table__, len(missing)), strict=True))
    plan = Plan()
    for tag, want in wants.items():
        here = known.by_key.get(tag)
        canonical = True if want.canonical else None
        if here is None:
            plan.add(want.n, Act(ids[tag], create=(tag[0], want.name), canonical=canonical))
        elif canonical and not here.canonical and (here.canonical_id is None or (replace and want.explicit)):
            plan.add(want.n, Act(here.id, canonical=True))
    spool.made(missing)
    for fact in facts:
        here = known.by_key.get(fact.tag)
        if here is None:
            continue
        if fact.canonical and here.canonical_id is not None and not replace:
            spool.note(fact.n, f"It is a synonym of “{known.fold(here).name}” here, and was kept so.", kept=True)
        elif fact.canonical == 0 and fact.target_key is None and here.canonical:
            spool.note(fact.n, "It is canonical here, and was kept so.", kept=True)
    return plan


def _wanted(spool: Spool, facts: Sequence[Fact]) -> dict[TagKey, _Want]:
    implied = {(kind, key) for fact in facts for kind, key, _ in _targets(fact)}
    decided = spool.decided(implied | {fact.tag for fact in facts if fact.broader})
    wants: dict[TagKey, _Want] = {}
    for fact in facts:
        if fact.target_key is None:
            want = wants.setdefault(fact.tag, _Want(fact.n, fact.name))
            want.canonical |= fact.canonical == 1 or (bool(fact.broader) and fact.tag not in decided)
            want.explicit |= fact.canonical == 1
    for fact in facts:
        for kind, key, name in _targets(fact):
            if (kind, key) not in decided:
                wants.setdefault((kind, key), _Want(fact.n, name)).canonical = True
    return wants


def _targets(fact: Fact) -> Iterable[Link]:
    """The tags that a row points at, which have to be canonical."""
    if fact.target is not None and fact.target_key is not None:
        yield fact.type, fact.target_key, fact.target
    yield from fact.parents
    yield from fact.broader


def plan_synonyms(connection: Connection, spool: Spool, facts: Sequence[Fact], *, replace: bool) -> Plan:
    """Make synonyms."""
    keys = {fact.tag for fact in facts} | {(fact.type, fact.target_key or "") for fact in facts}
    known = known_tags(connection, keys)
    missing = {fact.tag for fact in facts} - known.by_key.keys()
    ids = iter(reserve_ids(connection, Tag.__table__, len(missing)))
    plan = Plan()
    for fact in facts:
        target = _target(spool, known, fact)
        if target is None:
            continue
        here = known.by_key.get(fact.tag)
        if here is None:
            here = TagState(next(ids), fact.type, fact.name, fact.key, relation_of(fact.type, fact.name), False, None)
            known.put(here)
            spool.made([fact.tag])
            plan.add(fact.n, Act(here.id, create=(fact.type, fact.name), canonical_id=target.id))
        elif here.canonical_id == target.id:
            continue
        elif (here.canonical or here.canonical_id is not None) and not replace:
            what = "canonical" if here.canonical else f"a synonym of “{known.fold(here).name}”"
            spool.note(fact.n, f"It is {what} here, and was kept so.", kept=True)
            continue
        else:
            plan.add(fact.n, Act(here.id, canonical_id=target.id))
        here.canonical, here.canonical_id = False, target.id
    return plan


def _target(spool: Spool, known: Known, fact: Fact) -> TagState | None:
    """The canonical tag that a row makes a synonym of; the reason is noted where it has none."""
    if fact.key == fact.target_key:
        spool.refuse(fact.n, SynonymOfItself.code, "A tag cannot be its own synonym.")
        return None
    named = known.by_key.get((fact.type, fact.target_key or ""))
    if named is None:
        spool.refuse(fact.n, SynonymOfNonCanonical.code, "The target is not canonical.")
        return None
    target = known.fold(named)
    if target.name_key == fact.key:
        spool.note(fact.n, "Its target is its synonym here, and was kept so.", kept=True)
        return None
    if not target.canonical:
        spool.refuse(fact.n, SynonymOfNonCanonical.code, "The target is not canonical.")
        return None
    _tell_fold(spool, fact.n, named, target)
    return target


def _tell_fold(spool: Spool, n: int, named: TagState, target: TagState) -> None:
    if target is not named:
        spool.note(n, f"“{named.name}” is a synonym of “{target.name}” here: it was linked to that.")


def plan_parents(connection: Connection, spool: Spool, facts: Sequence[Fact]) -> Plan:
    """Put tags under their parents."""
    return _plan_links(connection, spool, facts, "parent", lambda fact: fact.parents)


def plan_broader(connection: Connection, spool: Spool, facts: Sequence[Fact]) -> Plan:
    """Put tags under broader ones."""
    return _plan_links(connection, spool, facts, "broader", lambda fact: fact.broader)


def _plan_links(
    connection: Connection, spool: Spool, facts: Sequence[Fact], what: LinkKind, links: Callable[[Fact], list[Link]]
) -> Plan:
    """An act a link, so that one which is refused takes no other with it."""
    keys = {(kind, key) for fact in facts for kind, key, _ in links(fact)}
    known = known_tags(connection, keys | {fact.tag for fact in facts})
    here = {known.by_key[fact.tag].id for fact in facts if fact.tag in known.by_key}
    there = links_from(connection, what, here)
    refused = ParentNotCanonical.code if what == "parent" else BroaderNotCanonical.code
    plan = Plan()
    for fact in facts:
        tag = known.by_key.get(fact.tag)
        for kind, key, name in links(fact):
            named = known.by_key.get((kind, key))
            other = named and known.fold(named)
            if tag is None or named is None or other is None or not other.canonical:
                spool.refuse(fact.n, refused, f"“{name}” is not canonical." if tag else "The tag could not be made.")
                continue
            if what == "broader" and not tag.canonical:
                spool.refuse(fact.n, refused, "The tag is not canonical.")
                continue
            if (tag.id, other.id) in there:
                continue
            _tell_fold(spool, fact.n, named, other)
            there.add((tag.id, other.id))
            act = Act(tag.id, add_parents=(other.id,)) if what == "parent" else Act(tag.id, add_broader=(other.id,))
            plan.add(fact.n, act, other.name)
    return plan
