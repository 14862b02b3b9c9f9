"""The bytes of ``GET /v1/tags/bins``: parameters to bins to JSON."""

from __future__ import annotations

import orjson

from app.accounts.rules import Viewer
from app.search.archive import Archive, Given
from app.search.bins import Bin, list_bin, with_suggestions
from app.search.ordering import Page
from app.search.reader import Snapshot
from app.search.resolving import find_by_id, find_by_name
from app.tags.queries.history import assignments
from app.web.listing import ListAnswer, next_cursor, place_of
from app.web.responses import pick_fields


def bins_page(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    """``GET /v1/tags/bins``."""
    digest = f"bins{[given.get(name) for name in ('type', 'fandom', 'fandom_id', 'assigned')]}{viewer.name}"
    place = place_of(given, archive.secret, digest)
    snapshot = archive.snapshot_of("works", place, given.get("after_change"))
    fandoms = _fandoms(archive, snapshot, viewer, given)
    page = Page(place.limit, place.offset, place.after)
    if fandoms is not None and not fandoms:
        return ListAnswer(orjson.dumps({"items": [], "total": 0, "next": None}), place, None)
    found = list_bin(snapshot, viewer, Bin(given.get("type"), tuple(fandoms or ())), page)
    cursor = next_cursor(found.next_key, archive.secret, digest, snapshot.seen["works"][viewer.signed_in])
    items = pick_fields(with_suggestions(snapshot, viewer, found.tags), given.get("fields"))
    return ListAnswer(orjson.dumps({"items": items, "total": found.total, "next": cursor}), place, cursor)


def _fandoms(archive: Archive, snapshot: Snapshot, viewer: Viewer, given: Given) -> list[int] | None:
    """The fandoms whose bins are asked for, folded; ``None`` for all works, an empty list for fandoms of no tag."""
    if given.get("assigned"):
        with archive.database.reading() as connection:
            return [row[0] for row in assignments(connection, viewer.name, None)]
    if "fandom_id" in given:
        found = find_by_id(snapshot, viewer, "fandom", given["fandom_id"])
    elif "fandom" in given:
        found = find_by_name(snapshot, viewer, "fandom", given["fandom"])
    else:
        return None
    return [tag["canonical_id"] or tag["id"] for tag in found]
