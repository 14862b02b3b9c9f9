"""A tag's links, from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app.models import Tag, TagBroader, TagParent

LINKS = 60_000
"""So many links of a kind are read, to show the most used hundred of them."""


@dataclass(slots=True)
class TagLinks:
    """The ids of the tags linked to one, by the name of the link."""

    synonyms: list[int]
    parents: list[int]
    children: list[int]
    broader: list[int]
    narrower: list[int]


def tag_links(connection: Connection, tag_id: int) -> TagLinks:
    """All that is linked to a tag."""

    def ids(query: Any) -> list[int]:
        return list(connection.execute(query.limit(LINKS)).scalars())

    return TagLinks(
        synonyms=ids(select(Tag.id).where(Tag.canonical_id == tag_id)),
        parents=ids(select(TagParent.parent_id).where(TagParent.child_id == tag_id)),
        children=ids(select(TagParent.child_id).where(TagParent.parent_id == tag_id)),
        broader=ids(select(TagBroader.broader_id).where(TagBroader.narrower_id == tag_id)),
        narrower=ids(select(TagBroader.narrower_id).where(TagBroader.broader_id == tag_id)),
    )
