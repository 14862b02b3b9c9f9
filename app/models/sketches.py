"""What the texts of works are recognised by: derived from the chapters, and made anew where they change."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId
from app.models.base import Base


class WorkSketch(Base):
    """The sketch of a work: up to 250 numbers of eight bytes, ascending. A work of hardly any text has none."""

    __tablename__ = "work_sketches"

    work_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("works.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sketch: Mapped[bytes] = mapped_column(LargeBinary)


class SketchKey(Base):
    """One of the smallest numbers of a sketch: works that share some of them are looked at.

    There is no index by work, which would cost as much again: a work's keys are the first numbers of its sketch.
    """

    __tablename__ = "sketch_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    work_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class SketchWaiting(Base):
    """A work whose text has changed: a row for each change, written in its transaction."""

    __tablename__ = "sketches_waiting"
    __table_args__ = (Index(None, "work_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"))
