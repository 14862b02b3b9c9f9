"""Finding tags: lists, autocomplete, and how much a tag is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import tantivy

from app.accounts.rules import Viewer
from app.search.analysis import terms
from app.search.conditions import MUST, MUST_NOT, SHOULD, Clause
from app.search.engine import stored
from app.search.ordering import Page, Sort, find_page
from app.search.reader import Snapshot
from app.search.resolving import Tag, find_by_name, stored_tags, tags_by_id
from app.search.visibility import visible_query
from app.search.works import count_works

TYPO_FROM = 5
"""From so many letters on, one typo is forgiven."""
MOST_SUGGESTED = 20
SYNONYMS_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class TagQuery:
    """What a list of tags is narrowed by."""

    q: str | None = None
    type: str | None = None
    canonical: bool | None = None
    unwrangled: bool | None = None
    fandom: str | None = None


@dataclass(slots=True)
class FoundTags:
    """A page of tags: stored members, the total, and where to go on."""

    tags: list[Tag]
    total: int
    next_key: int | str | None


def list_tags(snapshot: Snapshot, viewer: Viewer, wanted: TagQuery, sort: Sort, page: Page) -> FoundTags:
    """A page of the tags that exist for the viewer."""
    schema = snapshot.schemas["tags"]
    clauses = _clauses(snapshot, viewer, wanted)
    if clauses is None:
        return FoundTags([], 0, None)
    field = {"uses": "uses", "name": "name"}[sort.field]
    hits = find_page(snapshot.tags, schema, clauses, Sort(field, sort.descending), page)
    found = [orjson.loads(stored(snapshot.tags, address)) for address in hits.addresses]
    return FoundTags(found, hits.total, hits.next_key)


def _clauses(snapshot: Snapshot, viewer: Viewer, wanted: TagQuery) -> list[Clause] | None:
    """The conditions, or ``None`` where nothing can match."""
    schema = snapshot.schemas["tags"]
    clauses: list[Clause] = [(MUST, visible_query(schema, viewer))]
    if wanted.type is not None:
        clauses.append((MUST, _term(schema, "type", wanted.type)))
    if wanted.canonical is not None:
        clauses.append((MUST if wanted.canonical else MUST_NOT, _term(schema, "state", "canonical")))
    if wanted.unwrangled is not None:
        clauses.append((MUST if wanted.unwrangled else MUST_NOT, _term(schema, "state", "unwrangled")))
    if wanted.fandom is not None:
        fandoms = find_by_name(snapshot, viewer, "fandom", wanted.fandom)
        if not fandoms:
            return None
        ids = [tag["canonical_id"] or tag["id"] for tag in fandoms]
        clauses.append((MUST, tantivy.Query.term_set_query(schema, "parent", ids)))
    if wanted.q is not None:
        named = name_query(schema, wanted.q)
        if named is None:
            return None
        clauses.append((MUST, named))
    return clauses


def _term(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema, field, value, "basic")


def name_query(schema: tantivy.Schema, q: str) -> tantivy.Query | None:
    """Names whose words begin as those of ``q`` do, in any order; from five letters on with one typo."""
    words = terms(q)[:16]
    if not words:
        return None
    return tantivy.Query.boolean_query([(MUST, _word(schema, word)) for word in words])


def _word(schema: tantivy.Schema, word: str) -> tantivy.Query:
    parts = [(SHOULD, tantivy.Query.fuzzy_term_query(schema, "name", word, 0, prefix=True))]
    if len(word) >= TYPO_FROM and word.isascii():
        parts.append((SHOULD, tantivy.Query.fuzzy_term_query(schema, "name", word, 1, prefix=True)))
    return tantivy.Query.boolean_query(parts)


def autocomplete(
    snapshot: Snapshot,
    viewer: Viewer,
    q: str,
    kind: str | None,
    fandom: str | None,
    limit: int = MOST_SUGGESTED,
) -> list[dict[str, Any]]:
    """Names to choose from: canonical ones, most used first; a synonym answers with its canonical.

    Where nothing canonical matches (an archive that nobody has wrangled yet), the tags that works carry.
    """
    schema = snapshot.schemas["tags"]
    clauses = _clauses(snapshot, viewer, TagQuery(q=q, type=kind, fandom=fandom))
    if clauses is None:
        return []
    unwrangled = _term(schema, "state", "unwrangled")
    wrangled = tantivy.Query.boolean_query([*clauses, (MUST_NOT, unwrangled)])
    found = stored_tags(snapshot, wrangled, SYNONYMS_LOOKED_AT, order="sort_uses")
    if not found:
        raw = tantivy.Query.boolean_query([*clauses, (MUST, unwrangled)])
        found = stored_tags(snapshot, raw, limit, order="sort_uses")
    canonicals = tags_by_id(snapshot, {tag["canonical_id"] for tag in found if tag["canonical_id"]})
    shown: dict[int, dict[str, Any]] = {}
    for tag in sorted(found, key=lambda tag: tag["canonical_id"] is not None):
        target = canonicals.get(tag["canonical_id"], tag) if tag["canonical_id"] else tag
        shown.setdefault(
            target["id"],
            {
                "id": target["id"],
                "type": target["type"],
                "name": target["name"],
                "uses": uses_of(snapshot, viewer, target),
                "matched": tag["name"],
            },
        )
    return sorted(shown.values(), key=lambda row: (-row["uses"], row["name"]))[:limit]


def uses_of(snapshot: Snapshot, viewer: Viewer, tag: Tag) -> int:
    """How many works that the viewer may find carry a tag; a canonical counts its synonyms' works."""
    field = "tag_exact" if tag["canonical_id"] else "direct"
    return count_works(snapshot, viewer, field, tag["id"])


def with_uses(snapshot: Snapshot, viewer: Viewer, tags: Sequence[Tag]) -> list[dict[str, Any]]:
    """Tags as a list shows them."""
    return [tag | {"uses": uses_of(snapshot, viewer, tag), "pending": False} for tag in tags]
