"""A tag's page: its row and its links, from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app.models import Tag, TagBroader, TagParent

LINKS = 2_000
"""So many links of a kind are read, to show the most used hundred of them."""


@dataclass(slots=True)
class TagLinks:
    """Tags linked to one, by the name of the link; ids, types and names."""

    synonyms: list[dict[str, Any]]
    parents: list[dict[str, Any]]
    children: list[dict[str, Any]]
    broader: list[dict[str, Any]]
    narrower: list[dict[str, Any]]


def tag_links(connection: Connection, tag_id: int) -> TagLinks:
    """All that is linked to a tag."""
    one = select(Tag.id, Tag.type, Tag.name).order_by(Tag.name).limit(LINKS)

    def rows(query: Any) -> list[dict[str, Any]]:
        return [{"id": row[0], "type": row[1], "name": row[2]} for row in connection.execute(query)]

    return TagLinks(
        synonyms=rows(one.where(Tag.canonical_id == tag_id)),
        parents=rows(one.join(TagParent, TagParent.parent_id == Tag.id).where(TagParent.child_id == tag_id)),
        children=rows(one.join(TagParent, TagParent.child_id == Tag.id).where(TagParent.parent_id == tag_id)),
        broader=rows(one.join(TagBroader, TagBroader.broader_id == Tag.id).where(TagBroader.narrower_id == tag_id)),
        narrower=rows(one.join(TagBroader, TagBroader.narrower_id == Tag.id).where(TagBroader.broader_id == tag_id)),
    )
