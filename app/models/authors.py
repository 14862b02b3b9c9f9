"""Authors (public pen names), what they wrote, who is asked to sign with them, and who says to be one of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
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


class BylineInvitation(Base):
    """That somebody is asked to sign a work with its authors; gone when it is answered."""

    __tablename__ = "byline_invitations"
    __table_args__ = (
        UniqueConstraint("work_id", "author_id"),
        Index(None, "author_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("authors.id", ondelete="CASCADE"))
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Claim(Base):
    """Somebody's word that they are an imported author, for moderators to judge.

    ``works`` is what is to become of the works: ``keep`` them, ``orphan`` or ``delete`` them.
    """

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("works in ('keep', 'orphan', 'delete')", name="works"),
        CheckConstraint("state in ('open', 'granted', 'refused')", name="state"),
        Index(None, "state", "id"),
        Index(None, "account_id"),
        Index(None, "author_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("authors.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    evidence: Mapped[str] = mapped_column(Text)
    works: Mapped[str] = mapped_column(KeyText)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(KeyText, server_default="open")
    note: Mapped[str] = mapped_column(Text, server_default="")
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
