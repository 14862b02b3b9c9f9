"""Acts on tags for a whole dump, with the types and names of the tags that their numbers stand for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from app.models import Tag, TagAct, TagActEffect
from app.tags.acts import BY_DUMP
from app.tags.queries.neighbourhood import in_parts

ACT_MEMBERS = ("id", "tag_id", "at", "signed_by", "asked", "works", "undoes", "undone_by")
EFFECT_MEMBERS = ("what", "tag_id", "other_id", "before", "after")
TAG_LISTS = ("parents", "broader", "add_parents", "remove_parents", "add_broader", "remove_broader")
"""Members of what was asked that are tags."""


def acts_after(connection: Connection, after: int, limit: int) -> list[dict[str, Any]]:
    """Acts by ascending id, with what they changed; a tag that is gone has a number alone."""
    columns = [getattr(TagAct, name) for name in ACT_MEMBERS]
    query = select(*columns).where(TagAct.id > after, TagAct.signed_by != BY_DUMP).order_by(TagAct.id).limit(limit)
    acts = [dict(zip(ACT_MEMBERS, row, strict=True)) for row in connection.execute(query)]
    effects: dict[int, list[dict[str, Any]]] = {act["id"]: [] for act in acts}
    changed = select(TagActEffect.act_id, *(getattr(TagActEffect, name) for name in EFFECT_MEMBERS)).order_by(
        TagActEffect.act_id, TagActEffect.position
    )
    for act_id, *values in in_parts(connection, changed, TagActEffect.act_id, effects):
        effects[act_id].append(dict(zip(EFFECT_MEMBERS, values, strict=True)))
    for act in acts:
        act["effects"] = effects[act["id"]]
    mentioned = {act["id"]: _mentioned(act) for act in acts}
    wanted = set().union(*mentioned.values()) if mentioned else set()
    names = select(Tag.id, Tag.type, Tag.name)
    found = {row[0]: [row[1], row[2]] for row in in_parts(connection, names, Tag.id, wanted)}
    for act in acts:
        act["tags"] = {str(one): found[one] for one in sorted(mentioned[act["id"]]) if one in found}
    return acts


def _mentioned(act: dict[str, Any]) -> set[int]:
    asked = act["asked"]
    ids = {act["tag_id"], *(one for name in TAG_LISTS for one in asked.get(name, ()))}
    ids.add(asked.get("canonical_id"))
    for effect in act["effects"]:
        ids |= {effect["tag_id"], effect["other_id"]}
        if effect["what"] == "canonical_id":
            ids |= {int(value) for value in (effect["before"], effect["after"]) if value}
    return {one for one in ids if one is not None}
