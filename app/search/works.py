"""Searching works: one page of cards, the exact total, and facets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import tantivy

from app.accounts.rules import Viewer
from app.search.conditions import (
    MUST,
    Clause,
    Resolved,
    any_value,
    filter_clauses,
    resolve_criteria,
)
from app.search.criteria import Criteria
from app.search.engine import count, numbers, stored, total_of
from app.search.facets import Facets, count_facets, empty_facets
from app.search.matching import works_text_query
from app.search.ordering import DEEPEST, Hits, Page, Sort, find_page
from app.search.passages import works_with_text
from app.search.reader import Snapshot
from app.search.unsettled import cards_as_now

NOTHING = tantivy.Query.empty_query()


@dataclass(slots=True)
class Found:
    """A page of works as the index has it; cards still lack their counters and closing brace."""

    resolved: Resolved
    ids: list[int] = field(default_factory=list)
    cards: list[bytes] = field(default_factory=list)
    total: int = 0
    next_key: int | str | None = None
    facets: Facets | None = None
    text_truncated: bool = False


def search_works(
    snapshot: Snapshot,
    viewer: Viewer,
    criteria: Criteria,
    sort: Sort,
    page: Page,
    *,
    facets: tuple[str, ...] = (),
    facet_limit: int = 10,
) -> Found:
    """Find works. ``relevance`` needs ``q`` or ``text``; the caller has seen to that."""
    resolved = resolve_criteria(snapshot, viewer, criteria)
    found = Found(resolved)
    if resolved.nothing:
        found.facets = empty_facets(resolved, facets) if facets else None
        return found
    schema = snapshot.schemas["works"]
    clauses, scores, found.text_truncated = _clauses(snapshot, viewer, resolved)
    if scores is not None and sort.field == "relevance":
        hits = _by_text(snapshot, clauses, scores, page, with_q=criteria.q is not None)
    else:
        hits = find_page(snapshot.works, schema, clauses, sort, page)
    _fill(snapshot, found, hits)
    if facets:
        query = tantivy.Query.boolean_query(list(clauses))
        found.facets = count_facets(snapshot, query, resolved, facets, facet_limit)
    return found


def walk_works(
    snapshot: Snapshot, viewer: Viewer, criteria: Criteria, *, after: int, at_once: int
) -> Iterator[list[int]]:
    """The ids of all works that a search finds, ascending, behind an id, some at a time; of one state of the index."""
    resolved = resolve_criteria(snapshot, viewer, criteria)
    if resolved.nothing:
        return
    schema, searcher = snapshot.schemas["works"], snapshot.works
    clauses, _, _ = _clauses(snapshot, viewer, resolved)
    while True:
        behind = tantivy.Query.range_query(schema, "id", tantivy.FieldType.Unsigned, after + 1, None)
        query = tantivy.Query.boolean_query([*clauses, (MUST, behind)])
        hits = searcher.search(query, at_once, count=False, order_by_field="id", order=tantivy.Order.Asc).hits
        if not hits:
            return
        ids = numbers(searcher, "id", [address for _, address in hits])
        yield ids
        after = ids[-1]


def _clauses(
    snapshot: Snapshot, viewer: Viewer, resolved: Resolved
) -> tuple[list[Clause], dict[int, float] | None, bool]:
    """What a search asks of the index; with words in the stories, also the works with their scores, and if cut off."""
    criteria, schema = resolved.criteria, snapshot.schemas["works"]
    worded = criteria.q is not None or criteria.text is not None
    clauses = filter_clauses(schema, viewer, resolved, counters=True, narrowed=worded)
    if criteria.q is not None:
        clauses.append((MUST, works_text_query(snapshot, criteria.q, viewer)))
    if criteria.text is None:
        return clauses, None, False
    scores, truncated = works_with_text(snapshot, viewer, resolved)
    clauses.append((MUST, _among(schema, scores)))
    return clauses, scores, truncated


def _among(schema: tantivy.Schema, scores: dict[int, float]) -> tantivy.Query:
    if not scores:
        return NOTHING
    # A constant score: that a work is among them says nothing of how well it matches ``q``.
    return tantivy.Query.const_score_query(tantivy.Query.term_set_query(schema, "id", list(scores)), 0.0)


def _by_text(
    snapshot: Snapshot, clauses: Sequence[Clause], scores: dict[int, float], page: Page, *, with_q: bool
) -> Hits:
    """Order by the best passage of each work, with the score of ``q`` added where there is one."""
    searcher = snapshot.works
    query = tantivy.Query.boolean_query(list(clauses))
    found = searcher.search(query, DEEPEST)
    addresses = [address for _, address in found.hits]
    ids = numbers(searcher, "id", addresses)
    ranked = sorted(
        (
            (-(scores[work_id] + (score if with_q else 0.0)), work_id, address)
            for (score, address), work_id in zip(found.hits, ids, strict=True)
        ),
        key=lambda one: one[:2],
    )
    start = page.after if isinstance(page.after, int) else page.offset
    chosen = ranked[start : start + page.limit]
    end = start + len(chosen)
    return Hits(total_of(found), [one[2] for one in chosen], end if end < len(ranked) else None)


def _fill(snapshot: Snapshot, found: Found, hits: Hits) -> None:
    searcher = snapshot.works
    found.total, found.next_key = hits.total, hits.next_key
    if hits.addresses:
        found.ids = numbers(searcher, "id", list(hits.addresses))
        found.cards = cards_as_now(snapshot, [stored(searcher, address) for address in hits.addresses])


def cards_of(snapshot: Snapshot, ids: Sequence[int]) -> dict[int, bytes]:
    """The cards of some works by id, as the index has them."""
    if not ids:
        return {}
    searcher = snapshot.works
    query = tantivy.Query.term_set_query(snapshot.schemas["works"], "id", list(ids))
    addresses = [address for _, address in searcher.search(query, len(ids), count=False).hits]
    found = numbers(searcher, "id", addresses)
    cards = cards_as_now(snapshot, [stored(searcher, address) for address in addresses])
    return dict(zip(found, cards, strict=True))


def count_works(snapshot: Snapshot, viewer: Viewer, name: str, *values: int | str) -> int:
    """How many works the viewer may find have any of some values in a field: the uses of a tag, an author's works."""
    schema = snapshot.schemas["works"]
    from_viewer = filter_clauses(schema, viewer, Resolved(Criteria()), counters=True)
    query = tantivy.Query.boolean_query([*from_viewer, (MUST, any_value(schema, name, values))])
    return count(snapshot.works, query)


def describe(snapshot: Snapshot, viewer: Viewer, name: str, value: int) -> dict[str, Any]:
    """Works, words and most used fandoms of what a number in a field selects (an author's page)."""
    schema = snapshot.schemas["works"]
    resolved = Resolved(Criteria(author_ids=[0]))
    clauses = filter_clauses(schema, viewer, Resolved(Criteria()), counters=True)
    clauses.append((MUST, tantivy.Query.term_query(schema, name, value, "basic")))
    query = tantivy.Query.boolean_query(list(clauses))
    words = snapshot.works.aggregate(query, {"words": {"sum": {"field": "words"}}})["words"]["value"]
    fandoms = count_facets(snapshot, query, resolved, ("fandom",), 10)["fandom"]
    return {
        "works_count": count(snapshot.works, query),
        "words": int(words or 0),
        "fandoms": fandoms,
    }
