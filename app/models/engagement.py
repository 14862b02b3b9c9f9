"""What readers leave: kudos, and the marks that keep a reader from counting twice. Addresses are keyed hashes alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, KeyText, UTCDateTime
from app.models.base import Base

_GUESTS = text("guest_hash IS NOT NULL")


class Kudos(Base):
    """One reader's kudos for a work: an account's, or that of a guest address, whose hash is dropped after a while."""

    __tablename__ = "kudos"
    __table_args__ = (
        UniqueConstraint("work_id", "account_id"),
        UniqueConstraint("work_id", "guest_hash"),
        Index(None, "account_id"),
        Index(None, "at"),
        Index("ix_kudos_guests_at", "at", sqlite_where=_GUESTS, postgresql_where=_GUESTS),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="SET NULL"))
    guest_hash: Mapped[str | None] = mapped_column(KeyText)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class HitMark(Base):
    """That an address was counted as a hit of a work; kept for a day."""

    __tablename__ = "hit_marks"
    __table_args__ = (Index(None, "at"), {"sqlite_with_rowid": False})

    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"), primary_key=True)
    visitor_hash: Mapped[str] = mapped_column(KeyText, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
