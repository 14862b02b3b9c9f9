"""Filters on tags that are being settled: looked up in the database when they are asked.

While an act is carried to the documents of many works, what these say of its tags is partly old. A filter on such a
tag is asked as the list of all tags that it means now (its synonyms, all that is narrower, and their synonyms) over
the tags that works carry, which no act changes: exact for added and for cut links, at the price of a longer query.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.search.reader import Snapshot
from app.tags.queries.neighbourhood import with_narrower, with_spellings

MOST_ALTERNATIVES = 20_000
"""Beyond so many, the filter is answered from the documents as they are; the act settles in the background."""

Field = tuple[str, list[int]]


def tag_field(snapshot: Snapshot, name: str, ids: Sequence[int]) -> Field:
    """The field and numbers that ask for works found by any of some tags; ``name`` is the field in settled times.

    ``tag`` is by the closure, ``direct`` by canonical, ``tag_exact`` by the very tags.
    """
    database = snapshot.database
    unsettled = [one for one in ids if snapshot.is_settling(one)] if snapshot.settling else []
    if not unsettled or name == "tag_exact" or database is None:
        return name, list(ids)
    key = ("expanded", name, tuple(ids))
    known: Field | None = snapshot.cache.get(key)
    if known is None:
        with database.reading() as connection:
            meaning = with_narrower if name == "tag" else with_spellings
            found = meaning(connection, ids)
        known = ("tag_exact", sorted(found)) if len(found) <= MOST_ALTERNATIVES else (name, list(ids))
        snapshot.cache[key] = known
    return known


def waiting_among(snapshot: Snapshot, tag_ids: Iterable[int]) -> set[int]:
    """Those of some tags whose filter or facet is not right before works are indexed."""
    late = [one for one in snapshot.settling if not one.shows_at_once]
    return {tag_id for tag_id in tag_ids if any(one.concerns(tag_id) for one in late)} if late else set()
