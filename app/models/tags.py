"""Typed tags and their wrangling: canonical, synonym, parent, broader."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
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
        Index("ix_tags_altered", "id", sqlite_where=text("altered = 1"), postgresql_where=text("altered")),
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
    altered: Mapped[bool] = mapped_column(server_default=text("false"))
    """Its name or members changed after works showed it: cards rendered before are patched when they are read."""
    wrangled_change: Mapped[int | None] = mapped_column(BigInteger)
    """The last change that touched it by an act: until the index has applied that, the tag is pending."""
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
    __table_args__ = (Index(None, "name_key"), Index(None, "character_id"))

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


class TagAct(Base):
    """One act of wrangling: who did what to which tag, and what became of it."""

    __tablename__ = "tag_acts"
    __table_args__ = (Index(None, "tag_id"), Index(None, "signed_by", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tag_id: Mapped[int] = mapped_column(BigInteger)
    """No foreign key: the history of a deleted tag stays."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_by: Mapped[str] = mapped_column(Text)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The members that the act set, as they were sent; empty for an undo."""
    change: Mapped[int | None] = mapped_column(BigInteger)
    works: Mapped[int | None] = mapped_column(BigInteger)
    """How many works carried a tag whose filters it changed, when it was done; unknown in bulk."""
    undoes: Mapped[int | None] = mapped_column(BigInteger)
    undone_by: Mapped[int | None] = mapped_column(BigInteger)


class TagActEffect(Base):
    """One fact that an act changed, with its value before and after; see :class:`app.tags.acts.Effect`.

    ``other_id`` is the other tag of a link, or the canonical of a synonym: the tag in whose history it stands, too.
    """

    __tablename__ = "tag_act_effects"
    __table_args__ = (Index(None, "tag_id"), Index(None, "other_id"))

    act_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tag_acts.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(Text)
    tag_id: Mapped[int] = mapped_column(BigInteger)
    other_id: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)


class WranglingAssignment(Base):
    """A fandom that a wrangler looks after; ``wrangler`` is how their acts are signed."""

    __tablename__ = "wrangling_assignments"
    __table_args__ = (Index(None, "wrangler"), {"sqlite_with_rowid": False})

    fandom_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    wrangler: Mapped[str] = mapped_column(KeyText, primary_key=True)
