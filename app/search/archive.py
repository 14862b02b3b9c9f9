"""The open archive that a request works on: database, index, settings, and the key that signs cursors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from app.config import Settings
from app.db.engine import Database
from app.db.totals import Totals
from app.errors import ChangeNotApplied, FieldProblem, Invalid
from app.jobs.changes import UNLISTED, WORK, Position, newest_number, newest_position, position_of
from app.search.reader import SearchIndex, Snapshot
from app.web.kept import Kept
from app.web.listing import Place


@dataclass(frozen=True, slots=True)
class Archive:
    """One process's view; safe to use from any thread."""

    database: Database
    index: SearchIndex
    settings: Settings
    secret: bytes
    kept: Kept = field(default_factory=lambda: Kept(0))
    totals: Totals = field(default_factory=Totals)

    @property
    def latest(self) -> Archive:
        """The same with reads from the primary, which lag behind nothing."""
        return replace(self, database=self.database.latest)

    def since(self, number: int | None) -> Archive:
        """One whose database has a change: this, or where the replica is not there yet, the primary's."""
        if not number:
            return self
        if self.database.may_lag:
            with self.database.reading() as connection:
                if position_of(connection, number) is not None:
                    return self
        self._find(number)
        return self.latest

    def snapshot(self, after_change: int | None = None, *, settled: bool = True) -> Snapshot:
        """The newest searchers; with ``after_change``, ones that have applied that change.

        ``settled``: acts on tags, too, have come to every document, which takes a while where they reach many. Without
        it they show in filters, totals and facets.
        """
        if after_change:
            self._wait(after_change, settled=settled)
        return self.index.snapshot()

    def snapshot_of(self, index: str, place: Place, after_change: int | None, *, settled: bool = True) -> Snapshot:
        """The same for a page of a list from one index: not older than what the page before it was of.

        Another worker, or another host, may be behind the one that answered before. Something that has been given
        another place in the list meanwhile would be met at both, or at none.
        """
        snapshot, since = self.snapshot(after_change, settled=settled), place.since
        if since is None or snapshot.positions[index] >= since:
            return snapshot
        if not self.index.wait_for_index(index, since, self.settings.after_change_wait):
            with self.database.current() as connection:
                if since <= newest_position(connection):
                    raise ChangeNotApplied("Search here is behind the page before this one; try again.")
            # What the cursor is of is no more: the database was restored to an earlier time.
        return self.index.snapshot()

    def _find(self, number: int) -> tuple[Position, str] | None:
        """Where a change stands; ``None`` for one that is no longer in the log: applied long ago."""
        with self.database.current() as connection:  # a replica may lag behind the number
            found = position_of(connection, number)
            if found is None and number > newest_number(connection):
                detail = "It is above the newest change."
                problem = FieldProblem("unknown-change", detail, parameter="after_change")
                raise Invalid("`after_change` is above the newest change.", errors=[problem])
        return found

    def _wait(self, number: int, *, settled: bool) -> None:
        found = self._find(number)
        if found is None:
            return
        self.index.snapshot()
        (position, kind), seconds = found, self.settings.after_change_wait
        if kind in {WORK, UNLISTED} or settled:
            in_time = self.index.wait_for(position, seconds, settled=kind not in {WORK, UNLISTED})
        else:
            in_time = self.index.wait_to_show(position, seconds)
        if not in_time:
            raise ChangeNotApplied("Search has not reached that change in time; try again.")


Given = dict[str, Any]
