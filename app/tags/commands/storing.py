"""Writing what acts changed: the difference between the tags and links as they were and as they are now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, text

from app.db.bulk import insert_rows
from app.kit.names import parse_relationship
from app.kit.text import name_key
from app.models import RelationshipMember, Tag, TagBroader, TagParent
from app.tags.acts import TagState
from app.tags.neighbourhood import Neighbourhood
from app.tags.queries.neighbourhood import in_parts, tags_by_key

_UPDATE = text(
    "UPDATE tags SET name = :name, name_key = :name_key, kind = :kind, canonical = :canonical,"
    " canonical_id = :canonical_id WHERE id = :id"
)
_LINKS = {"parent": (TagParent, "child_id", "parent_id"), "broader": (TagBroader, "narrower_id", "broader_id")}
_ALTERED = text("UPDATE tags SET altered = :yes WHERE id = :id")


def store_effects(connection: Connection, part: Neighbourhood) -> None:
    """Bring the database to what the loaded graph says; facts that ended as they began cost nothing."""
    first: dict[tuple[str, int, int | None], str | None] = {}
    for effect in part.effects:
        first.setdefault((effect.what, effect.tag_id, effect.other_id), effect.before)
    changed = {key: before for key, before in first.items() if part.fact(key[0], key[1], key[2]) != before}  # type: ignore[arg-type]
    created = [key[1] for key, before in changed.items() if key[0] == "created" and before is None]
    deleted = [key[1] for key, before in changed.items() if key[0] == "created" and before is not None]
    _create(connection, [part.tags[one] for one in created])
    _update(connection, part, {key[1] for key in changed if key[0] in {"name", "canonical", "canonical_id"}})
    for what, (model, narrow, broad) in _LINKS.items():
        keys = [key for key in changed if key[0] == what]
        gone = [{"one": key[1], "other": key[2]} for key in keys if changed[key] is not None]
        if gone:
            name = model.__tablename__
            statement = f"DELETE FROM {name} WHERE {narrow} = :one AND {broad} = :other"  # noqa: S608 names are ours
            connection.execute(text(statement), gone)
        new = [(key[1], key[2]) for key in keys if changed[key] is None]
        insert_rows(connection, model.__table__, (narrow, broad), new)
    renamed = [key[1] for key in changed if key[0] == "name" and key[1] not in created]
    _rename(connection, [part.tags[one] for one in renamed if one in part.tags])
    if deleted:
        connection.execute(delete(Tag).where(Tag.id.in_(deleted)))


def _create(connection: Connection, tags: Collection[TagState]) -> None:
    now = datetime.now(UTC)
    rows = [(tag.id, tag.type, tag.name, tag.name_key, tag.kind, False, now) for tag in tags]
    insert_rows(connection, Tag.__table__, ("id", "type", "name", "name_key", "kind", "canonical", "created_at"), rows)
    _write_members(connection, [tag for tag in tags if tag.type == "relationship"])
    _meet_characters(connection, [tag for tag in tags if tag.type == "character"])


def _update(connection: Connection, part: Neighbourhood, ids: Collection[int]) -> None:
    """Tags that stay, synonyms let go before targets are deleted."""
    rows: list[dict[str, Any]] = [
        {
            "id": tag.id, "name": tag.name, "name_key": tag.name_key, "kind": tag.kind,
            "canonical": tag.canonical, "canonical_id": tag.canonical_id,
        }
        for tag in (part.tags[one] for one in sorted(ids) if one in part.tags)
    ]  # fmt: skip
    if rows:
        connection.execute(_UPDATE, rows)


def _rename(connection: Connection, tags: Collection[TagState]) -> None:
    """What else a name decides: who a relationship names, and which relationships name a character."""
    if not tags:
        return
    altered = {tag.id for tag in tags}
    relationships = [tag for tag in tags if tag.type == "relationship"]
    if relationships:
        ids = [tag.id for tag in relationships]
        connection.execute(delete(RelationshipMember).where(RelationshipMember.relationship_id.in_(ids)))
        _write_members(connection, relationships)
    characters = [tag for tag in tags if tag.type == "character"]
    if characters:
        altered |= _leave_characters(connection, characters)
        altered |= _meet_characters(connection, characters)
    _mark_altered(connection, altered)


def _mark_altered(connection: Connection, ids: Iterable[int]) -> None:
    rows = [{"yes": True, "id": one} for one in sorted(ids)]
    if rows:
        connection.execute(_ALTERED, rows)


def _write_members(connection: Connection, relationships: Collection[TagState]) -> None:
    named = [
        (tag.id, position, name)
        for tag in relationships
        for position, name in enumerate(parse_relationship(tag.name)[1], 1)
    ]
    characters = tags_by_key(connection, {("character", name_key(name)) for _, _, name in named})
    rows = [
        (tag_id, position, name, name_key(name), characters.get(("character", name_key(name))))
        for tag_id, position, name in named
    ]
    columns = ("relationship_id", "position", "name", "name_key", "character_id")
    insert_rows(connection, RelationshipMember.__table__, columns, rows)


def _meet_characters(connection: Connection, characters: Collection[TagState]) -> set[int]:
    """Point the relationships that name some characters at them; the relationships."""
    by_key = {tag.name_key: tag.id for tag in characters}
    query = select(RelationshipMember.relationship_id, RelationshipMember.position, RelationshipMember.name_key).where(
        RelationshipMember.character_id.is_(None)
    )
    found: list[Any] = []
    keys = sorted(by_key)
    for start in range(0, len(keys), 500):
        found += connection.execute(query.where(RelationshipMember.name_key.in_(keys[start : start + 500]))).all()
    if found:
        statement = "UPDATE relationship_members SET character_id = :character"
        connection.execute(
            text(statement + " WHERE relationship_id = :relationship AND position = :position"),
            [{"character": by_key[row[2]], "relationship": row[0], "position": row[1]} for row in found],
        )
    relationships = {row[0] for row in found}
    _mark_altered(connection, relationships)
    return relationships


def _leave_characters(connection: Connection, characters: Collection[TagState]) -> set[int]:
    """Let go of the relationships that name a character by a name that it has no more; the relationships."""
    keys = {tag.id: tag.name_key for tag in characters}
    query = select(
        RelationshipMember.relationship_id, RelationshipMember.position,
        RelationshipMember.character_id, RelationshipMember.name_key,
    )  # fmt: skip
    left = [row for row in in_parts(connection, query, RelationshipMember.character_id, keys) if keys[row[2]] != row[3]]
    if left:
        statement = "UPDATE relationship_members SET character_id = NULL"
        connection.execute(
            text(statement + " WHERE relationship_id = :relationship AND position = :position"),
            [{"relationship": row[0], "position": row[1]} for row in left],
        )
    return {row[0] for row in left}
