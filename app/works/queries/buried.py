"""What was deleted for good, after a guest may have seen it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Row, select

from app.models import Tombstone


def tombstone_of(
    connection: Connection, subject: Literal["chapter", "series"], subject_id: int
) -> Row[int | None, datetime] | None:
    """The work that such a thing belonged to and when it was deleted; ``None`` where nobody may know of it."""
    mine = (Tombstone.subject == subject) & (Tombstone.subject_id == subject_id)
    return connection.execute(select(Tombstone.work_id, Tombstone.at).where(mine)).one_or_none()
