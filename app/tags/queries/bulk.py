"""Reads for tables of tags: many tags at once, by what a table knows of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, func, or_, select

from app.models import Tag, TagBroader, Tagging, TagParent, Work
from app.tags.acts import TagState
from app.tags.queries.neighbourhood import LOOKUP, in_parts, tag_states

TagKey = tuple[str, str]
LinkKind = Literal["parent", "broader"]
_STATE = (Tag.id, Tag.type, Tag.name, Tag.name_key, Tag.kind, Tag.canonical, Tag.canonical_id)
_LINKS = {
    "parent": (TagParent.child_id, TagParent.parent_id),
    "broader": (TagBroader.narrower_id, TagBroader.broader_id),
}
PAGE = 1_000


@dataclass(slots=True)
class Known:
    """Tags as they are here, by type and name key, with the canonicals of those that are synonyms."""

    by_key: dict[TagKey, TagState] = field(default_factory=dict)
    by_id: dict[int, TagState] = field(default_factory=dict)

    def put(self, tag: TagState) -> None:
        """Add a tag."""
        self.by_key[tag.type, tag.name_key] = tag
        self.by_id[tag.id] = tag

    def fold(self, tag: TagState) -> TagState:
        """The canonical of a synonym; any other tag itself."""
        while tag.canonical_id is not None:
            tag = self.by_id[tag.canonical_id]
        return tag


def known_tags(connection: Connection, keys: Iterable[TagKey]) -> Known:
    """The tags of some (type, name key) pairs that exist."""
    known = Known()
    by_type: dict[str, list[str]] = {}
    for kind, key in keys:
        by_type.setdefault(kind, []).append(key)
    for kind, names in by_type.items():
        for row in in_parts(connection, select(*_STATE).where(Tag.type == kind), Tag.name_key, names):  # type: ignore[arg-type]
            known.put(TagState(*row))
    targets = {tag.canonical_id for tag in known.by_id.values() if tag.canonical_id is not None}
    for tag in tag_states(connection, targets - known.by_id.keys()):
        known.put(tag)
    return known


def types_of_names(connection: Connection, keys: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Name key, type, and whether it is wrangled, of the tags of any type that have some names."""
    for kind in ("fandom", "character", "relationship", "freeform"):
        for start in range(0, len(keys), LOOKUP):
            query = select(Tag.name_key, or_(Tag.canonical, Tag.canonical_id.is_not(None))).where(
                Tag.type == kind, Tag.name_key.in_(keys[start : start + LOOKUP])
            )
            for key, wrangled in connection.execute(query):
                yield key, kind, bool(wrangled)


def links_from(connection: Connection, what: LinkKind, ids: Collection[int]) -> set[tuple[int, int]]:
    """The direct links of a kind that some tags have: (tag, its parent or broader tag)."""
    narrow, broad = _LINKS[what]
    return {(row[0], row[1]) for row in in_parts(connection, select(narrow, broad), narrow, ids)}


@dataclass(slots=True)
class ExportedTag:
    """A tag with its links by type and name."""

    state: TagState
    synonym_of: str | None = None
    parents: list[tuple[str, str]] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    uses: int = 0


def all_tags_linked(connection: Connection, *, unwrangled: bool, uses: bool) -> Iterator[ExportedTag]:
    """Every tag in the order of ids, a page at a time; only those that were wrangled, unless ``unwrangled``."""
    after = 0
    while True:
        query = select(*_STATE).where(Tag.id > after).order_by(Tag.id).limit(PAGE)
        page = [TagState(*row) for row in connection.execute(query)]
        if not page:
            return
        after = page[-1].id
        yield from (
            tag
            for tag in _linked(connection, page, uses=uses)
            if unwrangled or tag.state.canonical or tag.synonym_of is not None or tag.parents
        )


def _linked(connection: Connection, page: list[TagState], *, uses: bool) -> list[ExportedTag]:
    ids = [tag.id for tag in page]
    found = {tag.id: ExportedTag(tag) for tag in page}
    targets = {tag.canonical_id for tag in page if tag.canonical_id is not None}
    names = {tag.id: tag.name for tag in tag_states(connection, targets)}
    for tag in page:
        if tag.canonical_id is not None:
            found[tag.id].synonym_of = names[tag.canonical_id]
    parents = select(TagParent.child_id, Tag.type, Tag.name).join(Tag, Tag.id == TagParent.parent_id)
    for child, kind, name in in_parts(connection, parents, TagParent.child_id, ids):
        found[child].parents.append((kind, name))
    broader = select(TagBroader.narrower_id, Tag.name).join(Tag, Tag.id == TagBroader.broader_id)
    for narrow, name in in_parts(connection, broader, TagBroader.narrower_id, ids):
        found[narrow].broader.append(name)
    if uses:
        _count_uses(connection, found)
    for one in found.values():
        one.parents.sort()
        one.broader.sort()
    return list(found.values())


def _count_uses(connection: Connection, found: dict[int, ExportedTag]) -> None:
    """By what a stranger may see."""
    query: Any = (
        select(Tagging.tag_id, func.count())
        .join(Work, Work.id == Tagging.work_id)
        .where(Work.state == "published", Work.visibility == "public")
        .group_by(Tagging.tag_id)
    )
    for tag_id, count in in_parts(connection, query, Tagging.tag_id, found):
        found[tag_id].uses = count
