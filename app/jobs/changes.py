"""The changes log: written with the change itself, read by whoever derives something from the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, text

from app.db.bulk import insert_rows, reserve_ids
from app.models import Change

WORK, UNLISTED, TAG, WRANGLED = "work", "unlisted", "tag", "wrangled"
"""A work changed; one that was in no list before or after; a tag's own document changed; a tag changed in a way that
changes the documents of works."""


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """How far in the log: everything up to and including ``(xid, seq)``."""

    xid: int = 0
    seq: int = 0


START = Position()


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One row of the log, as a follower needs it."""

    position: Position
    kind: str
    work_id: int | None
    tag_id: int | None


def log_changes(
    connection: Connection,
    *,
    work_ids: Sequence[int] = (),
    unlisted_ids: Sequence[int] = (),
    tag_ids: Sequence[int] = (),
    wrangled_ids: Sequence[int] = (),
) -> int | None:
    """Write one row a work and tag in the caller's transaction; the last number, if there was one.

    ``wrangled_ids`` are tags that works show or are found by in another way now: the index expands each to its works.
    """
    now = datetime.now(UTC)
    rows: list[tuple[str, int | None, int | None, datetime]] = [(TAG, None, tag_id, now) for tag_id in tag_ids]
    rows += [(WRANGLED, None, tag_id, now) for tag_id in wrangled_ids]
    rows += [(UNLISTED, work_id, None, now) for work_id in unlisted_ids]
    rows += [(WORK, work_id, None, now) for work_id in work_ids]
    if not rows:
        return None
    seqs = reserve_ids(connection, Change.__table__, len(rows))
    numbered = [(seq, *row) for seq, row in zip(seqs, rows, strict=True)]
    insert_rows(connection, Change.__table__, ("seq", "kind", "work_id", "tag_id", "at"), numbered)
    return seqs[-1]


_SQLITE = text("SELECT xid, seq, kind, work_id, tag_id FROM changes WHERE seq > :seq ORDER BY seq LIMIT :limit")
_POSTGRESQL = text(
    "SELECT xid, seq, kind, work_id, tag_id FROM changes WHERE (xid, seq) > (:xid, :seq)"
    " AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY xid, seq LIMIT :limit"
)


def read_changes(connection: Connection, after: Position, limit: int) -> list[LoggedChange]:
    """The next rows after a position. On PostgreSQL only those that no running transaction can precede."""
    sqlite = connection.dialect.name == "sqlite"
    values = {"seq": after.seq, "limit": limit} if sqlite else {"xid": after.xid, "seq": after.seq, "limit": limit}
    rows = connection.execute(_SQLITE if sqlite else _POSTGRESQL, values)
    return [LoggedChange(Position(row[0], row[1]), row[2], row[3], row[4]) for row in rows]


_WORKS_CHANGED = text(
    "SELECT DISTINCT work_id FROM changes WHERE work_id IN :ids AND (xid, seq) > (:xid, :seq)"
).bindparams(bindparam("ids", expanding=True))


def works_changed(connection: Connection, after: Position, ids: Sequence[int]) -> set[int]:
    """Those of some works that have a row after a position, whether followers may read it yet or not."""
    values = {"ids": list(ids), "xid": after.xid, "seq": after.seq}
    return set(connection.execute(_WORKS_CHANGED, values).scalars())


def newest_position(connection: Connection) -> Position:
    """The position that covers all that is safely readable now."""
    if connection.dialect.name == "sqlite":
        row = connection.execute(text("SELECT 0, coalesce(max(seq), 0) FROM changes")).one_or_none()
    else:
        row = connection.execute(
            text(
                "SELECT xid, seq FROM changes WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                " ORDER BY xid DESC, seq DESC LIMIT 1"
            )
        ).one_or_none()
    return Position(row[0], row[1]) if row else START


def newest_number(connection: Connection) -> int:
    """The largest number any committed write was told."""
    return int(connection.execute(text("SELECT coalesce(max(seq), 0) FROM changes")).scalar_one())


def position_after(connection: Connection, number: int) -> Position:
    """Where to go on from a change number; one that is not in the log stands behind the one before it."""
    query = text("SELECT xid, seq FROM changes WHERE seq <= :seq ORDER BY seq DESC LIMIT 1")
    row = connection.execute(query, {"seq": number}).one_or_none()
    return Position(row[0], row[1]) if row else START


def position_of(connection: Connection, number: int) -> tuple[Position, str] | None:
    """Where a change number stands, and its kind; ``None`` for one that is not (or no longer) in the log."""
    query = text("SELECT xid, seq, kind FROM changes WHERE seq = :seq")
    row = connection.execute(query, {"seq": number}).one_or_none()
    return (Position(row[0], row[1]), row[2]) if row else None
