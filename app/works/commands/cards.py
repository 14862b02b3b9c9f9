"""Rendering the cards of stored works again, after something that they show changed elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from app.db.bulk import insert_rows
from app.models import (
    Author,
    RelationshipMember,
    Series,
    SeriesWork,
    Tag,
    Tagging,
    Work,
    WorkAuthor,
    WorkCard,
    WorkSource,
)
from app.search.cards import CardFacts, CardTag, render_card


def refresh_cards(connection: Connection, ids: Sequence[int]) -> None:
    """Render the cards of some works from their rows; six statements, however many works (at most 500).

    Their rows are locked first, so that no change that is under way is rendered as it was before.
    """
    works = (
        connection.execute(select(Work).where(Work.id.in_(ids)).order_by(Work.id).with_for_update()).mappings().all()
    )
    authors = _grouped(
        connection,
        select(WorkAuthor.work_id, Author.id, Author.name)
        .join(Author)
        .where(WorkAuthor.work_id.in_(ids))
        .order_by(WorkAuthor.work_id, WorkAuthor.position),
    )
    series = _grouped(
        connection,
        select(SeriesWork.work_id, Series.id, Series.title, SeriesWork.position)
        .join(Series)
        .where(SeriesWork.work_id.in_(ids))
        .order_by(SeriesWork.work_id, Series.id),
    )
    sources = _grouped(
        connection,
        select(WorkSource.work_id, WorkSource.site, WorkSource.site_id, WorkSource.url)
        .where(WorkSource.work_id.in_(ids))
        .order_by(WorkSource.work_id, WorkSource.position.desc()),
    )
    tags = _tags(connection, ids)
    rows = []
    for work in works:
        source = sources.get(work["id"])
        facts = CardFacts(
            **{name: work[name] for name in _SHARED},
            authors=authors.get(work["id"], []),
            tags=tags.get(work["id"], {}),
            series=series.get(work["id"], []),
            source=dict(zip(("site", "id", "url"), source[-1], strict=True)) if source else None,
        )
        rows.append((work["id"], render_card(facts)))
    connection.execute(delete(WorkCard).where(WorkCard.work_id.in_(ids)))
    insert_rows(connection, WorkCard.__table__, ("work_id", "body"), rows)


_SHARED = (
    "id", "title", "summary", "language", "rating", "warnings", "categories", "status", "chapters_posted",
    "chapters_expected", "has_text", "words", "published_at", "revised_at", "state", "visibility", "anonymous",
    "version", "details",
)  # fmt: skip


def _grouped(connection: Connection, query: Any) -> dict[int, list[tuple[Any, ...]]]:
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for work_id, *rest in connection.execute(query):
        groups.setdefault(work_id, []).append(tuple(rest))
    return groups


def _tags(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, list[dict[str, Any]]]]:
    taggings = connection.execute(
        select(Tagging.work_id, Tag.id, Tag.type, Tag.name, Tag.kind)
        .join(Tag)
        .where(Tagging.work_id.in_(ids))
        .order_by(Tagging.work_id, Tagging.position)
    ).all()
    members = _grouped(
        connection,
        select(RelationshipMember.relationship_id, RelationshipMember.name, RelationshipMember.character_id)
        .where(RelationshipMember.relationship_id.in_({row[1] for row in taggings if row[2] == "relationship"}))
        .order_by(RelationshipMember.relationship_id, RelationshipMember.position),
    )
    found: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for work_id, tag_id, kind, name, relation in taggings:
        shown = CardTag(tag_id, kind, name, relation, members.get(tag_id, ())).as_json()
        found.setdefault(work_id, {}).setdefault(kind, []).append(shown)
    return found
