"""Import jobs: what came in, how it was cut into units of work, and what became of each item."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, KeyText, UTCDateTime
from app.models.base import Base

_ALIKE = text("possible_duplicates IS NOT NULL")


class ImportJob(Base):
    """One import. ``receiving`` is shown to nobody: what came in is still being stored."""

    __tablename__ = "import_jobs"
    __table_args__ = (
        CheckConstraint(
            "state in ('receiving', 'queued', 'running', 'paused', 'cancelled', 'succeeded', 'failed')", name="state"
        ),
        CheckConstraint("mode in ('upsert', 'create_only', 'replace')", name="mode"),
        Index(None, "state"),
        Index(None, "importer", "id"),
        Index(None, "account_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    importer: Mapped[str] = mapped_column(KeyText)
    """Whose keys it uses and who sees it: ``operator``, or ``account <id>``."""
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="SET NULL"))
    by: Mapped[str] = mapped_column(Text)
    as_admin: Mapped[bool]
    """Whether it was asked for with the rights of an admin or operator."""
    state: Mapped[str] = mapped_column(KeyText)
    mode: Mapped[str] = mapped_column(KeyText)
    dry_run: Mapped[bool]
    format: Mapped[str | None] = mapped_column(KeyText)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What is taken where a file does not say it."""
    bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a worker last took a unit of it: whose turn is longest ago is next."""
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    undo: Mapped[str | None] = mapped_column(KeyText)
    """``running`` or ``done``, where it was asked to be undone."""
    undo_by: Mapped[str | None] = mapped_column(Text)


class ImportFile(Base):
    """One of the files of a job: a part of what came in."""

    __tablename__ = "import_files"
    __table_args__ = ({"sqlite_with_rowid": False},)

    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import_jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    begins: Mapped[int] = mapped_column(BigInteger)
    ends: Mapped[int] = mapped_column(BigInteger)
    format: Mapped[str | None] = mapped_column(KeyText)


class ImportChunk(Base):
    """A mebibyte of what came in, compressed; gone when the job is over."""

    __tablename__ = "import_chunks"

    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import_jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ImportUnit(Base):
    """What one worker takes at a time: lines of a file, some files, or what is left to do at the end.

    ``done`` and the counts are written in the transaction of the works that they tell of, under the worker's name: a
    worker that has lost its lease writes nothing.
    """

    __tablename__ = "import_units"
    __table_args__ = (
        CheckConstraint("kind in ('lines', 'files', 'finish', 'undo')", name="kind"),
        {"sqlite_with_rowid": False},
    )

    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import_jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(KeyText)
    first_file: Mapped[int] = mapped_column(server_default=text("0"))
    last_file: Mapped[int] = mapped_column(server_default=text("0"))
    begins: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    ends: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    first_line: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    first_index: Mapped[int | None] = mapped_column(BigInteger)
    """The number of its first item in the whole input; unknown until what stands before it has been counted."""
    count: Mapped[int | None] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    created: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    updated: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    unchanged: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    failed: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    change: Mapped[int | None] = mapped_column(BigInteger)
    finished: Mapped[bool] = mapped_column(server_default=false())
    worker: Mapped[str | None] = mapped_column(KeyText)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """How often it was taken since it last came further."""


class ImportItem(Base):
    """What became of one item; ``number`` is its place in the whole input, from 0."""

    __tablename__ = "import_items"
    __table_args__ = (
        Index(None, "job_id", "outcome", "number"),
        Index("ix_import_items_alike", "job_id", "number", sqlite_where=_ALIKE, postgresql_where=_ALIKE),
        Index(
            "ix_import_items_updated", "job_id", "work_id",
            postgresql_where=text("outcome = 'updated'"), sqlite_where=text("outcome = 'updated'"),
        ),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import_jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    input: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(KeyText)
    work_id: Mapped[int | None] = mapped_column(BigInteger)
    """No foreign key: the report outlives what it tells of."""
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    notices: Mapped[list[str]] = mapped_column(JSON)
    possible_duplicates: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """The works whose text was like it when it came in, as far as its importer might see them."""
    undone: Mapped[str | None] = mapped_column(KeyText)
    """After an undo: ``withdrawn``, or ``left``."""


class WorkInput(Base):
    """A file that was read for a work: how it is known again, and what it counts against others."""

    __tablename__ = "work_inputs"
    __table_args__ = ({"sqlite_with_rowid": False},)

    work_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("works.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """A hash of its format and name."""
    format: Mapped[str] = mapped_column(KeyText)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    told: Mapped[int] = mapped_column(BigInteger)
    """What it told of the work and was believed in, a bit each."""
    day: Mapped[int | None]
    chapters: Mapped[int | None]
    """The day of the state that it told, from the year 1 on, and how many chapters were out; null where not said."""
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
