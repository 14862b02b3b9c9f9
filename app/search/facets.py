"""Exact counts of a result by tag or closed value, most first, then by name."""

from __future__ import annotations

import os
from threading import BoundedSemaphore
from typing import Any

import tantivy

from app.search.conditions import Resolved
from app.search.engine import count
from app.search.reader import Snapshot
from app.search.resolving import tags_by_id
from app.search.schema import TAG_TYPES
from app.search.unsettled import counted_anew, unsettled_facets

SEGMENT_SIZE = 1_000
"""Terms that each segment hands on; where that makes counts too low, the engine says by how much."""
LARGEST_SEGMENT_SIZE = 60_000
"""The engine refuses more than 65,000 buckets in all."""
MOST_TIED = 5_000
"""Of tags with one same count, so many are put in order by name."""

AT_ONCE = max(2, os.cpu_count() or 1)
"""So many threads count facets at the same time: more would end no sooner, and each holds what it has counted."""
_TURNS = BoundedSemaphore(AT_ONCE)

Facets = dict[str, list[dict[str, Any]]]
Buckets = list[tuple[Any, int]]


def count_facets(
    snapshot: Snapshot, query: tantivy.Query, resolved: Resolved, names: tuple[str, ...], limit: int
) -> Facets:
    """The facets of a result, with the excluded tags and values at 0."""
    # The whole query names them: it holds what the viewer may see, too.
    key = (names, limit, repr(query))

    def make() -> Facets:
        with _TURNS:
            return _count(snapshot, query, names, limit)

    counted = snapshot.flights.once(key, make, keep=resolved.criteria.is_plain)
    if any(mode == "exclude_" for mode, _, _ in resolved.terms) or resolved.criteria.tokens:
        counted = {name: rows + _excluded(resolved, name) for name, rows in counted.items()}
    return counted


def empty_facets(resolved: Resolved, names: tuple[str, ...]) -> Facets:
    """Of a result that is known to be empty."""
    return {name: _excluded(resolved, name) for name in names}


def _count(snapshot: Snapshot, query: tantivy.Query, names: tuple[str, ...], limit: int) -> Facets:
    unsettled = unsettled_facets(snapshot)
    shown, limit = limit, limit + max((len(unsettled.get(name, ())) for name in names), default=0)
    size = limit + 10
    found = _aggregate(snapshot, query, names, size, SEGMENT_SIZE)
    for name in names:
        buckets, error = found[name]
        wanted = size
        verified = _verified(snapshot, query, name, buckets, error, limit) if error else None
        if verified is not None:
            found[name] = (verified, 0)
            continue
        while error or (_tied(buckets, limit, wanted) and wanted < MOST_TIED):
            # Rarely needed, so one facet at a time.
            wanted = min(MOST_TIED, wanted * 8)
            buckets, left = _aggregate(snapshot, query, (name,), wanted, LARGEST_SEGMENT_SIZE)[name]
            if left:
                buckets = _counted_one_by_one(snapshot, query, name, buckets[: limit * 2])
            error, found[name] = 0, (buckets, 0)
    buckets_of = {name: buckets for name, (buckets, _) in found.items()}
    for name in unsettled.keys() & buckets_of.keys():
        buckets_of[name] = counted_anew(snapshot, query, buckets_of[name], unsettled[name])
    return {name: _rows(snapshot, name, buckets, shown) for name, buckets in buckets_of.items()}


def _field(name: str) -> str:
    return f"facet_{name}" if name in TAG_TYPES else name


def _aggregate(
    snapshot: Snapshot, query: tantivy.Query, names: tuple[str, ...], size: int, segment_size: int
) -> dict[str, tuple[Buckets, int]]:
    """Buckets by facet, and by how much their counts may be too low."""
    aggregations = {
        name: {"terms": {"field": _field(name), "size": size, "segment_size": max(size, segment_size)}}
        for name in names
    }
    answer = snapshot.works.aggregate(query, aggregations)
    return {
        name: (
            [(bucket["key"], int(bucket["doc_count"])) for bucket in answer[name]["buckets"]],
            int(answer[name].get("doc_count_error_upper_bound") or 0),
        )
        for name in names
    }


def _verified(
    snapshot: Snapshot, query: tantivy.Query, name: str, buckets: Buckets, error: int, limit: int
) -> Buckets | None:
    """The terms that may be shown with exact counts; ``None`` where others than those fetched may be among them.

    A count may be too low by ``error``, so what is fetched and stays below the last one shown by more than that, and
    whatever was not fetched, cannot be among the first.
    """
    last = buckets[min(limit, len(buckets)) - 1][1]
    near = [bucket for bucket in buckets if bucket[1] + error >= last]
    return None if len(near) == len(buckets) else _counted_one_by_one(snapshot, query, name, near)


def _counted_one_by_one(snapshot: Snapshot, query: tantivy.Query, name: str, buckets: Buckets) -> Buckets:
    """The last resort for more terms than the engine can merge: one exact count a term."""
    schema = snapshot.schemas["works"]
    field = "direct" if name in TAG_TYPES else name
    exact = [
        (key, count(snapshot.works, query.and_must_match(tantivy.Query.term_query(schema, field, key, "basic"))))
        for key, _ in ((int(key) if name in TAG_TYPES else key, amount) for key, amount in buckets)
    ]
    return sorted(exact, key=lambda bucket: -bucket[1])


def _tied(buckets: Buckets, limit: int, size: int) -> bool:
    """Whether terms beyond those fetched may have the same count as the last one shown."""
    return len(buckets) >= size and buckets[-1][1] == buckets[limit - 1][1]


def _rows(snapshot: Snapshot, name: str, buckets: Buckets, limit: int) -> list[dict[str, Any]]:
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
