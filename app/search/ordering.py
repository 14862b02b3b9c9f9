"""One page of hits in a total order: by a packed number, by text, or by relevance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from app.search.conditions import MUST, Clause
from app.search.engine import count, numbers, total_of
from app.search.sort_keys import head_of
from app.search.watched import Searcher

DEEPEST = 10_000
"""Jumps by page, and walks by relevance, end here."""
TIES = 200


@dataclass(frozen=True, slots=True)
class Sort:
    """A field of the works index, or ``relevance``."""

    field: str
    descending: bool

    @property
    def name(self) -> str:
        """As the parameter spells it."""
        return f"-{self.field}" if self.descending and self.field != "relevance" else self.field


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the result: after a cursor's key, or by offset."""

    limit: int
    offset: int = 0
    after: int | str | None = None


@dataclass(slots=True)
class Hits:
    """Where the documents of a page lie; ``next_key`` goes into the cursor, none at the end."""

    total: int
    addresses: Sequence[tantivy.DocAddress]
    next_key: int | str | None


def find_page(searcher: Searcher, schema: tantivy.Schema, clauses: Sequence[Clause], sort: Sort, page: Page) -> Hits:
    """Search one page; the total is that of the whole result, wherever the page starts."""
    query = tantivy.Query.boolean_query(list(clauses))
    if sort.field == "relevance":
        return _by_offset(searcher, query, page)
    if page.after is None:
        return _first(searcher, query, sort, page)
    total = count(searcher, query)
    if isinstance(page.after, int):
        return _after_number(searcher, schema, clauses, sort, page, total)
    return _after_text(searcher, schema, clauses, sort, page, total)


def _order(sort: Sort) -> tantivy.Order:
    return tantivy.Order.Desc if sort.descending else tantivy.Order.Asc


def _by_offset(searcher: Searcher, query: tantivy.Query, page: Page) -> Hits:
    start = page.after if isinstance(page.after, int) else page.offset
    ranked = best_first(searcher, query, start + page.limit, "id")
    total, chosen = ranked.total, ranked.best[start : start + page.limit]
    end = start + len(chosen)
    more = bool(chosen) and end < min(total, DEEPEST)
    return Hits(total, [address for _, address in chosen], end if more else None)


@dataclass(slots=True)
class Ranked:
    """Hits by score: ``best`` in their final order, ``fetched`` those and what else came with them."""

    total: int
    best: list[tuple[float, tantivy.DocAddress]]
    fetched: list[tuple[float, tantivy.DocAddress]]


def best_first(searcher: Searcher, query: tantivy.Query, wanted: int, tie_break: str, spare: int = TIES) -> Ranked:
    """At least ``wanted`` hits (at most 10,000) by score; equal scores by a number, smallest first.

    The engine orders equal scores by where they lie, which merges change; a walk would miss some. So ``spare`` more are
    fetched, and more again where even those have the score of the last one wanted.
    """
    wanted = min(wanted, DEEPEST)
    limit = min(DEEPEST, wanted + spare)
    while True:
        found: Any = searcher.search(query, limit)
        hits = found.hits
        if len(hits) < limit or limit >= DEEPEST or hits[-1][0] < hits[wanted - 1][0]:
            break
        limit = min(DEEPEST, limit * 4)
    end = min(wanted, len(hits))
    while 0 < end < len(hits) and hits[end][0] == hits[end - 1][0]:
        end += 1
    keys = numbers(searcher, tie_break, [address for _, address in hits[:end]])
    order = sorted(range(end), key=lambda at: (-hits[at][0], keys[at]))
    return Ranked(int(found.count), [hits[at] for at in order], hits)


def _first(searcher: Searcher, query: tantivy.Query, sort: Sort, page: Page) -> Hits:
    found = searcher.search(
        query, page.limit, order_by_field=f"sort_{sort.field}", offset=page.offset, order=_order(sort)
    )
    total = total_of(found)
    more = page.offset + len(found.hits) < total
    return Hits(total, [address for _, address in found.hits], _last(found.hits) if more and found.hits else None)


def _after_number(
    searcher: Searcher,
    schema: tantivy.Schema,
    clauses: Sequence[Clause],
    sort: Sort,
    page: Page,
    total: int,
) -> Hits:
    name = f"sort_{sort.field}"
    low, high = (None, page.after) if sort.descending else (page.after, None)
    rest = tantivy.Query.range_query(
        schema,
        name,
        tantivy.FieldType.Unsigned,
        low,
        high,
        include_lower=low is None,
        include_upper=high is None,
    )
    query = tantivy.Query.boolean_query([*clauses, (MUST, rest)])
    found = searcher.search(query, page.limit + 1, count=False, order_by_field=name, order=_order(sort))
    hits = found.hits[: page.limit]
    more = len(found.hits) > page.limit
    return Hits(total, [address for _, address in hits], _last(hits) if more else None)


def _after_text(
    searcher: Searcher,
    schema: tantivy.Schema,
    clauses: Sequence[Clause],
    sort: Sort,
    page: Page,
    total: int,
) -> Hits:
    """Text has no range in the engine: start at its first eight bytes, then pass over what came before."""
    assert isinstance(page.after, str)
    head = head_of(page.after.partition("\0")[0])
    low, high = (None, head) if sort.descending else (head, None)
    rest = tantivy.Query.range_query(schema, f"head_{sort.field}", tantivy.FieldType.Unsigned, low, high)
    query = tantivy.Query.boolean_query([*clauses, (MUST, rest)])
    limit = page.limit + TIES
    while True:
        found = searcher.search(query, limit, count=False, order_by_field=f"sort_{sort.field}", order=_order(sort)).hits
        beyond = [hit for hit in found if (hit[0] < page.after if sort.descending else hit[0] > page.after)]
        if len(beyond) > page.limit or len(found) < limit:
            break
        limit *= 4
    hits = beyond[: page.limit]
    return Hits(total, [address for _, address in hits], _last(hits) if len(beyond) > page.limit else None)


def _last(hits: Sequence[tuple[Any, tantivy.DocAddress]]) -> int | str | None:
    key: int | str = hits[-1][0]
    return key
