"""What moderation leaves: reports, the log of privileged acts, and notices to accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, KeyText, UTCDateTime
from app.models.base import Base


class Report(Base):
    """Somebody's word that something does not belong here. A guest's has no account; addresses are not kept."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("state in ('open', 'closed')", name="state"),
        Index(None, "state", "id"),
        Index(None, "account_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(KeyText)
    """``work``, ``chapter``, ``author`` or ``series``."""
    subject_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(KeyText, server_default="open")
    decision: Mapped[str | None] = mapped_column(KeyText)
    note: Mapped[str] = mapped_column(Text, server_default="")
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PrivilegedAct(Base):
    """What somebody did by a role or on the machine to what is others': written with the act, never changed."""

    __tablename__ = "privileged_acts"
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "by", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(KeyText)
    subject: Mapped[str] = mapped_column(KeyText)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    """No foreign key: the log outlives what it tells of."""
    reason: Mapped[str] = mapped_column(Text, server_default="")


class Notice(Base):
    """Something that an account is told."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "account_id", "id"), Index(None, "work_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(KeyText)
    """``work-hidden`` or ``work-shown``."""
    work_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text, server_default="")
