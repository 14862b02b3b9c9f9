"""Finding tags: lists, autocomplete, and how much a tag is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import tantivy

from app.accounts.rules import Viewer
from app.search.analysis import is_paired, terms
from app.search.conditions import MUST, MUST_NOT, Clause
from app.search.engine import stored
from app.search.existing import existing_tags
from app.search.expanding import tag_field
from app.search.ordering import Page, Sort, find_page
from app.search.reader import Snapshot
from app.search.resolving import Tag, find_by_name, stored_tags, tags_by_id
from app.search.works import count_works

TYPO_FROM = 5
"""From so many letters on, one typo is forgiven."""
MOST_SUGGESTED = 20
LOOKED_AT = 60
"""Several synonyms may stand for one canonical."""
MOST_WORDS = 16


@dataclass(frozen=True, slots=True)
class TagQuery:
    """What a list of tags is narrowed by."""

    q: str | None = None
    type: str | None = None
    canonical: bool | None = None
    unwrangled: bool | None = None
    fandom: str | None = None
    typos: bool = True


@dataclass(slots=True)
class FoundTags:
    """A page of tags: stored members, the total, and where to go on."""

    tags: list[Tag]
    total: int
    next_key: int | str | None


def list_tags(snapshot: Snapshot, viewer: Viewer, wanted: TagQuery, sort: Sort, page: Page) -> FoundTags:
    """A page of the tags that exist for the viewer."""
    schema = snapshot.schemas["tags"]
    clauses = _clauses(snapshot, viewer, wanted)
    if clauses is None:
        return FoundTags([], 0, None)
    field = {"uses": "uses", "name": "name"}[sort.field]
    hits = find_page(snapshot.tags, schema, clauses, Sort(field, sort.descending), page)
    found = [orjson.loads(stored(snapshot.tags, address)) for address in hits.addresses]
    return FoundTags(found, hits.total, hits.next_key)


def _clauses(snapshot: Snapshot, viewer: Viewer, wanted: TagQuery) -> list[Clause] | None:
    """The conditions, or ``None`` where nothing can match."""
    schema = snapshot.schemas["tags"]
    clauses: list[Clause] = [(MUST, existing_tags(schema, viewer))]
    if wanted.type is not None:
        clauses.append((MUST, _term(schema, "type", wanted.type)))
    if wanted.canonical is not None:
        clauses.append((MUST if wanted.canonical else MUST_NOT, _term(schema, "state", "canonical")))
    if wanted.unwrangled is not None:
        clauses.append((MUST if wanted.unwrangled else MUST_NOT, _term(schema, "state", "unwrangled")))
    if wanted.fandom is not None:
        fandoms = find_by_name(snapshot, viewer, "fandom", wanted.fandom)
        if not fandoms:
            return None
        ids = [tag["canonical_id"] or tag["id"] for tag in fandoms]
        clauses.append((MUST, tantivy.Query.term_set_query(schema, "parent", ids)))
    if wanted.q is not None:
        named = name_query(schema, wanted.q, typos=wanted.typos)
        if named is None:
            return None
        clauses.append((MUST, named))
    return clauses


def _term(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema, field, value, "basic")


def name_query(schema: tantivy.Schema, q: str, *, typos: bool = True) -> tantivy.Query | None:
    """Names whose words begin as those of ``q`` do, in any order; from five letters on with one typo.

    A run of Chinese, Japanese, Korean or Thai is a phrase of pairs of characters: any part of a name.
    """
    parts: list[tantivy.Query] = []
    run: list[str] = []
    for word in [*terms(q)[:MOST_WORDS], ""]:
        if is_paired(word) and len(word) > 1:
            run.append(word)
            continue
        if run:
            parts.append(_run(schema, run))
            run = []
        if word:
            parts.append(_word(schema, word, typos=typos))
    return tantivy.Query.boolean_query([(MUST, part) for part in parts]) if parts else None


def _run(schema: tantivy.Schema, pairs: list[str]) -> tantivy.Query:
    if len(pairs) == 1:
        return _begins(schema, pairs[0])
    return tantivy.Query.phrase_query(schema, "name", list(pairs))


def _begins(schema: tantivy.Schema, word: str, distance: int = 0) -> tantivy.Query:
    return tantivy.Query.fuzzy_term_query(schema, "name", word, distance, prefix=True)


def _word(schema: tantivy.Schema, word: str, *, typos: bool) -> tantivy.Query:
    if typos and len(word) >= TYPO_FROM:
        return _begins(schema, word, 1)
    return _begins(schema, word)


def autocomplete(
    snapshot: Snapshot,
    viewer: Viewer,
    q: str,
    kind: str | None,
    fandom: str | None,
    limit: int = MOST_SUGGESTED,
) -> list[dict[str, Any]]:
    """Names to choose from: canonical ones, most used first; a synonym answers with its canonical.

    Where nothing canonical matches (an archive that nobody has wrangled yet), the tags that works carry.
    """
    shown: dict[int, dict[str, Any]] = {}
    for state in ("wrangled", "unwrangled"):
        # As typed first; with a typo forgiven only where that does not fill the list.
        for typos in (False, True) if any(len(word) >= TYPO_FROM for word in terms(q)) else (False,):
            if len(shown) < limit:
                found = _matches(snapshot, viewer, TagQuery(q, kind, fandom=fandom, typos=typos), state)
                for row in _suggested(snapshot, viewer, found):
                    shown.setdefault(row["id"], row)
        if shown:
            break
    return list(shown.values())[:limit]


def _matches(snapshot: Snapshot, viewer: Viewer, wanted: TagQuery, state: str) -> list[Tag]:
    clauses = _clauses(snapshot, viewer, wanted)
    if clauses is None:
        return []
    occur = MUST if state == "unwrangled" else MUST_NOT
    clauses.append((occur, _term(snapshot.schemas["tags"], "state", "unwrangled")))
    query = tantivy.Query.boolean_query(clauses)
    return stored_tags(snapshot, query, LOOKED_AT, order="sort_uses")


def _suggested(snapshot: Snapshot, viewer: Viewer, found: list[Tag]) -> list[dict[str, Any]]:
    """What is offered for tags that match, each once, most used first."""
    canonicals = tags_by_id(snapshot, {tag["canonical_id"] for tag in found if tag["canonical_id"]})
    shown: dict[int, dict[str, Any]] = {}
    for tag in sorted(found, key=lambda tag: tag["canonical_id"] is not None):
        target = canonicals.get(tag["canonical_id"], tag) if tag["canonical_id"] else tag
        shown.setdefault(
            target["id"],
            {
                "id": target["id"],
                "type": target["type"],
                "name": target["name"],
                "uses": uses_of(snapshot, viewer, target),
                "matched": tag["name"],
            },
        )
    return sorted(shown.values(), key=lambda row: (-row["uses"], row["name"]))


def uses_of(snapshot: Snapshot, viewer: Viewer, tag: Tag) -> int:
    """How many works that the viewer may find carry a tag; a canonical counts its synonyms' works."""
    field, ids = tag_field(snapshot, "tag_exact" if tag["canonical_id"] else "direct", [tag["id"]])
    return count_works(snapshot, viewer, field, *ids)
