"""What an unwrangled tag may be: ranked suggestions for wranglers, each with its reason and the act that follows it.

Reasons, surest first: ``spelling`` (the same letters in another case, with other punctuation or accents), ``alias``
(the same letters as a known synonym), ``members`` (a relationship of the same people in another order or under
other names of theirs), ``near-name`` (many shared trigrams), and ``occurs-with`` (the fandom of most of its works, as
a parent).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import tantivy

from app.accounts.rules import Viewer
from app.kit.names import parse_relationship
from app.kit.text import fold, name_key
from app.search.conditions import MUST, SHOULD, Resolved
from app.search.criteria import Criteria
from app.search.engine import count
from app.search.existing import existing_tags
from app.search.facets import count_facets
from app.search.reader import Snapshot
from app.search.resolving import Tag, find_by_name, stored_tags, tags_by_id
from app.search.tag_documents import grams
from app.search.tag_stats import uses_query

CANDIDATES = 60
MOST_GRAMS = 60
SUGGESTED = 5
NEAR = 0.72
"""Below this share of common letters in order, people no longer see the likeness."""
SCORES = {"spelling": 1.0, "alias": 0.95, "members": 0.9, "near-name": 0.85, "occurs-with": 0.5}
MOST_OF_WORKS = 0.5


@dataclass(slots=True)
class Suggestion:
    """A tag to link an unwrangled one to; ``act`` are the members to send."""

    tag: Tag
    reason: str
    detail: str
    score: float
    act: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Its form in the API."""
        tag = {name: self.tag[name] for name in ("id", "type", "name")}
        score = round(self.score, 3)
        return {"tag": tag, "reason": self.reason, "detail": self.detail, "score": score, "act": self.act}


def suggestions_for(snapshot: Snapshot, viewer: Viewer, tag: Tag) -> list[dict[str, Any]]:
    """The best suggestions for one tag, each target once, under its surest reason."""
    found = [*_by_name(snapshot, viewer, tag), *_by_members(snapshot, viewer, tag), *_by_company(snapshot, viewer, tag)]
    found.sort(key=lambda one: (-one.score, one.tag["id"]))
    best: dict[int, Suggestion] = {}
    for one in found:
        if one.tag["id"] != tag["id"]:
            best.setdefault(one.tag["id"], one)
    return [one.as_json() for one in list(best.values())[:SUGGESTED]]


def letters(name: str) -> str:
    """What is left of a name without case, accents, punctuation and spaces."""
    return "".join(character for character in fold(name) if character.isalnum())


def _synonym(target: Tag, reason: str, detail: str, score: float | None = None) -> Suggestion:
    return Suggestion(
        target, reason, detail, SCORES[reason] if score is None else score, {"canonical_id": target["id"]}
    )


def _by_name(snapshot: Snapshot, viewer: Viewer, tag: Tag) -> Iterable[Suggestion]:
    schema = snapshot.schemas["tags"]
    near = [(SHOULD, _term(schema, "gram", gram)) for gram in grams(tag["name"])[:MOST_GRAMS]]
    wrangled = [(SHOULD, _term(schema, "state", state)) for state in ("canonical", "synonym")]
    parts = [
        (MUST, tantivy.Query.boolean_query(near)),
        (MUST, tantivy.Query.const_score_query(tantivy.Query.boolean_query(wrangled), 0.0)),
        (MUST, tantivy.Query.const_score_query(_term(schema, "type", tag["type"]), 0.0)),
        (MUST, tantivy.Query.const_score_query(existing_tags(schema, viewer), 0.0)),
    ]
    candidates = stored_tags(snapshot, tantivy.Query.boolean_query(parts), CANDIDATES)
    canonicals = tags_by_id(snapshot, {one["canonical_id"] for one in candidates if one["canonical_id"]})
    own_letters, own_name = letters(tag["name"]), fold(tag["name"])
    for one in candidates:
        target = canonicals.get(one["canonical_id"]) if one["canonical_id"] else one
        if target is None:
            continue
        if own_letters and letters(one["name"]) == own_letters:
            if target is one:
                yield _synonym(target, "spelling", "The same letters in another spelling.")
            else:
                yield _synonym(target, "alias", f"Its synonym “{one['name']}” has the same letters.")
            continue
        likeness = difflib.SequenceMatcher(None, own_name, fold(one["name"]), autojunk=False).ratio()
        if likeness >= NEAR:
            by = "" if target is one else f" by its synonym “{one['name']}”"
            yield _synonym(target, "near-name", f"{likeness:.0%} alike{by}.", likeness * SCORES["near-name"])


def _by_members(snapshot: Snapshot, viewer: Viewer, tag: Tag) -> Iterable[Suggestion]:
    """Relationships of the same kind and number that name the same people, by any of their names."""
    if tag["type"] != "relationship":
        return
    kind, names = parse_relationship(tag["name"])
    if len(names) < 2:  # noqa: PLR2004  a relationship needs two
        return
    schema = snapshot.schemas["tags"]
    parts = [(MUST, existing_tags(schema, viewer))]
    for name in names:
        characters = find_by_name(snapshot, viewer, "character", name)
        terms = [f"n:{name_key(name)}", *(f"c:{one['canonical_id'] or one['id']}" for one in characters)]
        parts.append((MUST, tantivy.Query.term_set_query(schema, "member", terms)))
    for one in stored_tags(snapshot, tantivy.Query.boolean_query(parts), CANDIDATES, order="sort_uses"):
        other_kind, others = parse_relationship(one["name"])
        target = tags_by_id(snapshot, [one["canonical_id"]]).get(one["canonical_id"]) if one["canonical_id"] else one
        if target is not None and target["canonical"] and other_kind == kind and len(others) == len(names):
            yield _synonym(target, "members", f"Names the same people as “{one['name']}”.")


def _by_company(snapshot: Snapshot, viewer: Viewer, tag: Tag) -> Iterable[Suggestion]:
    """The canonical fandoms of most of its works, as parents."""
    if tag["type"] == "fandom":
        return
    query = uses_query(snapshot, viewer, tag)
    works = count(snapshot.works, query)
    if not works:
        return
    rows = count_facets(snapshot, query, Resolved(Criteria(author_ids=[0])), ("fandom",), 3)["fandom"]
    fandoms = tags_by_id(snapshot, [row["id"] for row in rows])
    for row in rows:
        share = row["count"] / works
        fandom = fandoms.get(row["id"])
        if fandom is not None and fandom["canonical"] and share >= MOST_OF_WORKS:
            detail = f"On {row['count']} of its {works} works."
            yield Suggestion(
                fandom, "occurs-with", detail, share * SCORES["occurs-with"], {"add_parents": [fandom["id"]]}
            )


def _term(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema, field, value, "basic")
