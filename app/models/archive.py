"""What this database is: facts about the archive as a whole."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import KeyText
from app.models.base import Base


class ArchiveFact(Base):
    """A fact by name. ``archive_id`` is made with the database: an index of another archive is not ours."""

    __tablename__ = "archive_facts"

    name: Mapped[str] = mapped_column(KeyText, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
