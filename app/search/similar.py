"""Works like a work: those that share its tags, a rare tag weighing more than a common one.

Weights are counted over what the viewer may find, so that no other work moves an order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import tantivy

from app.accounts.rules import Viewer
from app.search.conditions import MUST, MUST_NOT, SHOULD, Clause, Resolved, filter_clauses
from app.search.criteria import Criteria
from app.search.engine import count, numbers, stored
from app.search.expanding import tag_field
from app.search.reader import Snapshot
from app.search.unsettled import cards_as_now

MOST_TAGS = 75
"""Of a work with more, the first are looked at."""
SPARE = 3
"""So many times what is asked for is found, so that ties are broken by newness and not by the index."""


def similar_works(
    snapshot: Snapshot, viewer: Viewer, work_id: int, tag_ids: Sequence[int], limit: int
) -> list[tuple[int, bytes]]:
    """Ids and cards of the works that share most with a work, best first; ``tag_ids`` are its canonical tags."""
    schema = snapshot.schemas["works"]
    visible = filter_clauses(schema, viewer, Resolved(Criteria()), counters=True)
    everything = count(snapshot.works, tantivy.Query.boolean_query(list(visible)))
    shared: list[Clause] = []
    for tag_id in tag_ids[:MOST_TAGS]:
        field, ids = tag_field(snapshot, "direct", [tag_id])
        carries = tantivy.Query.term_set_query(schema, field, ids)
        uses = count(snapshot.works, tantivy.Query.boolean_query([*visible, (MUST, carries)]))
        if uses:
            shared.append((SHOULD, tantivy.Query.const_score_query(carries, math.log1p(everything / uses))))
    if not shared:
        return []
    itself = tantivy.Query.term_query(schema, "id", work_id, "basic")
    unscored = tantivy.Query.const_score_query(tantivy.Query.boolean_query(list(visible)), 0.0)
    query = tantivy.Query.boolean_query(
        [(MUST, unscored), (MUST, tantivy.Query.boolean_query(shared)), (MUST_NOT, itself)]
    )
    hits = snapshot.works.search(query, limit * SPARE, count=False).hits
    addresses = [address for _, address in hits]
    ranked = sorted(
        zip(numbers(snapshot.works, "id", addresses), hits, strict=True),
        key=lambda one: (-round(float(one[1][0]), 4), -one[0]),
    )
    best = ranked[:limit]
    cards = cards_as_now(snapshot, [stored(snapshot.works, hit[1]) for _, hit in best])
    return [(found, card) for (found, _), card in zip(best, cards, strict=True)]
