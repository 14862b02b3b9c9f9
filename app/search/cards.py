"""A work's list JSON, rendered once when it changes and joined to pages as bytes.

The card lacks its closing brace and the counters: ``finish_card`` adds them, so that a page shows the exact
counters of the database without parsing twenty documents. It also lacks ``notes`` and ``end_notes``, which
only the single work shows. And it knows nothing of wrangling, so that an act on a tag of a hundred thousand works
changes one row: ``patch_tags`` puts canonicals and changed names in when a card is read or indexed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from app.kit.dates import rfc3339

ANONYMOUS = {"id": None, "name": "Anonymous"}


@dataclass(slots=True)
class CardTag:
    """A tag as a card shows it. Its canonical is not kept there: it is put in when the card is read or indexed."""

    id: int
    type: str
    name: str
    kind: str | None = None
    members: Sequence[tuple[str, int | None]] = ()

    def as_json(self) -> dict[str, Any]:
        """Its JSON; relationships tell their kind and members."""
        if self.type != "relationship":
            return {"id": self.id, "name": self.name, "canonical_id": None}
        members = [{"name": name, "character_id": character} for name, character in self.members]
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind or "other",
            "canonical_id": None,
            "members": members,
        }


@dataclass(slots=True)
class CardFacts:
    """All that a card shows."""

    id: int
    title: str
    summary: str
    language: str
    rating: str
    warnings: Sequence[str]
    categories: Sequence[str]
    status: str
    chapters_posted: int
    chapters_expected: int | None
    has_text: bool
    words: int
    published_at: datetime
    revised_at: datetime
    state: str
    visibility: str
    anonymous: bool
    version: int
    authors: Sequence[tuple[int, str]]
    tags: dict[str, list[dict[str, Any]]]
    series: Sequence[tuple[int, str, int]] = ()
    source: dict[str, str | None] | None = None
    details: dict[str, Any] = field(default_factory=dict)


def render_card(facts: CardFacts) -> bytes:
    """The open-ended JSON of a work. An anonymous work names nobody, whoever asks."""
    authors = [ANONYMOUS] if facts.anonymous else [{"id": key, "name": name} for key, name in facts.authors]
    card: dict[str, Any] = {
        "id": facts.id,
        "title": facts.title,
        "authors": authors,
        "summary": facts.summary,
        "language": facts.language,
        "rating": facts.rating,
        "warnings": facts.warnings,
        "categories": facts.categories,
        "fandoms": facts.tags.get("fandom", []),
        "characters": facts.tags.get("character", []),
        "relationships": facts.tags.get("relationship", []),
        "freeforms": facts.tags.get("freeform", []),
        "series": [{"id": key, "title": title, "position": position} for key, title, position in facts.series],
        "status": facts.status,
        "chapters_posted": facts.chapters_posted,
        "chapters_expected": facts.chapters_expected,
        "has_text": facts.has_text,
        "words": facts.words,
        "published_at": rfc3339(facts.published_at),
        "revised_at": rfc3339(facts.revised_at),
        "source": facts.source,
        "state": facts.state,
        "visibility": facts.visibility,
        "anonymous": facts.anonymous,
        "version": facts.version,
    }
    if facts.details:
        card.update(facts.details)
    return orjson.dumps(card)[:-1]


MEMBERS = ("fandoms", "characters", "relationships", "freeforms")
Patches = Mapping[int, Mapping[str, Any]]
"""By tag id, the members of its JSON that are not as the card has them."""


def patch_tags(card: dict[str, Any], patches: Patches) -> bool:
    """Bring the tags of a parsed card up to date, in place; whether there was anything to do."""
    found = False
    for member in MEMBERS:
        for tag in card[member]:
            patch = patches.get(tag["id"])
            if patch is not None:
                tag.update(patch)
                found = True
    return found


def finish_card(card: bytes, stats: Sequence[int]) -> bytes:
    """Close a card with its counters: kudos, comments, bookmarks, hits."""
    return card + b',"stats":{"kudos":%d,"comments":%d,"bookmarks":%d,"hits":%d}}' % tuple(stats)
