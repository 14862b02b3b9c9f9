"""Loading the part of the tag graph that some acts can touch: a fixed number of statements, however many acts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, exists, select

from app.models import Tag, TagBroader, Tagging, TagParent
from app.tags.acts import TagState
from app.tags.neighbourhood import Neighbourhood

LOOKUP = 500
_STATE = select(Tag.id, Tag.type, Tag.name, Tag.name_key, Tag.kind, Tag.canonical, Tag.canonical_id)


def in_parts(connection: Connection, query: Any, column: Any, ids: Collection[int]) -> Iterable[Sequence[Any]]:
    """The rows of a query for some ids, asked for a few hundred at a time.

    Fetched at once, here and wherever many rows are read: a row by itself costs twice as much.
    """
    wanted = sorted(ids)
    for start in range(0, len(wanted), LOOKUP):
        yield from connection.execute(query.where(column.in_(wanted[start : start + LOOKUP]))).all()


def tag_states(connection: Connection, ids: Collection[int]) -> list[TagState]:
    """Some tags by id."""
    return [TagState(*row) for row in in_parts(connection, _STATE, Tag.id, ids)]


def load_neighbourhood(connection: Connection, ids: Collection[int]) -> Neighbourhood:
    """Tags with their canonicals, synonyms, parents, children, and direct narrower ones; all broader ones' links."""
    part = Neighbourhood()
    for tag in tag_states(connection, ids):
        part.add(tag)
    for row in in_parts(connection, _STATE, Tag.canonical_id, ids):
        if row[0] not in part.tags:
            part.add(TagState(*row))
    for child, parent in in_parts(connection, select(TagParent.child_id, TagParent.parent_id), TagParent.child_id, ids):
        part.add_link("parent", child, parent)
    for child, parent in in_parts(
        connection, select(TagParent.child_id, TagParent.parent_id), TagParent.parent_id, ids
    ):
        part.add_link("parent", child, parent)
    narrower = select(TagBroader.narrower_id, TagBroader.broader_id)
    for narrow, broad in in_parts(connection, narrower, TagBroader.broader_id, ids):
        part.add_link("broader", narrow, broad)
    _load_upwards(connection, part, ids)
    linked = {tag.canonical_id for tag in part.tags.values() if tag.canonical_id is not None}
    linked |= {parent for parents in part.parents.values() for parent in parents}
    for tag in tag_states(connection, linked - part.tags.keys()):
        part.add(tag)
    return part


def _load_upwards(connection: Connection, part: Neighbourhood, ids: Collection[int]) -> None:
    """A statement a level; real hierarchies are some seven levels deep."""
    seen: set[int] = set()
    level = set(ids)
    query = select(TagBroader.narrower_id, TagBroader.broader_id)
    while level:
        seen |= level
        found = list(in_parts(connection, query, TagBroader.narrower_id, level))
        for narrow, broad in found:
            part.add_link("broader", narrow, broad)
        level = {broad for _, broad in found} - seen


def with_narrower(connection: Connection, ids: Collection[int]) -> set[int]:
    """Tags, all that is narrower than they are, and the synonyms of all these: whose works a filter on them finds."""
    reached: set[int] = set()
    level = set(ids)
    query = select(TagBroader.narrower_id)
    while level:
        reached |= level
        level = {row[0] for row in in_parts(connection, query, TagBroader.broader_id, level)} - reached
    return with_spellings(connection, reached)


def with_spellings(connection: Connection, ids: Collection[int]) -> set[int]:
    """Tags and their synonyms."""
    return {*ids, *(row[0] for row in in_parts(connection, select(Tag.id), Tag.canonical_id, ids))}


def used_tags(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of some tags that any work carries, whatever its state."""
    used = select(Tag.id).where(exists().where(Tagging.tag_id == Tag.id))
    return {row[0] for row in in_parts(connection, used, Tag.id, ids)}


def tags_by_key(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The ids of tags by (type, name key)."""
    found: dict[tuple[str, str], int] = {}
    by_type: dict[str, list[str]] = {}
    for kind, key in keys:
        by_type.setdefault(kind, []).append(key)
    for kind, names in by_type.items():
        for start in range(0, len(names), LOOKUP):
            query = select(Tag.name_key, Tag.id).where(
                Tag.type == kind, Tag.name_key.in_(names[start : start + LOOKUP])
            )
            found |= {(kind, key): tag_id for key, tag_id in connection.execute(query)}
    return found
