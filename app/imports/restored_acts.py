"""What was done to tags, from a dump: who, when, what it changed, and whether it was undone.

The tags themselves are there already, as the acts left them. A number of a tag that is gone stands for a number that
no tag has here, either. Acts that were restored before are known by who and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from app.db.bulk import insert_rows, reserve_ids
from app.imports.facts import ActFacts, AskedFacts, EffectFacts
from app.kit.text import name_key
from app.models import Tag, TagAct, TagActEffect
from app.tags.queries.bulk import known_tags

TAG_LISTS = ("parents", "broader", "add_parents", "remove_parents", "add_broader", "remove_broader")


@dataclass(slots=True)
class Restored:
    """What is known so far: numbers here by those of the dump, and which acts a later one undid."""

    acts: dict[int, int] = field(default_factory=dict)
    tags: dict[int, int] = field(default_factory=dict)
    undone: dict[int, int] = field(default_factory=dict)
    """Acts of the dump by those that undid them."""


def restore_acts(connection: Connection, acts: Sequence[ActFacts], restored: Restored) -> None:
    """Add acts that were one transaction, unless they are here; one that they undid is marked with them."""
    restored.undone |= {act.undone_by: act.id for act in acts if act.undone_by is not None}
    same = (TagAct.at == acts[0].at) & (TagAct.signed_by == acts[0].signed_by)
    held = list(connection.execute(select(TagAct.id).where(same).order_by(TagAct.id)).scalars())
    if held:
        restored.acts |= {act.id: one for act, one in zip(acts, held, strict=False)}
        return
    _find_tags(connection, acts, restored.tags)
    numbers = reserve_ids(connection, TagAct.__table__, len(acts))
    restored.acts |= {act.id: number for act, number in zip(acts, numbers, strict=True)}
    rows, effects = [], []
    for act in acts:
        number, undoes = restored.acts[act.id], restored.acts.get(act.undoes or 0)
        asked = _asked(act.asked, restored.tags)
        rows.append((number, restored.tags[act.tag_id], act.at, act.signed_by, asked, act.works, undoes))
        effects += [(number, place, *_effect(one, restored.tags)) for place, one in enumerate(act.effects, 1)]
    columns = ("id", "tag_id", "at", "signed_by", "asked", "works", "undoes")
    insert_rows(connection, TagAct.__table__, columns, rows)
    of_effects = ("act_id", "position", "what", "tag_id", "other_id", "before", "after")
    insert_rows(connection, TagActEffect.__table__, of_effects, effects)
    _mark_undone(connection, acts, restored)


def _mark_undone(connection: Connection, acts: Sequence[ActFacts], restored: Restored) -> None:
    pairs = [(restored.acts.get(restored.undone.get(act.id, 0)), restored.acts[act.id]) for act in acts]
    marked = [{"act": act, "undo": undo} for act, undo in pairs if act is not None]
    if marked:
        statement = update(TagAct).where(TagAct.id == bindparam("act")).values(undone_by=bindparam("undo"))
        connection.execute(statement, marked)


def _find_tags(connection: Connection, acts: Sequence[ActFacts], tags: dict[int, int]) -> None:
    named = {int(one): (kind, name_key(name)) for act in acts for one, (kind, name) in act.tags.items()}
    known = known_tags(connection, [key for one, key in named.items() if one not in tags]).by_key
    tags |= {one: known[key].id for one, key in named.items() if one not in tags and key in known}
    gone = sorted({one for act in acts for one in act.mentioned() if one not in tags})
    tags |= dict(zip(gone, reserve_ids(connection, Tag.__table__, len(gone)), strict=True))


def _asked(asked: AskedFacts, tags: dict[int, int]) -> dict[str, Any]:
    found = asked.model_dump(exclude_unset=True)
    for name in TAG_LISTS:
        if name in found:
            found[name] = [tags[one] for one in found[name]]
    if found.get("canonical_id") is not None:
        found["canonical_id"] = tags[found["canonical_id"]]
    return found


def _effect(effect: EffectFacts, tags: dict[int, int]) -> tuple[Any, ...]:
    other = None if effect.other_id is None else tags[effect.other_id]
    values = [effect.before, effect.after]
    if effect.what == "canonical_id":
        values = [str(tags[int(value)]) if value else value for value in values]
    return effect.what, tags[effect.tag_id], other, *values
