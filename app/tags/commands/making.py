"""Tags come into being when a work first uses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select, text

from app.db.bulk import insert_rows, reserve_ids
from app.jobs.changes import log_changes
from app.kit.names import parse_relationship
from app.kit.text import name_key
from app.models import RelationshipMember, Tag

LOOKUP = 500
TYPES = ("fandom", "character", "freeform", "relationship")
"""In the order they are made: relationships look for their characters."""
LINK = (
    "UPDATE relationship_members SET character_id = :character"
    " WHERE relationship_id = :relationship AND position = :position"
)
ONE_MAKER = text("SELECT pg_advisory_xact_lock(hashtextextended('new tags', 0))")
"""Taken before any lock on a work, and held until the transaction ends."""


class KnownTag:
    """What a card needs of a tag, remembered while many works are stored."""

    __slots__ = ("canonical_id", "id", "kind", "members", "name", "shown", "type")

    def __init__(self, tag_id: int, kind_of: str, name: str, kind: str | None, canonical_id: int | None) -> None:
        self.id = tag_id
        self.type = kind_of
        self.name = name
        self.kind = kind
        self.canonical_id = canonical_id
        self.members: list[tuple[str, int | None]] = []
        self.shown: dict[str, Any] | None = None
        """Its JSON in cards, once one was rendered."""


TagKey = tuple[str, str]


def find_tags(connection: Connection, keys: Iterable[TagKey]) -> dict[TagKey, KnownTag]:
    """The tags of some (type, name key) pairs that exist, with the members of relationships."""
    by_type: dict[str, list[str]] = {}
    for kind, key in keys:
        by_type.setdefault(kind, []).append(key)
    found: dict[TagKey, KnownTag] = {}
    for kind, names in by_type.items():
        for start in range(0, len(names), LOOKUP):
            query = select(Tag.id, Tag.name, Tag.name_key, Tag.kind, Tag.canonical_id).where(
                Tag.type == kind, Tag.name_key.in_(names[start : start + LOOKUP])
            )
            for tag_id, name, key, relation, canonical_id in connection.execute(query).all():
                found[kind, key] = KnownTag(tag_id, kind, name, relation, canonical_id)
    _attach_members(connection, [tag for tag in found.values() if tag.type == "relationship"])
    return found


def _attach_members(connection: Connection, relationships: list[KnownTag]) -> None:
    by_id = {tag.id: tag for tag in relationships}
    ids = list(by_id)
    for start in range(0, len(ids), LOOKUP):
        query = (
            select(RelationshipMember.relationship_id, RelationshipMember.name, RelationshipMember.character_id)
            .where(RelationshipMember.relationship_id.in_(ids[start : start + LOOKUP]))
            .order_by(RelationshipMember.relationship_id, RelationshipMember.position)
        )
        for relationship, name, character in connection.execute(query).all():
            by_id[relationship].members.append((name, character))


def ensure_tags(
    connection: Connection,
    names: dict[TagKey, str],
    known: Mapping[TagKey, KnownTag] = MappingProxyType({}),
    *,
    characters: Mapping[str, KnownTag] = MappingProxyType({}),
) -> dict[TagKey, KnownTag]:
    """The tags of some names (first spelling by key), made where they are missing.

    ``known`` and ``characters`` (by spelling) may hold tags found earlier, which are then not asked for again. A new
    tag is not logged as a change: it comes with a work that is, and the index writes the tags of each work it takes.
    """
    result = {key: known[key] for key in names if key in known}
    missing = [key for key in names if key not in result]
    if missing:
        result |= find_tags(connection, missing)
    new = [key for key in names if key not in result]
    if new and connection.dialect.name == "postgresql":
        # Two writers that name a new tag at the same time: the second waits, and finds what the first has made.
        connection.execute(ONE_MAKER)
        result |= find_tags(connection, new)
        new = [key for key in new if key not in result]
    if new:
        made = _make_tags(connection, sorted(new, key=lambda key: TYPES.index(key[0])), names, result, characters)
        result |= made
    return result


def _make_tags(
    connection: Connection,
    keys: list[TagKey],
    names: dict[TagKey, str],
    others: Mapping[TagKey, KnownTag],
    known: Mapping[str, KnownTag],
) -> dict[TagKey, KnownTag]:
    """Write new tags; members of relationships point at the characters of their names, where there are any."""
    now = datetime.now(UTC)
    made: dict[TagKey, KnownTag] = {}
    for tag_id, key in zip(reserve_ids(connection, Tag.__table__, len(keys)), keys, strict=True):
        kind, parts = parse_relationship(names[key]) if key[0] == "relationship" else (None, [])
        tag = made[key] = KnownTag(tag_id, key[0], names[key], kind, None)
        tag.members = [(part, None) for part in parts]
    characters = _characters_named(connection, made, others, known)
    members = []
    for tag in made.values():
        tag.members = [(part, characters.get(name_key(part))) for part, _ in tag.members]
        members += [
            (tag.id, position, part, name_key(part), character)
            for position, (part, character) in enumerate(tag.members, 1)
        ]
    rows = [(tag.id, tag.type, tag.name, key, tag.kind, False, now) for (_, key), tag in made.items()]
    insert_rows(connection, Tag.__table__, ("id", "type", "name", "name_key", "kind", "canonical", "created_at"), rows)
    columns = ("relationship_id", "position", "name", "name_key", "character_id")
    insert_rows(connection, RelationshipMember.__table__, columns, members)
    return made


def _characters_named(
    connection: Connection,
    made: Mapping[TagKey, KnownTag],
    others: Mapping[TagKey, KnownTag],
    known: Mapping[str, KnownTag],
) -> dict[str, int]:
    """The characters that new relationships name, by name key."""
    found: dict[str, int] = {}
    missing: list[TagKey] = []
    for name in {name for tag in made.values() for name, _ in tag.members}:
        key = "character", name_key(name)
        tag = known.get(name) or made.get(key) or others.get(key)
        if tag is None:
            missing.append(key)
        else:
            found[key[1]] = tag.id
    return found | {key[1]: tag.id for key, tag in find_tags(connection, missing).items()}


def link_late_characters(connection: Connection, limit: int) -> list[int]:
    """Point relationships at characters that became tags after them; the (at most ``limit``) relationships linked.

    Works that carry them show the new link once their cards are rendered again.
    """
    found = connection.execute(
        select(RelationshipMember.relationship_id, RelationshipMember.position, Tag.id)
        .join(Tag, (Tag.name_key == RelationshipMember.name_key) & (Tag.type == "character"))
        .where(RelationshipMember.character_id.is_(None))
        .limit(limit)
    ).all()
    if not found:
        return []
    connection.execute(text(LINK), [{"relationship": row[0], "position": row[1], "character": row[2]} for row in found])
    linked = sorted({row[0] for row in found})
    log_changes(connection, tag_ids=linked)
    return linked
