"""A tag's document in the ``tags`` index: its names, who it belongs to, and what a filter resolves it to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from app.kit.text import fold
from app.search.analysis import analysed
from app.search.schema import GRAM, VIS_PUBLIC
from app.search.sort_keys import head_of, packed, text_key


@dataclass(slots=True)
class TagRow:
    """What the indexer reads of a tag; ``members`` are (name key, canonical character id or none)."""

    id: int
    type: str
    name: str
    name_key: str
    kind: str | None
    canonical: bool
    canonical_id: int | None
    parents: list[int] = field(default_factory=list)
    members: list[tuple[str, int | None]] = field(default_factory=list)


def grams(text: str) -> list[str]:
    """The trigrams of a folded name, padded: near names share many. The engine cuts those of a document itself."""
    padded = _padded(fold(text))
    return list({padded[start : start + GRAM] for start in range(len(padded) - GRAM + 1)})


def _padded(folded: str) -> str:
    return f"  {folded} "


def member_terms(members: list[tuple[str, int | None]]) -> list[str]:
    """How a relationship is found by who it names: by name key, and by character."""
    terms = {f"n:{key}" for key, _ in members}
    terms |= {f"c:{character}" for _, character in members if character is not None}
    return sorted(terms)


def tag_document(row: TagRow, uses: int, vis: int) -> dict[str, Any]:
    """The document of a tag. ``uses`` (by public works) orders lists; the exact number is counted when shown.

    ``vis`` says for whom the tag exists: one that is not canonical exists through the works that carry it.
    """
    folded = fold(row.name)
    stored = {
        "id": row.id,
        "type": row.type,
        "name": row.name,
        "kind": row.kind,
        "canonical": row.canonical,
        "canonical_id": row.canonical_id,
    }
    state = "canonical" if row.canonical else "synonym" if row.canonical_id else "unwrangled"
    return {
        "id": row.id,
        "vis": VIS_PUBLIC if row.canonical else vis,
        "sort_uses": packed(uses, row.id),
        "type": row.type,
        "state": state,
        "key": f"{row.type}:{row.name_key}",
        "parent": row.parents,
        "member": member_terms(row.members),
        "gram": _padded(folded),
        "name": analysed(row.name),
        "sort_name": text_key(folded, row.id),
        "head_name": head_of(folded),
        "stored": orjson.dumps(stored),
    }
