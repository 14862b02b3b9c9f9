"""Which tags exist for a caller. A tag that is not canonical exists through the works that carry it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tantivy
from sqlalchemy import Connection

from app.accounts.rules import Viewer, has_right
from app.search.expanding import waiting_among
from app.search.reader import Snapshot
from app.search.schema import VIS_NOBODY
from app.search.visibility import visible_query
from app.tags.queries.history import last_changes

Tag = dict[str, Any]


def sees_all_tags(viewer: Viewer) -> bool:
    """Wranglers look after spellings that no work shows, too."""
    return has_right(viewer, "wrangle")


def existing_tags(schema: tantivy.Schema, viewer: Viewer) -> tantivy.Query:
    """The documents of the tags index that exist for a caller."""
    visible = visible_query(schema, viewer)
    if not sees_all_tags(viewer):
        return visible
    unused = tantivy.Query.term_query(schema, "vis", VIS_NOBODY)
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, visible), (tantivy.Occur.Should, unused)])


def pending_tags(connection: Connection, snapshot: Snapshot, ids: Sequence[int]) -> set[int]:
    """Those of some tags whose last act this index does not show yet, in filters, totals and facets."""
    late = {tag_id for tag_id, position in last_changes(connection, ids).items() if position > snapshot.position}
    return late | waiting_among(snapshot, ids)
