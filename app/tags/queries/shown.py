"""How works show tags whose name or members changed since."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select

from app.models import RelationshipMember, Tag
from app.tags.queries.neighbourhood import in_parts

Shown = dict[str, Any]


def shown_tags(connection: Connection, ids: Collection[int]) -> dict[int, Shown]:
    """The members of some tags' JSON that a rename can change, by id."""
    shown: dict[int, Shown] = {}
    for tag_id, kind, name, relation in in_parts(connection, select(Tag.id, Tag.type, Tag.name, Tag.kind), Tag.id, ids):
        shown[tag_id] = {"name": name}
        if kind == "relationship":
            shown[tag_id] |= {"kind": relation or "other", "members": []}
    query = select(
        RelationshipMember.relationship_id, RelationshipMember.name, RelationshipMember.character_id
    ).order_by(RelationshipMember.relationship_id, RelationshipMember.position)
    for tag_id, name, character in in_parts(connection, query, RelationshipMember.relationship_id, ids):
        shown[tag_id]["members"].append({"name": name, "character_id": character})
    return shown


def altered_tags(connection: Connection) -> dict[int, Shown]:
    """All tags that changed after works showed them."""
    return shown_tags(connection, set(connection.execute(select(Tag.id).where(Tag.altered)).scalars()))
