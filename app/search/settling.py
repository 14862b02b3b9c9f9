"""Acts on tags that reach many works: what is left to do, kept with the index itself.

An act on a tag with a hundred thousand works must not hold up what comes after it, so the indexer takes such works a
slice at a time, between later changes, in the order of their ids. What it has come to is part of the checkpoint: a
killed indexer goes on where its last commit was. Until the works are done, filters on the tags concerned are expanded
when they are asked (:mod:`app.search.expanding`) and their facets counted anew (:mod:`app.search.unsettled`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from app.jobs.changes import Position

MOST_COUNTED_ANEW = 100
"""An act that concerns no more tags shows in facets at once: they are counted anew whenever somebody asks."""
MOST_TAGS = 20_000
"""Beyond so many tags every work is gone through: one pass over all is cheaper than asking for so many tags."""


@dataclass(slots=True)
class Settling:
    """One pass over the works that carry any of ``reach`` (``None``: over all works).

    ``filters`` are the tags whose filter or facet is not exact until then (``None``: all tags), ``position`` that of
    the first change it settles, ``after`` the last work done.
    """

    position: Position
    reach: set[int] | None
    filters: set[int] | None
    after: int = 0
    started: bool = field(default=False)

    def concerns(self, tag_id: int) -> bool:
        """Whether a tag's filter or facet waits for this."""
        return self.filters is None or tag_id in self.filters

    @property
    def shows_at_once(self) -> bool:
        """Whether filters, totals and facets are right before it is settled (:mod:`app.search.unsettled`)."""
        return self.filters is not None and len(self.filters) <= MOST_COUNTED_ANEW

    def join(self, other: Settling) -> None:
        """Take the tags of another into a pass that has not begun."""
        if self.reach is None or self.filters is None or other.reach is None or other.filters is None:
            self.reach = self.filters = None
            return
        self.reach |= other.reach
        self.filters |= other.filters
        if len(self.reach) > MOST_TAGS:
            self.reach = self.filters = None

    def as_json(self) -> dict[str, Any]:
        """Its form in the checkpoint."""
        return {
            "xid": self.position.xid,
            "seq": self.position.seq,
            "reach": None if self.reach is None else sorted(self.reach),
            "filters": None if self.filters is None else sorted(self.filters),
            "after": self.after,
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Settling:
        """From the checkpoint. Over all works it begins again: the tags to count were known to who began it alone."""
        reach, filters = said["reach"], said["filters"]
        after = 0 if filters is None else said["after"]
        return cls(
            Position(said["xid"], said["seq"]),
            None if reach is None else set(reach),
            None if filters is None else set(filters),
            after,
            after > 0,
        )


def new_settling(position: Position, reach: Collection[int], filters: Collection[int]) -> Settling:
    """A pass that is to be made; over all works where the tags are too many to ask for."""
    if len(reach) > MOST_TAGS:
        return Settling(position, None, None)
    return Settling(position, set(reach), set(filters))
