"""Stored cards know nothing of wrangling: what acts have made of a work's tags is put in as a card is read.

A work without synonyms among its tags (most works) costs one sub-select that finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Connection

from app.search.cards import Patches, patch_tags
from app.tags.queries.shown import shown_tags

_AGGREGATES = {"sqlite": "group_concat", "postgresql": "string_agg"}


def wrangled_column(dialect: str, work: str = "w.id") -> str:
    """SQL for the tags of a work that are synonyms or altered: ``id:canonical id or 0:1 if altered``, or null."""
    return (
        f"(SELECT {_AGGREGATES[dialect]}(t.id || ':' || coalesce(t.canonical_id, 0) || ':'"  # noqa: S608 constants
        " || CASE WHEN t.altered THEN 1 ELSE 0 END, ',') FROM taggings g JOIN tags t ON t.id = g.tag_id"
        f" WHERE g.work_id = {work} AND (t.canonical_id IS NOT NULL OR t.altered))"
    )


def patched_card(connection: Connection, card: bytes, wrangled: str | None) -> bytes:
    """An open-ended card with its tags as they are now; ``wrangled`` is the column above."""
    if wrangled is None:
        return card
    return _patch(card, _patches(connection, [wrangled]))


def patched_cards(connection: Connection, cards: dict[int, bytes], wrangled: dict[int, str | None]) -> dict[int, bytes]:
    """The same for several works by id."""
    columns = [column for column in wrangled.values() if column is not None]
    if not columns:
        return cards
    patches = _patches(connection, columns)
    return {work_id: _patch(card, patches) if wrangled[work_id] else card for work_id, card in cards.items()}


def _patches(connection: Connection, columns: Iterable[str]) -> Patches:
    patches: dict[int, dict[str, Any]] = {}
    altered = set()
    for column in columns:
        for entry in column.split(","):
            tag_id, canonical, changed = map(int, entry.split(":"))
            patches[tag_id] = {"canonical_id": canonical or None}
            if changed:
                altered.add(tag_id)
    if altered:
        for tag_id, shown in shown_tags(connection, altered).items():
            patches[tag_id] |= shown
    return patches


def _patch(card: bytes, patches: Patches) -> bytes:
    whole: dict[str, Any] = orjson.loads(card + b"}")
    patch_tags(whole, patches)
    return orjson.dumps(whole)[:-1]
