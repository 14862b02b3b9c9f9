"""Typed tags and their wrangling: canonical, synonym, parent, broader."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, KeyText, UTCDateTime
from app.models.base import Base


class Tag(Base):
    """A fandom, character, relationship or freeform. ``name`` is the first spelling that came.

    ``name_key`` (NFKC, case-folded) is its identity within the type. A tag with a ``canonical_id`` is a synonym;
    a canonical tag never has one, and a synonym's target is canonical: never a chain.
    """

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("type", "name_key"),
        CheckConstraint("type in ('fandom', 'character', 'relationship', 'freeform')", name="type"),
        CheckConstraint("not canonical or canonical_id is null", name="canonical_or_synonym"),
        CheckConstraint("canonical_id is null or canonical_id <> id", name="not_its_own_synonym"),
        Index(None, "canonical_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    type: Mapped[str] = mapped_column(KeyText)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(KeyText)
    kind: Mapped[str | None] = mapped_column(Text)
    """Of a relationship: romantic, platonic, queerplatonic or other."""
    canonical: Mapped[bool] = mapped_column(server_default=text("false"))
    canonical_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tags.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TagParent(Base):
    """A character, relationship or freeform belongs to a fandom; a relationship to a character."""

    __tablename__ = "tag_parents"
    __table_args__ = (Index(None, "parent_id"),)

    child_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class TagBroader(Base):
    """A direct broader link between canonical tags of one type; the closure is computed, never stored."""

    __tablename__ = "tag_broader"
    __table_args__ = (Index(None, "broader_id"),)

    narrower_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    broader_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class RelationshipMember(Base):
    """Who a relationship names, in the order of its name; ``character_id`` where a character has that name."""

    __tablename__ = "relationship_members"
    __table_args__ = (Index(None, "name_key"),)

    relationship_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(KeyText)
    character_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tags.id"))


class Tagging(Base):
    """A tag on a work, at the place where its author put it."""

    __tablename__ = "taggings"
    __table_args__ = (UniqueConstraint("tag_id", "work_id"), {"sqlite_with_rowid": False})

    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    tag_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tags.id"))
