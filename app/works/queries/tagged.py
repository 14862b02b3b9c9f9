"""Works by their tags, straight from the taggings: for background work, never for a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from app.db.engine import Database
from app.models import Tagging

BATCH = 500


def works_with_tags(database: Database, tag_ids: Sequence[int]) -> Iterator[list[int]]:
    """The ids of works that carry any of some tags, in batches; a statement a batch."""
    after = 0
    while True:
        with database.reading() as connection:
            query = (
                select(Tagging.work_id)
                .where(Tagging.tag_id.in_(tag_ids), Tagging.work_id > after)
                .distinct()
                .order_by(Tagging.work_id)
                .limit(BATCH)
            )
            ids = list(connection.execute(query).scalars())
        if not ids:
            return
        yield ids
        after = ids[-1]
