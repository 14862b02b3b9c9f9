"""What is left of things that were deleted for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import KeyText, UTCDateTime
from app.models.base import Base


class Tombstone(Base):
    """That a chapter, a series or an author is gone whom a guest may have seen: the address is 410, and not 404.

    Works leave none: they are kept, with how they were withheld. Tags leave the acts on them.
    """

    __tablename__ = "tombstones"
    __table_args__ = ({"sqlite_with_rowid": False},)

    subject: Mapped[str] = mapped_column(KeyText, primary_key=True)
    """``author``, ``chapter`` or ``series``."""
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    work_id: Mapped[int | None] = mapped_column(BigInteger)
    """The work of a chapter: whoever may not read it now is told what they are told of the work."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
