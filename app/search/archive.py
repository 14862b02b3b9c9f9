"""The open archive that a request works on: database, index, settings, and the key that signs cursors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.config import Settings
from app.db.engine import Database
from app.errors import ChangeNotApplied, FieldProblem, Invalid
from app.jobs.changes import UNLISTED, WORK, newest_number, position_of
from app.search.reader import SearchIndex, Snapshot


@dataclass(frozen=True, slots=True)
class Archive:
    """One process's view; safe to use from any thread."""

    database: Database
    index: SearchIndex
    settings: Settings
    secret: bytes

    def snapshot(self, after_change: int | None = None) -> Snapshot:
        """The newest searchers; with ``after_change``, ones that have applied that change."""
        if after_change:
            self._wait(after_change)
        return self.index.snapshot()

    def _wait(self, number: int) -> None:
        with self.database.reading() as connection:
            found = position_of(connection, number)
            if found is None and number > newest_number(connection):
                detail = "It is above the newest change."
                problem = FieldProblem("unknown-change", detail, parameter="after_change")
                raise Invalid("`after_change` is above the newest change.", errors=[problem])
        if found is None:
            return  # no longer in the log: applied long ago
        self.index.snapshot()
        position, kind = found
        # An act on tags counts as applied when filters, totals and facets show it.
        if not self.index.wait_for(position, self.settings.after_change_wait, settled=kind not in {WORK, UNLISTED}):
            raise ChangeNotApplied("Search has not reached that change in time; try again.")


Given = dict[str, Any]
