"""What was deleted for good after a guest may have seen it: written with the deletion, told at the address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, Row, select

from app.db.bulk import insert_rows
from app.models import Tombstone

Subject = Literal["author", "chapter", "series"]
_COLUMNS = ("subject", "subject_id", "work_id", "at")


def bury(connection: Connection, subject: Subject, ids: Sequence[int], work_id: int | None = None) -> None:
    """Remember that some things are deleted; ``work_id`` is the work that chapters were of."""
    now = datetime.now(UTC)
    insert_rows(connection, Tombstone.__table__, _COLUMNS, [(subject, one, work_id, now) for one in ids])


def tombstone_of(connection: Connection, subject: Subject, subject_id: int) -> Row[int | None, datetime] | None:
    """The work that such a thing was of and when it was deleted; ``None`` where nobody may know of it."""
    mine = (Tombstone.subject == subject) & (Tombstone.subject_id == subject_id)
    return connection.execute(select(Tombstone.work_id, Tombstone.at).where(mine)).one_or_none()
