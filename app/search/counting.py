"""Counting the works that acts of wrangling reach."""

from __future__ import annotations

from collections.abc import Collection

import tantivy

from app.accounts.rules import Viewer
from app.search.engine import count
from app.search.reader import Snapshot
from app.search.visibility import visible_query
from app.tags.commands.wrangling import Counter

MOST_COUNTED = 20_000
"""A count over more spellings than these is not made: the act says ``null``."""


def works_counter(snapshot: Snapshot, viewer: Viewer) -> Counter:
    """Counts the works, as far as the caller may find them, that carry any of some tags."""
    schema = snapshot.schemas["works"]
    visible = visible_query(schema, viewer)

    def carried(ids: Collection[int]) -> int | None:
        if len(ids) > MOST_COUNTED:
            return None
        return count(
            snapshot.works, tantivy.Query.term_set_query(schema, "tag_exact", list(ids)).and_must_match(visible)
        )

    return carried
