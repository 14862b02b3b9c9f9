"""Where and when a tag is used, and what it occurs with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import tantivy

from app.accounts.rules import Viewer
from app.search.conditions import MUST, Clause, Resolved, filter_clauses
from app.search.criteria import Criteria
from app.search.engine import count
from app.search.facets import count_facets
from app.search.reader import Snapshot
from app.search.resolving import Tag
from app.search.schema import TAG_TYPES

FIRST_YEAR = 1970
MOST_COMPANIONS = 20
VALUES_SHOWN = 100


def tag_field_of(tag: Tag) -> str:
    """The field by which works are counted as uses of a tag."""
    return "tag_exact" if tag["canonical_id"] else "direct"


def uses_query(snapshot: Snapshot, viewer: Viewer, tag: Tag) -> tantivy.Query:
    """The works that the caller may find and that use a tag; a canonical counts its synonyms' works."""
    schema = snapshot.schemas["works"]
    used: Clause = (MUST, tantivy.Query.term_query(schema, tag_field_of(tag), tag["id"], "basic"))
    return tantivy.Query.boolean_query([*filter_clauses(schema, viewer, Resolved(Criteria()), counters=True), used])


def tag_stats(snapshot: Snapshot, viewer: Viewer, tag: Tag) -> dict[str, Any]:
    """Uses by the year of publishing, by rating and by language, and the tags most often on the same works."""
    query = uses_query(snapshot, viewer, tag)
    # Never one of the "plain" criteria, whose facets are kept under the tag's name alone.
    resolved = Resolved(Criteria(author_ids=[0]))
    values = count_facets(snapshot, query, resolved, ("rating", "language"), VALUES_SHOWN)
    companions = count_facets(snapshot, query, resolved, TAG_TYPES, MOST_COMPANIONS + 1)
    return {
        "id": tag["id"],
        "type": tag["type"],
        "name": tag["name"],
        "uses": count(snapshot.works, query),
        "years": _years(snapshot, query),
        "ratings": values["rating"],
        "languages": values["language"],
        "occurs_with": {
            kind: [row for row in rows if row["id"] != tag["id"]][:MOST_COMPANIONS] for kind, rows in companions.items()
        },
    }


def _years(snapshot: Snapshot, query: tantivy.Query) -> list[dict[str, Any]]:
    """Works by the year they were published in, UTC; years without works are left out."""
    extremes = {name: {name: {"field": "published_at"}} for name in ("min", "max")}
    found = snapshot.works.aggregate(query, extremes)
    if found["min"]["value"] is None:
        return []
    years = range(_year(found["min"]["value"]), _year(found["max"]["value"]) + 1)
    bounds = [(year, _start(year), _start(year + 1)) for year in years]
    ranges = [{"key": str(year), "from": low, "to": high} for year, low, high in bounds]
    aggregation = {"years": {"range": {"field": "published_at", "ranges": ranges}}}
    buckets = snapshot.works.aggregate(query, aggregation)["years"]["buckets"]
    wanted = {str(year) for year in years}
    counted = {bucket["key"]: int(bucket["doc_count"]) for bucket in buckets if bucket["key"] in wanted}
    return [{"value": year, "count": counted[year]} for year in sorted(counted) if counted[year]]


def _year(seconds: float) -> int:
    return max(FIRST_YEAR, datetime.fromtimestamp(seconds, UTC).year) if seconds > 0 else FIRST_YEAR


def _start(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
