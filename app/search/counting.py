"""Counting the works that acts of wrangling reach."""

from __future__ import annotations

from collections.abc import Collection

import tantivy

from app.accounts.rules import Viewer
from app.search.engine import count
from app.search.reader import Snapshot
from app.search.visibility import visible_clauses
from app.tags.commands.wrangling import Counter

MOST_COUNTED = 20_000
"""A count over more spellings than these is not made: the act says ``null``."""
MOST_WALKED = 64
"""So many spellings are counted list by list; of more, the engine marks every work first, whatever it finds."""


def works_counter(snapshot: Snapshot, viewer: Viewer) -> Counter:
    """Counts the works, as far as the caller may find them, that carry any of some tags; the same ones once."""
    schema = snapshot.schemas["works"]
    visible = visible_clauses(schema, viewer, narrowed=True)
    known: dict[frozenset[int], int] = {}

    def carried(ids: Collection[int]) -> int | None:
        if len(ids) > MOST_COUNTED:
            return None
        key = frozenset(ids)
        if key not in known:
            clauses = [(tantivy.Occur.Must, _carrying(schema, sorted(key))), *visible]
            known[key] = count(snapshot.works, tantivy.Query.boolean_query(clauses))
        return known[key]

    return carried


def _carrying(schema: tantivy.Schema, ids: list[int]) -> tantivy.Query:
    if len(ids) > MOST_WALKED:
        return tantivy.Query.term_set_query(schema, "tag_exact", ids)
    terms = [tantivy.Query.term_query(schema, "tag_exact", one, "basic") for one in ids]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
