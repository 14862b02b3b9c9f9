"""From criteria to the engine's query objects. No text of a caller reaches the engine's own query language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import tantivy

from app.accounts.rules import Viewer
from app.kit.text import name_key
from app.search.criteria import Bound, Criteria, TagFilter
from app.search.expanding import tag_field
from app.search.reader import Snapshot
from app.search.resolving import Tag, relationships_with, resolve, suggest
from app.search.schema import COUNTERS, DATES
from app.search.visibility import visible_clauses

Clause = tuple[tantivy.Occur, tantivy.Query]
MUST, SHOULD, MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


@dataclass(slots=True)
class Resolved:
    """Criteria with their names looked up: what is asked of an index, and what the caller is told."""

    criteria: Criteria
    applied: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[dict[str, Any]] = field(default_factory=list)
    excluded: list[Tag] = field(default_factory=list)
    nothing: bool = False
    """A name that has to match is unknown: the result is empty."""
    terms: list[tuple[str, str, list[int]]] = field(default_factory=list)
    """(mode, field, ids): for ``any_`` all such ids stand together."""


def resolve_criteria(snapshot: Snapshot, viewer: Viewer, criteria: Criteria) -> Resolved:
    """Look up every tag that the criteria name."""
    resolved = Resolved(criteria)
    alternatives: dict[str, list[int]] = {}
    for wanted in criteria.tags:
        tags = resolve(snapshot, viewer, wanted)
        _tell(snapshot, viewer, resolved, wanted, tags)
        ids = [tag["id"] if criteria.exact else tag["canonical_id"] or tag["id"] for tag in tags]
        name, meant = tag_field(snapshot, "tag_exact" if criteria.exact else "tag", ids)
        if wanted.mode == "any_":
            alternatives.setdefault(wanted.parameter.removesuffix("_id"), []).extend(ids)
        elif wanted.mode == "exclude_":
            resolved.terms.append((wanted.mode, name, meant))
            resolved.excluded += tags
        else:
            resolved.terms.append((wanted.mode, name, meant))
            resolved.nothing |= not ids
    for ids in alternatives.values():
        resolved.terms.append(("any_", *tag_field(snapshot, "tag_exact" if criteria.exact else "tag", ids)))
        resolved.nothing |= not ids
    if criteria.members:
        ids, unknown = relationships_with(snapshot, viewer, criteria.members)
        for name in unknown:
            near = suggest(snapshot, viewer, "character", name)
            resolved.unknown.append({"parameter": "relationship_with", "name": name, "suggestions": near})
        resolved.terms.append(("any_", *tag_field(snapshot, "direct", ids)))
        resolved.nothing |= not ids
    return resolved


def _tell(snapshot: Snapshot, viewer: Viewer, resolved: Resolved, wanted: TagFilter, tags: list[Tag]) -> None:
    given: str | int | None = wanted.name if wanted.name is not None else wanted.id
    for tag in tags:
        resolved.applied.append({"parameter": wanted.parameter, "given": given, "id": tag["id"], "name": tag["name"]})
    if not tags:
        near = suggest(snapshot, viewer, wanted.type, wanted.name) if wanted.name else []
        resolved.unknown.append({"parameter": wanted.parameter, "name": str(given), "suggestions": near})


def filter_clauses(
    schema: tantivy.Schema, viewer: Viewer, resolved: Resolved, *, counters: bool, narrowed: bool = False
) -> list[Clause]:
    """The conditions that works and passages share (``counters`` are in the works index only).

    ``narrowed`` says that others beside them leave few documents already (words, a text).
    """
    criteria = resolved.criteria
    clauses: list[Clause] = []
    for mode, name, ids in resolved.terms:
        occur = MUST_NOT if mode == "exclude_" else MUST
        if ids:
            clauses.append((occur, any_value(schema, name, ids)))
    for token in criteria.tokens:
        clauses += _token_clauses(schema, token.field, token.mode, token.values)
    for flag in criteria.flags:
        clauses.append((MUST, tantivy.Query.term_query(schema, "flag", flag, "basic")))
    for mode, name in criteria.authors:
        occur = MUST_NOT if mode == "exclude_" else MUST
        clauses.append((occur, tantivy.Query.term_query(schema, "author_key", name_key(name), "basic")))
    for name, ids in (("author_id", criteria.author_ids), ("series_id", criteria.series_ids)):
        clauses += [(MUST, tantivy.Query.term_query(schema, name, one, "basic")) for one in ids]
    for bound in criteria.bounds:
        if counters or bound.field not in COUNTERS:
            clauses.append((MUST, _range(schema, bound)))
    return [*clauses, *visible_clauses(schema, viewer, narrowed=narrowed or any(occur == MUST for occur, _ in clauses))]


def any_value(schema: tantivy.Schema, name: str, values: Sequence[int | str]) -> tantivy.Query:
    """Documents with any of some numbers or words in a field."""
    if len(values) == 1:
        return tantivy.Query.term_query(schema, name, values[0], "basic")
    return tantivy.Query.term_set_query(schema, name, list(values))


def _token_clauses(schema: tantivy.Schema, name: str, mode: str, values: tuple[str, ...]) -> list[Clause]:
    terms = [tantivy.Query.term_query(schema, name, value, "basic") for value in values]
    if mode == "any_":
        return [(MUST, tantivy.Query.boolean_query([(SHOULD, term) for term in terms]))]
    return [(MUST_NOT if mode == "exclude_" else MUST, term) for term in terms]


def _range(schema: tantivy.Schema, bound: Bound) -> tantivy.Query:
    kind = tantivy.FieldType.Integer if bound.field in DATES else tantivy.FieldType.Unsigned
    return tantivy.Query.range_query(schema, bound.field, kind, bound.low, bound.high)
