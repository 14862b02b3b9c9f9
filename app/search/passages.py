"""Searching the stories' own text: chapters, and the works that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import tantivy

from app.accounts.rules import Viewer
from app.search.conditions import MUST, Clause, Resolved, filter_clauses
from app.search.engine import numbers, stored, total_of
from app.search.matching import passage_text_query, works_text_query
from app.search.ordering import DEEPEST, Page, Ranked, best_first
from app.search.reader import Snapshot

MOST_WORKS = 10_000
"""With ``text``, so many works are considered: those with most matching chapters."""
EXACT_WORKS = 200_000
AT_ONCE = 10_000
"""So many matches are fetched with a page, to count their works without a second search."""
MOST_BUCKETS = 60_000
"""The engine refuses more than 65,000 buckets."""


@dataclass(slots=True)
class Passage:
    """A chapter that matches: ``chapter`` is its ``{"id", "position", "title"}``."""

    work_id: int
    chapter: dict[str, Any]
    score: float


@dataclass(slots=True)
class FoundPassages:
    """A page of chapters."""

    passages: list[Passage] = field(default_factory=list)
    total: int = 0
    total_works: int = 0
    next_key: int | None = None


def passage_clauses(snapshot: Snapshot, viewer: Viewer, resolved: Resolved) -> list[Clause]:
    """The conditions on chapters: those of their works, and the text."""
    assert resolved.criteria.text is not None
    schema = snapshot.schemas["passages"]
    clauses = filter_clauses(schema, viewer, resolved, counters=False, narrowed=True)
    clauses.append((MUST, passage_text_query(snapshot, resolved.criteria.text, viewer)))
    return clauses


def works_with_text(snapshot: Snapshot, viewer: Viewer, resolved: Resolved) -> tuple[dict[int, float], bool]:
    """The works with matching chapters and the score of their best one; whether there are more than considered."""
    query = tantivy.Query.boolean_query(passage_clauses(snapshot, viewer, resolved))
    searcher = snapshot.passages
    best = searcher.search(query, MOST_WORKS)
    ids = numbers(searcher, "work_id", [address for _, address in best.hits])
    scores: dict[int, float] = {}
    for (score, _), work_id in zip(best.hits, ids, strict=True):
        scores.setdefault(work_id, score)
    if total_of(best) <= MOST_WORKS:
        return scores, False
    terms = {"terms": {"field": "work_id", "size": MOST_WORKS + 1, "segment_size": MOST_BUCKETS}}
    buckets = searcher.aggregate(query, {"works": terms})["works"]["buckets"]
    considered = {int(bucket["key"]) for bucket in buckets[:MOST_WORKS]}
    return {work_id: scores.get(work_id, 0.0) for work_id in considered}, len(buckets) > MOST_WORKS


def search_passages(snapshot: Snapshot, viewer: Viewer, resolved: Resolved, page: Page) -> FoundPassages:
    """Find chapters, best first. ``q`` and counters are asked of the works index, joined by work id."""
    if resolved.nothing:
        return FoundPassages()
    clauses = passage_clauses(snapshot, viewer, resolved)
    if resolved.criteria.q is not None or resolved.criteria.counters:
        ids = _works_that_fit(snapshot, viewer, resolved)
        if not ids:
            return FoundPassages()
        schema = snapshot.schemas["passages"]
        fitting = tantivy.Query.term_set_query(schema, "work_id", ids)
        clauses.append((MUST, tantivy.Query.const_score_query(fitting, 0.0)))
    return _page(snapshot, clauses, page)


def _works_that_fit(snapshot: Snapshot, viewer: Viewer, resolved: Resolved) -> list[int]:
    scores, _ = works_with_text(snapshot, viewer, resolved)
    if not scores:
        return []
    schema = snapshot.schemas["works"]
    clauses = filter_clauses(schema, viewer, resolved, counters=True)
    clauses.append((MUST, tantivy.Query.term_set_query(schema, "id", list(scores))))
    if resolved.criteria.q is not None:
        clauses.append((MUST, works_text_query(snapshot, resolved.criteria.q, viewer)))
    found = snapshot.works.search(tantivy.Query.boolean_query(clauses), MOST_WORKS, count=False)
    ids: list[int] = numbers(snapshot.works, "id", [address for _, address in found.hits])
    return ids


def _page(snapshot: Snapshot, clauses: Sequence[Clause], page: Page) -> FoundPassages:
    searcher = snapshot.passages
    query = tantivy.Query.boolean_query(list(clauses))
    start = page.after if isinstance(page.after, int) else page.offset
    ranked = best_first(searcher, query, start + page.limit, "chapter_id", AT_ONCE)
    total, hits = ranked.total, ranked.best[start : start + page.limit]
    addresses = [address for _, address in hits]
    works = numbers(searcher, "work_id", addresses)
    passages = [
        Passage(work_id, orjson.loads(stored(searcher, address)), score)
        for (score, address), work_id in zip(hits, works, strict=True)
    ]
    end = start + len(hits)
    more = bool(hits) and end < min(total, DEEPEST)
    return FoundPassages(passages, total, _count_works(snapshot, query, ranked), end if more else None)


def _count_works(snapshot: Snapshot, query: tantivy.Query, ranked: Ranked) -> int:
    """How many works the matching chapters belong to; exact up to 200,000 chapters, estimated beyond.

    A phrase is looked for a second time only where there are more matches than came with the page.
    """
    searcher, total = snapshot.passages, ranked.total
    if not total:
        return 0
    if total > EXACT_WORKS:
        return int(searcher.cardinality(query, "work_id"))
    if total == len(ranked.fetched):
        return len(set(numbers(searcher, "work_id", [address for _, address in ranked.fetched])))
    found = searcher.search(query, total, count=False, order_by_field="work_id")
    return len({work_id for work_id, _ in found.hits})
