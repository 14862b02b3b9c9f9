"""Bins: the tags that nobody has wrangled yet, most used first, with what they may be."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from app.accounts.rules import Viewer
from app.search.conditions import MUST, Clause, Resolved, filter_clauses
from app.search.criteria import Criteria
from app.search.expanding import tag_field
from app.search.ordering import Page, Sort
from app.search.reader import Snapshot
from app.search.resolving import Tag, tags_by_id
from app.search.schema import TAG_TYPES
from app.search.suggesting import suggestions_for
from app.search.tags import FoundTags, TagQuery, list_tags, uses_of

MOST_TAGS = 60_000
"""So many different tags of one type of a fandom are looked through; the engine counts no more at once."""


@dataclass(frozen=True, slots=True)
class Bin:
    """A type of tags, and the fandoms (folded ids) on whose works they stand; no fandoms: all works."""

    type: str | None
    fandom_ids: tuple[int, ...] = ()


def list_bin(snapshot: Snapshot, viewer: Viewer, wanted: Bin, page: Page) -> FoundTags:
    """A page of unwrangled tags. With fandoms, ``uses`` are those on their works."""
    if not wanted.fandom_ids:
        query = TagQuery(type=wanted.type, unwrangled=True)
        found = list_tags(snapshot, viewer, query, Sort("uses", descending=True), page)
        return FoundTags(
            [tag | {"uses": uses_of(snapshot, viewer, tag)} for tag in found.tags], found.total, found.next_key
        )
    counted = _counted(snapshot, viewer, wanted)
    unwrangled = _unwrangled(snapshot, [tag_id for _, tag_id in counted])
    rows = [(-amount, tag_id) for amount, tag_id in counted if tag_id in unwrangled]
    rows.sort()
    start = page.offset if page.after is None else bisect_right(rows, _key_of(str(page.after)))
    chosen = rows[start : start + page.limit]
    known = tags_by_id(snapshot, [tag_id for _, tag_id in chosen])
    tags = [known[tag_id] | {"uses": -amount} for amount, tag_id in chosen if tag_id in known]
    more = start + len(chosen) < len(rows)
    return FoundTags(tags, len(rows), ":".join(map(str, chosen[-1])) if more else None)


def _key_of(cursor: str) -> tuple[int, int]:
    amount, _, tag_id = cursor.partition(":")
    return int(amount), int(tag_id)


def with_suggestions(snapshot: Snapshot, viewer: Viewer, tags: Sequence[Tag]) -> list[dict[str, Any]]:
    """The entries of a bin."""
    return [
        {
            "id": tag["id"], "type": tag["type"], "name": tag["name"], "kind": tag["kind"], "uses": tag["uses"],
            "suggestions": suggestions_for(snapshot, viewer, tag),
        }
        for tag in tags
    ]  # fmt: skip


def _counted(snapshot: Snapshot, viewer: Viewer, wanted: Bin) -> list[tuple[int, int]]:
    """(works, tag id) of the tags on the fandoms' works."""
    schema = snapshot.schemas["works"]
    clauses: list[Clause] = [*filter_clauses(schema, viewer, Resolved(Criteria()), counters=True)]
    field, ids = tag_field(snapshot, "tag", wanted.fandom_ids)
    clauses.append((MUST, tantivy.Query.term_set_query(schema, field, ids)))
    kinds = [wanted.type] if wanted.type else [kind for kind in TAG_TYPES if kind != "fandom"]
    aggregations = {
        kind: {"terms": {"field": f"facet_{kind}", "size": MOST_TAGS // len(kinds), "segment_size": MOST_TAGS}}
        for kind in kinds
    }
    answer = snapshot.works.aggregate(tantivy.Query.boolean_query(clauses), aggregations)
    return [(int(one["doc_count"]), int(one["key"])) for kind in kinds for one in answer[kind]["buckets"]]


def _unwrangled(snapshot: Snapshot, ids: Sequence[int]) -> set[int]:
    schema = snapshot.schemas["tags"]
    found: set[int] = set()
    for start in range(0, len(ids), MOST_TAGS):
        part = list(ids[start : start + MOST_TAGS])
        query = tantivy.Query.boolean_query(
            [
                (MUST, tantivy.Query.term_set_query(schema, "id", part)),
                (MUST, tantivy.Query.term_query(schema, "state", "unwrangled", "basic")),
            ]
        )
        hits = snapshot.tags.search(query, len(part), count=False, order_by_field="id").hits
        found |= {int(tag_id) for tag_id, _ in hits}
    return found
