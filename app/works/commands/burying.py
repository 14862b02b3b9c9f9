"""Leaving a trace of what is deleted for good, for those who have its address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection

from app.db.bulk import insert_rows
from app.models import Tombstone

_COLUMNS = ("subject", "subject_id", "work_id", "at")


def bury(
    connection: Connection, subject: Literal["chapter", "series"], ids: Sequence[int], work_id: int | None = None
) -> None:
    """Remember that some things that a guest may have seen are deleted."""
    now = datetime.now(UTC)
    insert_rows(connection, Tombstone.__table__, _COLUMNS, [(subject, one, work_id, now) for one in ids])
