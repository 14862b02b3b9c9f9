"""What the indexer reads from the database, many works at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, select

from app.models import (
    Chapter,
    RelationshipMember,
    Tag,
    TagBroader,
    TagParent,
    Work,
    WorkCard,
)
from app.search.documents import ChapterRow, WorkRow
from app.search.tag_documents import TagRow
from app.tags.graph import TagGraph
from app.tags.queries.neighbourhood import in_parts
from app.tags.queries.shown import altered_tags, shown_tags

_STATS = (
    Work.brought_kudos + Work.counted_kudos,
    Work.brought_comments + Work.counted_comments,
    Work.brought_bookmarks + Work.counted_bookmarks,
    Work.brought_hits + Work.counted_hits,
)
_WORKS = select(Work.id, WorkCard.body, *_STATS).join(WorkCard).where(Work.state == "published")


def load_works(connection: Connection, ids: Sequence[int]) -> list[WorkRow]:
    """The published ones of some works."""
    rows = connection.execute(_WORKS.where(Work.id.in_(ids))).all()
    return [WorkRow(row[0], row[1], row[2:]) for row in rows]


def works_after(connection: Connection, after: int, limit: int, *, with_text: bool = False) -> list[WorkRow]:
    """The next published works by id (``with_text``: of those that have chapters here)."""
    query = _WORKS.where(Work.has_text) if with_text else _WORKS
    # Of the cards, too: PostgreSQL merges the two by id, and would read all cards up to there again for every part.
    behind = query.where(Work.id > after, WorkCard.work_id > after)
    rows = connection.execute(behind.order_by(Work.id).limit(limit)).all()
    return [WorkRow(row[0], row[1], row[2:]) for row in rows]


def load_chapters(connection: Connection, work_ids: Sequence[int]) -> Iterator[ChapterRow]:
    """The published chapters of some works, numbered as a reader counts them, streamed."""
    query = (
        select(Chapter.id, Chapter.work_id, Chapter.title, Chapter.content)
        .where(Chapter.work_id.in_(work_ids), Chapter.state == "published")
        .order_by(Chapter.work_id, Chapter.position)
        .execution_options(yield_per=200)
    )
    work, position = 0, 0
    for chapter_id, work_id, title, content in connection.execute(query):
        position = position + 1 if work_id == work else 1
        work = work_id
        yield ChapterRow(chapter_id, work_id, position, title, content)


def load_graph(connection: Connection) -> TagGraph:
    """The wrangled part of the tags: synonyms, canonical tags, broader links, and those that works show otherwise."""
    graph = TagGraph(altered=altered_tags(connection))
    query = select(Tag.id, Tag.canonical, Tag.canonical_id).where(Tag.canonical | Tag.canonical_id.is_not(None))
    for tag_id, canonical, canonical_id in connection.execute(query):
        graph.put(tag_id, canonical_id, canonical=canonical)
    for narrower, broader in connection.execute(select(TagBroader.narrower_id, TagBroader.broader_id)):
        graph.link(narrower, broader)
    return graph


def refresh_graph(connection: Connection, graph: TagGraph, ids: Collection[int]) -> None:
    """Bring some tags of a graph up to date."""
    for tag_id in ids:
        graph.forget(tag_id)
    altered = set()
    query = select(Tag.id, Tag.canonical, Tag.canonical_id, Tag.altered)
    for tag_id, canonical, canonical_id, changed in in_parts(connection, query, Tag.id, ids):
        graph.put(tag_id, canonical_id, canonical=canonical)
        if changed:
            altered.add(tag_id)
    graph.altered |= shown_tags(connection, altered)
    links = select(TagBroader.narrower_id, TagBroader.broader_id)
    for narrower, broader in in_parts(connection, links, TagBroader.narrower_id, ids):
        graph.link(narrower, broader)
    graph.forget_closures()


def relationships_naming(connection: Connection, characters: Collection[int]) -> set[int]:
    """The relationships whose members some characters are."""
    query = select(RelationshipMember.relationship_id).distinct()
    return {row[0] for row in in_parts(connection, query, RelationshipMember.character_id, characters)}


_TAGS = select(Tag.id, Tag.type, Tag.name, Tag.name_key, Tag.kind, Tag.canonical, Tag.canonical_id)


def load_tags(connection: Connection, ids: Sequence[int]) -> list[TagRow]:
    """Some tags with their fandoms and members."""
    rows = {row[0]: TagRow(*row) for row in connection.execute(_TAGS.where(Tag.id.in_(ids))).all()}
    _attach(connection, rows)
    return list(rows.values())


def tags_after(connection: Connection, after: int, limit: int) -> list[TagRow]:
    """The next tags by id, with their fandoms and members."""
    found = connection.execute(_TAGS.where(Tag.id > after).order_by(Tag.id).limit(limit)).all()
    rows = {row[0]: TagRow(*row) for row in found}
    _attach(connection, rows)
    return list(rows.values())


def _attach(connection: Connection, rows: dict[int, TagRow]) -> None:
    synonyms: dict[int, list[TagRow]] = {}
    for row in rows.values():
        if row.canonical_id is not None:
            synonyms.setdefault(row.canonical_id, []).append(row)
    parents = select(TagParent.child_id, TagParent.parent_id)
    for child, parent in in_parts(connection, parents, TagParent.child_id, rows.keys() | synonyms.keys()):
        if child in rows:
            rows[child].parents.append(parent)
        # A synonym is found in the fandoms of its canonical, too.
        for row in synonyms.get(child, ()):
            row.parents.append(parent)
    relationships = [tag_id for tag_id, row in rows.items() if row.type == "relationship"]
    members = (
        select(RelationshipMember.relationship_id, RelationshipMember.name_key, Tag.id, Tag.canonical_id)
        .join(Tag, Tag.id == RelationshipMember.character_id, isouter=True)
        .where(RelationshipMember.relationship_id.in_(relationships))
    )
    for relationship, key, character, canonical in connection.execute(members).all():
        rows[relationship].members.append((key, canonical or character))
