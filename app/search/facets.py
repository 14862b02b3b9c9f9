"""Exact counts of a result by tag or closed value, most first, then by name."""

from __future__ import annotations

from typing import Any

import tantivy

from app.search.conditions import Resolved
from app.search.reader import Snapshot
from app.search.resolving import tags_by_id
from app.search.schema import TAG_TYPES

SEGMENT_SIZE = 65_000
"""Terms counted in each segment before they are merged: below the number of distinct terms, counts are wrong."""
MOST_TIED = 5_000
"""Of tags with one same count, so many are put in order by name."""

Facets = dict[str, list[dict[str, Any]]]


def count_facets(
    snapshot: Snapshot, query: tantivy.Query, resolved: Resolved, names: tuple[str, ...], limit: int
) -> Facets:
    """The facets of a result, with the excluded tags and values at 0."""
    key = ("facets", names, limit, str(resolved.terms)) if resolved.criteria.is_plain else None
    counted: Facets | None = snapshot.cache.get(key) if key else None
    if counted is None:
        counted = _count(snapshot, query, names, limit)
        if key:
            snapshot.cache[key] = counted
    if any(mode == "exclude_" for mode, _, _ in resolved.terms) or resolved.criteria.tokens:
        counted = {name: rows + _excluded(resolved, name) for name, rows in counted.items()}
    return counted


def empty_facets(resolved: Resolved, names: tuple[str, ...]) -> Facets:
    """Of a result that is known to be empty."""
    return {name: _excluded(resolved, name) for name in names}


def _count(snapshot: Snapshot, query: tantivy.Query, names: tuple[str, ...], limit: int) -> Facets:
    size = limit + 10
    found = _aggregate(snapshot, query, names, size)
    for name in names:
        while (wider := _tied(found[name], limit, size)) is not None and size < MOST_TIED:
            found |= _aggregate(snapshot, query, (name,), wider)
            size = wider
        size = limit + 10
    return {name: _rows(snapshot, name, found[name], limit) for name in names}


def _aggregate(
    snapshot: Snapshot, query: tantivy.Query, names: tuple[str, ...], size: int
) -> dict[str, list[tuple[Any, int]]]:
    aggregations = {
        name: {
            "terms": {
                "field": f"facet_{name}" if name in TAG_TYPES else name,
                "size": size,
                "segment_size": max(size, SEGMENT_SIZE),
            }
        }
        for name in names
    }
    answer = snapshot.works.aggregate(query, aggregations)
    return {name: [(bucket["key"], int(bucket["doc_count"])) for bucket in answer[name]["buckets"]] for name in names}


def _tied(buckets: list[tuple[Any, int]], limit: int, size: int) -> int | None:
    """A larger size, where terms beyond those fetched may have the same count as the last one shown."""
    if len(buckets) < size or buckets[-1][1] != buckets[limit - 1][1]:
        return None
    return size * 8


def _rows(snapshot: Snapshot, name: str, buckets: list[tuple[Any, int]], limit: int) -> list[dict[str, Any]]:
    if not buckets:
        return []
    last = buckets[min(limit, len(buckets)) - 1][1]
    shown = [(key, count) for key, count in buckets if count >= last]
    if name not in TAG_TYPES:
        shown.sort(key=lambda pair: (-pair[1], pair[0]))
        return [{"value": key, "count": count} for key, count in shown[:limit]]
    tags = tags_by_id(snapshot, [int(key) for key, _ in shown])
    rows = [
        {"id": int(key), "name": tags[int(key)]["name"], "count": count} for key, count in shown if int(key) in tags
    ]
    rows.sort(key=lambda row: (-row["count"], row["name"]))
    return rows[:limit]


def _excluded(resolved: Resolved, name: str) -> list[dict[str, Any]]:
    if name in TAG_TYPES:
        tags = {tag["id"]: tag for tag in resolved.excluded if tag["type"] == name}
        return [{"id": tag_id, "name": tag["name"], "count": 0, "excluded": True} for tag_id, tag in tags.items()]
    values = [
        value
        for token in resolved.criteria.tokens
        if token.field == name and token.mode == "exclude_"
        for value in token.values
    ]
    return [{"value": value, "count": 0, "excluded": True} for value in dict.fromkeys(values)]
