"""Series: works in an order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, KeyText, UTCDateTime
from app.models.base import Base


class Series(Base):
    """Works in an order. ``identity`` is what an import knows it by: site, first author and title."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("identity"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, server_default="")
    identity: Mapped[str | None] = mapped_column(KeyText)
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    was_public: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether a guest may have seen it before; what its works show now is not kept."""


class SeriesAuthor(Base):
    """Whose a series is that was made here; an imported one belongs to who wrote all of its works."""

    __tablename__ = "series_authors"
    __table_args__ = (UniqueConstraint("author_id", "series_id"), {"sqlite_with_rowid": False})

    series_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("authors.id"))


class SeriesWork(Base):
    """A work's place in a series.

    ``position`` is the one that is shown: the source's, or, where the order was set here, counted over the published
    works. ``place`` is the order that was set here, with all works.
    """

    __tablename__ = "series_works"
    __table_args__ = (Index(None, "work_id"), {"sqlite_with_rowid": False})

    series_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int]
    place: Mapped[int | None]


IN_SERIES_ORDER = (func.coalesce(SeriesWork.place, 2**30 + SeriesWork.position), SeriesWork.work_id)
"""The order that was set here, then what an import has added since, by its own numbers."""
