"""Works, their chapters, former revisions, where they came from, and their rendered cards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, KeyText, UTCDateTime
from app.models.base import Base


class Work(Base):
    """A work. ``words``, ``chapters_posted`` and ``chapters_expected`` are the source's where ``has_text`` is false.

    A counter is the sum of what an import brought along (``brought_…``) and what was counted here
    (``counted_…``): a re-import replaces the first and never touches the second.
    """

    __tablename__ = "works"
    __table_args__ = (
        CheckConstraint("state in ('draft', 'published', 'hidden', 'deleted')", name="state"),
        CheckConstraint("visibility in ('public', 'registered')", name="visibility"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, server_default="")
    notes: Mapped[str] = mapped_column(Text, server_default="")
    end_notes: Mapped[str] = mapped_column(Text, server_default="")
    language: Mapped[str] = mapped_column(Text)
    rating: Mapped[str] = mapped_column(Text)
    warnings: Mapped[list[str]] = mapped_column(JSON)
    categories: Mapped[list[str]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    visibility: Mapped[str] = mapped_column(Text)
    anonymous: Mapped[bool]
    has_text: Mapped[bool]
    words: Mapped[int] = mapped_column(BigInteger)
    chapters_posted: Mapped[int]
    chapters_expected: Mapped[int | None]
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    brought_kudos: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    brought_comments: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    brought_bookmarks: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    brought_hits: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    counted_kudos: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    counted_comments: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    counted_bookmarks: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    counted_hits: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    """``extra``, ``gifts``, ``related`` and ``consent``: shown, never filtered by."""
    import_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the manuscript as it was last imported: the same again is ``unchanged``."""
    importer: Mapped[str | None] = mapped_column(KeyText)
    """Who brought it: ``operator``, or ``account <id>``; null where it was posted here."""
    cleaner_version: Mapped[int]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    was_public: Mapped[bool]
    """Whether a guest may have read it: then its deletion is 410, else 404."""
    listing: Mapped[str] = mapped_column(Text, server_default="never")
    """Whether it is in lists ``now``, was ``formerly`` or ``never``: who saw it there is told when it goes."""
    dated: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the author chose the date of a draft, so that posting it keeps it."""
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was last edited here: what an import must not overwrite."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class WorkCard(Base):
    """The work's list JSON without its closing brace and without ``stats``, rendered when it last changed.

    Written in the transaction that changes the work; see decision 0004.
    """

    __tablename__ = "work_cards"

    work_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("works.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Chapter(Base):
    """A chapter; positions are 1..n without gaps, drafts included."""

    __tablename__ = "chapters"
    __table_args__ = (
        Index(None, "work_id", "position"),
        CheckConstraint("state in ('draft', 'published')", name="state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(Text, server_default="")
    summary: Mapped[str] = mapped_column(Text, server_default="")
    notes: Mapped[str] = mapped_column(Text, server_default="")
    end_notes: Mapped[str] = mapped_column(Text, server_default="")
    words: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    cleaner_version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    dated: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the author chose the date of a draft, so that posting it keeps it."""
    saved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    saved_by: Mapped[str | None] = mapped_column(Text)
    words_added: Mapped[int] = mapped_column(server_default=text("0"))
    words_removed: Mapped[int] = mapped_column(server_default=text("0"))
    source_url: Mapped[str | None] = mapped_column(Text)
    """Its own address at the source, where an import told it: by this the next import knows it again."""
    was_public: Mapped[bool | None]
    """Whether a guest may have read it, where its state and its work do not say it: see
    :func:`app.works.rules.chapter_was_public`."""


class ChapterRevision(Base):
    """What a chapter held before it was changed; the newest revision is the chapter itself.

    ``at`` and ``by`` tell when it was saved, and by whom; ``words_added`` and ``words_removed`` what that changed.
    """

    __tablename__ = "chapter_revisions"
    __table_args__ = (UniqueConstraint("chapter_id", "revision"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    chapter_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("chapters.id", ondelete="CASCADE"))
    revision: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text)
    end_notes: Mapped[str] = mapped_column(Text)
    words: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    by: Mapped[str | None] = mapped_column(Text)
    words_added: Mapped[int] = mapped_column(server_default=text("0"))
    words_removed: Mapped[int] = mapped_column(server_default=text("0"))


class Withholding(Base):
    """That a work is ``hidden`` by a moderator or ``deleted``: since when, why, and what it goes back to."""

    __tablename__ = "withholdings"
    __table_args__ = (CheckConstraint("kind in ('hidden', 'deleted')", name="kind"), {"sqlite_with_rowid": False})

    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(KeyText, primary_key=True)
    state_before: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    by: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_import: Mapped[int | None] = mapped_column(BigInteger)
    """The import whose undo took it away: another import may bring such a work back."""


class WorkSource(Base):
    """An address or site id that a work is known by; a work may have several, position 1 is the one shown."""

    __tablename__ = "work_sources"
    __table_args__ = (
        UniqueConstraint("site", "site_id"),
        UniqueConstraint("url_key"),
        Index(None, "work_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"))
    position: Mapped[int]
    site: Mapped[str | None] = mapped_column(KeyText)
    site_id: Mapped[str | None] = mapped_column(KeyText)
    url: Mapped[str | None] = mapped_column(Text)
    url_key: Mapped[str | None] = mapped_column(KeyText)


class ImportKey(Base):
    """An importer's own name for a work; private to the importer."""

    __tablename__ = "import_keys"
    __table_args__ = (Index(None, "work_id"),)

    importer: Mapped[str] = mapped_column(KeyText, primary_key=True)
    key: Mapped[str] = mapped_column(KeyText, primary_key=True)
    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"))
