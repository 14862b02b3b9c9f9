"""The changes log: what the search indexes follow, written in the transaction of the change itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, UTCDateTime
from app.models.base import Base


class Change(Base):
    """One thing that changed. ``seq`` is the number that clients know as ``Archive-Change``.

    On PostgreSQL a smaller ``seq`` can become visible after a larger one, so followers order by
    ``(xid, seq)`` and read only transactions older than every running one; on SQLite, where one
    transaction writes at a time, ``xid`` is 0.
    """

    __tablename__ = "changes"
    __table_args__ = (
        Index(None, "xid", "seq", unique=False),
        Index(None, "work_id", "xid", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    xid: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    kind: Mapped[str] = mapped_column(Text)
    work_id: Mapped[int | None] = mapped_column(BigInteger)
    tag_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
