"""A page of works: found in the index, checked against the database in one query, joined as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection

from app.accounts.policy import is_listed
from app.accounts.rules import Viewer
from app.db.engine import Database
from app.search.cards import finish_card
from app.search.criteria import Criteria
from app.search.ordering import Page, Sort
from app.search.reader import Snapshot
from app.search.works import Found, search_works
from app.works.queries.reading import cards_by_id, listed_states


@dataclass(slots=True)
class Listing:
    """What a list answers, ready to be written, and the rows that its works are shown by."""

    items: list[bytes]
    found: Found
    states: Sequence[Any] = ()


def list_works(
    database: Database,
    snapshot: Snapshot,
    viewer: Viewer,
    criteria: Criteria,
    sort: Sort,
    page: Page,
    facets: tuple[str, ...],
    facet_limit: int,
) -> Listing:
    """Find a page; works that may no longer be shown are dropped by one primary-key query."""
    found = search_works(snapshot, viewer, criteria, sort, page, facets=facets, facet_limit=facet_limit)
    if not found.ids:
        return Listing([], found)
    with database.quick() as connection:
        states = listed_states(connection, found.ids)
    return Listing(_shown(viewer, states, found.ids, found.cards), found, states)


def look_again(database: Database, viewer: Viewer, listing: Listing) -> Listing:
    """The same page with the works and counters of now; the same object where they have not changed."""
    found = listing.found
    if not found.ids:
        return listing
    with database.quick() as connection:
        states = listed_states(connection, found.ids)
    if states == listing.states:
        return listing
    return Listing(_shown(viewer, states, found.ids, found.cards), found, states)


def shown_cards(connection: Connection, viewer: Viewer, ids: Sequence[int], cards: Sequence[bytes]) -> list[bytes]:
    """The finished cards of the works that the viewer may see now, with the counters of now."""
    return _shown(viewer, listed_states(connection, ids), ids, cards)


def _shown(viewer: Viewer, states: Sequence[Any], ids: Sequence[int], cards: Sequence[bytes]) -> list[bytes]:
    rows = {row[0]: row for row in states}
    items = []
    for work_id, card in zip(ids, cards, strict=True):
        row = rows.get(work_id)
        if row is not None and is_listed(viewer, row[1], row[2]):
            items.append(finish_card(card, row[3:7]))
    return items


def keep_fields(items: Sequence[bytes], fields: Sequence[str] | None) -> list[bytes]:
    """Items cut down to some members; whole where none are named."""
    if fields is None:
        return list(items)
    kept = []
    for item in items:
        whole: dict[str, Any] = orjson.loads(item)
        kept.append(orjson.dumps({name: whole[name] for name in fields if name in whole}))
    return kept


def list_body(listing: Listing, fields: Sequence[str] | None, cursor: str | None) -> bytes:
    """The JSON of a list; items are joined, not parsed."""
    found = listing.found
    tail: dict[str, Any] = {
        "total": found.total,
        "next": cursor,
        "applied": found.resolved.applied,
        "unknown_tags": found.resolved.unknown,
    }
    if found.facets is not None:
        tail["facets"] = found.facets
    if found.text_truncated:
        tail["text_truncated"] = True
    return b'{"items":[' + b",".join(keep_fields(listing.items, fields)) + b"]," + orjson.dumps(tail)[1:]


@dataclass(slots=True)
class ByIds:
    """Works by id, in the order asked."""

    items: list[bytes]
    missing: list[int] = field(default_factory=list)


def works_by_ids(connection: Connection, viewer: Viewer, ids: Sequence[int]) -> ByIds:
    """The works that the viewer may read; the others' ids are ``missing``."""
    cards = cards_by_id(connection, viewer, ids)
    return ByIds([cards[one] for one in ids if one in cards], [one for one in ids if one not in cards])
