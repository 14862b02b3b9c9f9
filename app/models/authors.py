"""Authors (public pen names) and what they wrote."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, KeyText, UTCDateTime
from app.models.base import Base


class Author(Base):
    """A public pen name. An imported one is known by its source site and name; others need not be unique."""

    __tablename__ = "authors"
    __table_args__ = (
        UniqueConstraint("site", "name_key"),
        Index(None, "name_key"),
        Index(None, "account_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(KeyText)
    site: Mapped[str | None] = mapped_column(KeyText)
    """The site it was imported from, empty for files that name none; null for a pen name made here."""
    bio: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("accounts.id"))
    """Whose pen name it is; an imported author belongs to none until claimed."""


class WorkAuthor(Base):
    """An author of a work, in the order of the byline."""

    __tablename__ = "work_authors"
    __table_args__ = (UniqueConstraint("author_id", "work_id"), {"sqlite_with_rowid": False})

    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("authors.id"))
