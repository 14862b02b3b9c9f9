"""From names that people type to tag ids: what a filter means, and what to suggest for a name that no tag has."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import orjson
import tantivy

from app.accounts.rules import Viewer
from app.kit.text import fold, name_key
from app.search.criteria import TagFilter
from app.search.engine import count, stored
from app.search.existing import existing_tags, sees_all_tags
from app.search.reader import Snapshot
from app.search.schema import TAG_TYPES
from app.search.tag_documents import grams

SUGGESTIONS = 5
CANDIDATES = 40
RELATIONSHIPS = 10_000
"""At most so many relationships are looked at for ``relationship_with``."""

Tag = dict[str, Any]


def stored_tags(snapshot: Snapshot, query: tantivy.Query, limit: int, order: str | None = None) -> list[Tag]:
    """The stored members of the tags that match, best or largest first."""
    searcher = snapshot.tags
    return tags_of_hits(snapshot, searcher.search(query, limit, count=False, order_by_field=order).hits)


def tags_of_hits(snapshot: Snapshot, hits: Iterable[tuple[Any, tantivy.DocAddress]]) -> list[Tag]:
    """The stored members of the tags that a search found."""
    return [orjson.loads(stored(snapshot.tags, address)) for _, address in hits]


def tags_by_id(snapshot: Snapshot, ids: Iterable[int]) -> dict[int, Tag]:
    """Tags by id, whoever asks: for names of tags that were already found on visible works."""
    known: dict[int, Tag] = snapshot.cache.setdefault("tags", {})
    missing = [one for one in ids if one not in known]
    if missing:
        if len(known) > 50_000:  # noqa: PLR2004  some tens of megabytes
            known.clear()
            missing = list(ids)
        query = tantivy.Query.term_set_query(snapshot.schemas["tags"], "id", missing)
        known |= {tag["id"]: tag for tag in stored_tags(snapshot, query, len(missing))}
    return known


def find_by_name(snapshot: Snapshot, viewer: Viewer, kind: str | None, name: str) -> list[Tag]:
    """The tags of a name that exist for the viewer: one of a type, or one in each of several types."""
    key = name_key(name)
    cache_key = ("name", viewer.visibilities, sees_all_tags(viewer), kind, key)
    found: list[Tag] | None = snapshot.cache.get(cache_key)
    if found is None:
        schema = snapshot.schemas["tags"]
        keys = [f"{one}:{key}" for one in ([kind] if kind else TAG_TYPES)]
        query = tantivy.Query.term_set_query(schema, "key", keys).and_must_match(existing_tags(schema, viewer))
        found = snapshot.cache[cache_key] = stored_tags(snapshot, query, len(keys))
    return found


def find_by_id(snapshot: Snapshot, viewer: Viewer, kind: str | None, tag_id: int) -> list[Tag]:
    """The tag of an id if it exists for the viewer and is of the type."""
    schema = snapshot.schemas["tags"]
    query = tantivy.Query.term_query(schema, "id", tag_id).and_must_match(existing_tags(schema, viewer))
    return [tag for tag in stored_tags(snapshot, query, 1) if kind in (None, tag["type"])]


def resolve(snapshot: Snapshot, viewer: Viewer, wanted: TagFilter) -> list[Tag]:
    """The tags that a filter names; empty where there is none."""
    if wanted.name is not None:
        return find_by_name(snapshot, viewer, wanted.type, wanted.name)
    assert wanted.id is not None
    return find_by_id(snapshot, viewer, wanted.type, wanted.id)


def suggest(snapshot: Snapshot, viewer: Viewer, kind: str | None, name: str) -> list[str]:
    """Names near to one that no tag has, nearest first; a synonym suggests its canonical."""
    schema = snapshot.schemas["tags"]
    occur = tantivy.Occur
    near = [(occur.Should, tantivy.Query.term_query(schema, "gram", gram, "basic")) for gram in grams(name)[:60]]
    if not near:
        return []
    parts = [(occur.Must, tantivy.Query.boolean_query(near)), (occur.Must, existing_tags(schema, viewer))]
    if kind:
        parts.append((occur.Must, tantivy.Query.term_query(schema, "type", kind, "basic")))
    candidates = stored_tags(snapshot, tantivy.Query.boolean_query(parts), CANDIDATES)
    wanted = fold(name)
    scored = sorted(((_likeness(wanted, fold(tag["name"])), tag) for tag in candidates), key=lambda pair: -pair[0])
    canonicals = tags_by_id(snapshot, {tag["canonical_id"] for _, tag in scored if tag["canonical_id"]})
    names = [
        canonicals.get(tag["canonical_id"], tag)["name"] if tag["canonical_id"] else tag["name"]
        for likeness, tag in scored
        if likeness >= 0.6  # noqa: PLR2004  below it, people no longer see the likeness
    ]
    return list(dict.fromkeys(names))[:SUGGESTIONS]


def _likeness(wanted: str, name: str) -> float:
    """Of whole names, or of a name with one of the other's words (``Sasukee`` and ``Uchiha Sasuke``)."""
    whole = difflib.SequenceMatcher(None, wanted, name, autojunk=False).ratio()
    words = (difflib.SequenceMatcher(None, wanted, word, autojunk=False).ratio() for word in name.split()[:8])
    return max(whole, 0.95 * max(words, default=0.0))


def relationships_with(snapshot: Snapshot, viewer: Viewer, names: Iterable[str]) -> tuple[list[int], list[str]]:
    """Relationships (folded ids) whose members include all the named, and the names that no member has."""
    schema = snapshot.schemas["tags"]
    occur = tantivy.Occur
    parts = [(occur.Must, existing_tags(schema, viewer))]
    unknown = []
    for name in names:
        characters = find_by_name(snapshot, viewer, "character", name)
        terms = [f"n:{name_key(name)}", *(f"c:{tag['canonical_id'] or tag['id']}" for tag in characters)]
        member = tantivy.Query.term_set_query(schema, "member", terms)
        if not count(snapshot.tags, member.and_must_match(parts[0][1])):
            unknown.append(name)
        parts.append((occur.Must, member))
    found = stored_tags(snapshot, tantivy.Query.boolean_query(parts), RELATIONSHIPS)
    return sorted({tag["canonical_id"] or tag["id"] for tag in found}), unknown
