"""The sync feed: which works changed after a number, once each, as far as the caller may know of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, TextClause, text

from app.accounts.policy import What, told_of
from app.accounts.queries import own_ids
from app.accounts.rules import Viewer, is_moderator
from app.db.types import from_stored
from app.jobs.changes import UNLISTED, WORK, Position, position_after

AT_ONCE = 500
MOST = 50_000
"""So many rows of the log are looked through for one page: a long stretch that shows nothing ends it early."""

_PARTS = {
    "sqlite": {
        "after": "seq > :seq ORDER BY seq LIMIT :limit",
        "later": "o.xid = 0 AND o.seq > c.seq",
        "earlier": "o.xid = 0 AND o.seq <= :known_seq",
    },
    "postgresql": {
        "after": "(xid, seq) > (:xid, :seq) AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        " ORDER BY xid, seq LIMIT :limit",
        "later": "(o.xid, o.seq) > (c.xid, c.seq)",
        "earlier": "(o.xid, o.seq) <= (:known_xid, :known_seq)",
    },
}
_OTHER = "EXISTS (SELECT 1 FROM changes o WHERE o.work_id = c.work_id AND {place} AND o.kind = '{kind}')"


def _statement(parts: dict[str, str]) -> TextClause:
    others = ", ".join(
        f"{_OTHER.format(place=parts[place], kind=kind)} AS {place}_{kind}"
        for place in ("later", "earlier")
        for kind in (WORK, UNLISTED)
    )
    return text(
        "SELECT c.xid, c.seq, c.kind, c.work_id, c.at, w.state, w.visibility, w.was_public, w.listing, w.version,"  # noqa: S608
        f" {others} FROM (SELECT xid, seq, kind, work_id, at FROM changes WHERE {parts['after']}) c"
        " LEFT JOIN works w ON w.id = c.work_id ORDER BY c.xid, c.seq"
    )


_STATEMENTS = {dialect: _statement(parts) for dialect, parts in _PARTS.items()}


@dataclass(frozen=True, slots=True)
class Followed:
    """A work that changed, and what that means for the caller."""

    change: int
    work_id: int
    what: What
    version: int | None
    at: datetime


@dataclass(slots=True)
class Following:
    """A page of the feed; ``reached`` is how far it looked, ``more`` whether the log went on."""

    reached: int
    items: list[Followed] = field(default_factory=list)
    more: bool = False


def follow(connection: Connection, viewer: Viewer, number: int, limit: int) -> Following:
    """Each work that changed after a number, at its last change, in the order of these.

    ``created`` is what had no change up to it. The whole log coalesces, so that a walk from the start meets each
    work once, unless it changes meanwhile.
    """
    after = position_after(connection, number)
    found = Following(number)
    for row, own in _rows(connection, viewer, after):
        if row is None:
            found.more = True
            return found
        item = _told(viewer, row, own=own)
        if item is not None:
            if len(found.items) == limit:
                found.more = True
                return found
            found.items.append(item)
        found.reached = row.seq
    return found


def _rows(connection: Connection, viewer: Viewer, after: Position) -> Iterator[tuple[Any, bool]]:
    """The rows of the log after a position, and whether each is of a work of the viewer's.

    ``None`` stands where it was left before its end.
    """
    position, sqlite = after, connection.dialect.name == "sqlite"
    for _ in range(MOST // AT_ONCE):
        values = {"seq": position.seq, "limit": AT_ONCE, "known_seq": after.seq}
        values |= {} if sqlite else {"xid": position.xid, "known_xid": after.xid}
        rows = connection.execute(_STATEMENTS[connection.dialect.name], values).all()
        own = own_ids(connection, viewer, {row.work_id for row in rows if row.work_id is not None})
        yield from ((row, row.work_id in own) for row in rows)
        if len(rows) < AT_ONCE:
            return
        position = Position(rows[-1].xid, rows[-1].seq)
    yield None, False


def _told(viewer: Viewer, row: Any, *, own: bool) -> Followed | None:
    # Works that no list shows are edited unseen: what strangers are told of them stays where they left the lists.
    insider = own or is_moderator(viewer)
    unseen = row.kind == UNLISTED and not insider
    if row.work_id is None or row.state is None or unseen or row.later_work or (insider and row.later_unlisted):
        return None
    what = told_of(
        viewer,
        row.state,
        row.visibility,
        was_public=bool(row.was_public),
        was_listed=row.listing != "never",
        own=own,
        known=bool(row.earlier_work or (insider and row.earlier_unlisted)),
    )
    if what is None:
        return None
    # The version goes on to rise while nobody but its authors sees the work.
    return Followed(row.seq, row.work_id, what, None if what == "withdrawn" else row.version, from_stored(row.at))
