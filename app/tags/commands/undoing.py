"""Undoing an act: every fact gets the value back that it had before, unless later acts stand on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, or_, select, text

from app.models import TagAct, TagActEffect
from app.tags.acts import ActResult, Effect
from app.tags.commands.wrangling import (
    Counter,
    Wrangled,
    describe_reach,
    keep_acts,
    lock_wrangling,
    pending_by,
    spellings,
)
from app.tags.errors import ActNotFound, AlreadyUndone, LaterActs, TagInUse
from app.tags.neighbourhood import Neighbourhood
from app.tags.queries.neighbourhood import load_neighbourhood, used_tags
from app.tags.rules import broken_rule

SHOWN_ACTS = 10
LINKS = {"parent", "broader"}
"""The facts that are known by two tags."""


def undo_act(connection: Connection, act_id: int, by: str, *, count: Counter | None = None) -> Wrangled:
    """Take back what an act did, as an act of its own that can be undone too.

    Raises :class:`~app.tags.errors.AlreadyUndone`, or :class:`~app.tags.errors.LaterActs` naming the acts that have
    to be undone before.
    """
    lock_wrangling(connection)
    tag_id, undone_by, undoes = _act(connection, act_id)
    if undone_by is not None:
        raise AlreadyUndone(f"Act {undone_by} has undone it.")
    effects = act_effects(connection, act_id)
    ids = pending_by(effects)
    part = load_neighbourhood(connection, ids)
    before = spellings(part, ids)
    for effect in reversed(effects):
        if part.fact(effect.what, effect.tag_id, effect.other_id) != effect.after:
            raise _stood_on(connection, act_id, [effect], ids)
        part.set_fact(effect.what, effect.tag_id, effect.other_id, effect.before)
    _check(connection, part, act_id, effects, ids)
    result = ActResult(tag_id, effects=list(part.effects))
    describe_reach(connection, part, result, before, count)
    change = keep_acts(connection, part, [({}, act_id)], [result], by)
    connection.execute(
        text("UPDATE tag_acts SET undone_by = :undo WHERE id = :id"), {"undo": result.act_id, "id": act_id}
    )
    if undoes is not None:
        # What it had undone holds again, and can be undone again.
        connection.execute(text("UPDATE tag_acts SET undone_by = NULL WHERE id = :id"), {"id": undoes})
    return Wrangled([result], change)


def _act(connection: Connection, act_id: int) -> tuple[int, int | None, int | None]:
    """Its tag, the act that undid it, and the one that it undid."""
    query = select(TagAct.tag_id, TagAct.undone_by, TagAct.undoes).where(TagAct.id == act_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ActNotFound
    return row[0], row[1], row[2]


def act_effects(connection: Connection, act_id: int) -> list[Effect]:
    """What an act changed, in order."""
    columns = (TagActEffect.what, TagActEffect.tag_id, TagActEffect.other_id, TagActEffect.before, TagActEffect.after)
    query: Any = select(*columns).where(TagActEffect.act_id == act_id).order_by(TagActEffect.position)
    rows = connection.execute(query)
    return [Effect(row[0], row[1], row[2] if row[0] in LINKS else None, row[3], row[4]) for row in rows]


def _check(connection: Connection, part: Neighbourhood, act_id: int, effects: Sequence[Effect], ids: set[int]) -> None:
    gone = {effect.tag_id for effect in effects if effect.what == "created" and effect.before is None}
    if gone and used_tags(connection, gone):
        raise TagInUse("Works carry the tag that the act made.")
    wrong = broken_rule(part, ids)
    if wrong is not None:
        refused = _stood_on(connection, act_id, effects, ids)
        refused.detail = f"{wrong} {refused.detail}"
        raise refused


def _stood_on(connection: Connection, act_id: int, effects: Sequence[Effect], ids: set[int]) -> LaterActs:
    """The later acts on the same facts, or else on the same tags."""
    for same in (_later(connection, act_id, effects), _later_on(connection, act_id, ids)):
        if same:
            named = ", ".join(map(str, same[:SHOWN_ACTS]))
            return LaterActs(f"Undo these acts first: {named}.", acts=same)
    return LaterActs("Its tags were changed since.")


def _later(connection: Connection, act_id: int, effects: Sequence[Effect]) -> list[int]:
    facts = {(effect.what, effect.tag_id, effect.other_id) for effect in effects}
    rows = _later_effects(connection, act_id, {effect.tag_id for effect in effects})
    return sorted(
        {row[0] for row in rows if (row[1], row[2], row[3] if row[1] in LINKS else None) in facts}, reverse=True
    )


def _later_on(connection: Connection, act_id: int, ids: set[int]) -> list[int]:
    return sorted({row[0] for row in _later_effects(connection, act_id, ids)}, reverse=True)


def _later_effects(connection: Connection, act_id: int, ids: set[int]) -> list[tuple[int, str, int, int | None]]:
    some = sorted(ids)[:500]
    query = (
        select(TagActEffect.act_id, TagActEffect.what, TagActEffect.tag_id, TagActEffect.other_id)
        .join(TagAct, TagAct.id == TagActEffect.act_id)
        .where(TagActEffect.act_id > act_id, TagAct.undone_by.is_(None), TagAct.undoes.is_(None))
        .where(or_(TagActEffect.tag_id.in_(some), TagActEffect.other_id.in_(some)))
        .limit(10_000)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]
