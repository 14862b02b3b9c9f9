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
from app.search.works import Found
from app.works.queries.reading import cards_by_id, listed_states


def states_of(database: Database, ids: Sequence[int]) -> Sequence[Any]:
    """State and counters of the works of a page, by one primary-key query."""
    if not ids:
        return ()
    with database.quick() as connection:
        return listed_states(connection, ids)


def shown_cards(connection: Connection, viewer: Viewer, ids: Sequence[int], cards: Sequence[bytes]) -> list[bytes]:
    """The finished cards of the works that the viewer may see now, with the counters of now."""
    return finished_cards(viewer, listed_states(connection, ids), ids, cards)


def finished_cards(viewer: Viewer, states: Sequence[Any], ids: Sequence[int], cards: Sequence[bytes]) -> list[bytes]:
    """The cards of a page by the states of its works; those that may no longer be shown are dropped."""
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


def list_body(found: Found, cards: Sequence[bytes], fields: Sequence[str] | None, cursor: str | None) -> bytes:
    """The JSON of a list; its cards are joined, not parsed."""
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
    return b'{"items":[' + b",".join(keep_fields(cards, fields)) + b"]," + orjson.dumps(tail)[1:]


@dataclass(slots=True)
class ByIds:
    """Works by id, in the order asked."""

    items: list[bytes]
    missing: list[int] = field(default_factory=list)


def works_by_ids(connection: Connection, viewer: Viewer, ids: Sequence[int]) -> ByIds:
    """The works that the viewer may read; the others' ids are ``missing``."""
    cards = cards_by_id(connection, viewer, ids)
    return ByIds([cards[one] for one in ids if one in cards], [one for one in ids if one not in cards])
