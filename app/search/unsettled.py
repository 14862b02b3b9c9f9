"""What documents say too late of tags whose acts are being settled: facets and cards are put right as they are asked.

Filters are, too (:mod:`app.search.expanding`). So an act on a tag of a hundred thousand works shows at once in filters,
totals, facets and cards; what waits for the documents is ``crossover``, and the words of a name that changed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import orjson
import tantivy
from sqlalchemy import Connection, select

from app.models import Tag
from app.search.cards import patch_tags
from app.search.documents import parse_card, tags_of
from app.search.engine import count
from app.search.expanding import tag_field
from app.search.reader import Snapshot
from app.search.schema import TAG_TYPES
from app.tags.queries.neighbourhood import in_parts
from app.tags.queries.shown import shown_tags

Buckets = list[tuple[Any, int]]
Unsettled = dict[str, dict[int, bool]]
"""By type, the tags whose facet is not as documents have it, and whether each has one: synonyms have none."""


def unsettled_facets(snapshot: Snapshot) -> Unsettled:
    """The tags to be counted anew; those of acts on too many tags are left out, which readers wait for."""
    ids = {one for act in snapshot.settling if act.shows_at_once for one in act.filters or ()}
    if not ids or snapshot.database is None:
        return {}
    known: Unsettled | None = snapshot.cache.get("unsettled facets")
    if known is None:
        known = {kind: {} for kind in TAG_TYPES}
        with snapshot.database.reading() as connection:
            query = select(Tag.id, Tag.type, Tag.canonical_id)
            for tag_id, kind, canonical in in_parts(connection, query, Tag.id, ids):
                known[kind][tag_id] = canonical is None
        snapshot.cache["unsettled facets"] = known
    return known


def counted_anew(snapshot: Snapshot, query: tantivy.Query, buckets: Buckets, tags: dict[int, bool]) -> Buckets:
    """The buckets of a facet, most first, with some tags counted by what works bear themselves."""
    right = [(key, amount) for key, amount in buckets if int(key) not in tags]
    for tag_id in (one for one, has_facet in tags.items() if has_facet):
        field, ids = tag_field(snapshot, "direct", [tag_id])
        borne = tantivy.Query.term_set_query(snapshot.schemas["works"], field, ids)
        amount = count(snapshot.works, query.and_must_match(borne))
        if amount:
            right.append((tag_id, amount))
    return sorted(right, key=lambda bucket: -bucket[1])


def cards_as_now(snapshot: Snapshot, cards: Sequence[bytes]) -> list[bytes]:
    """Stored cards with their tags as acts have left them; as they are while nothing is being settled."""
    if not snapshot.settling or snapshot.database is None or not cards:
        return list(cards)
    parsed = [parse_card(card) for card in cards]
    with snapshot.database.reading() as connection:
        patches = _tags_as_now(connection, {tag_id for card in parsed for tag_id in tags_of(card)})
    for card in parsed:
        patch_tags(card, patches)
    return [orjson.dumps(card)[:-1] for card in parsed]


def _tags_as_now(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    patches: dict[int, dict[str, Any]] = {}
    altered = set()
    for tag_id, canonical, changed in in_parts(connection, select(Tag.id, Tag.canonical_id, Tag.altered), Tag.id, ids):
        patches[tag_id] = {"canonical_id": canonical}
        if changed:
            altered.add(tag_id)
    for tag_id, shown in shown_tags(connection, altered).items():
        patches[tag_id] |= shown
    return patches
