"""When an indexer commits, and when it writes the tags of the works it took in.

A commit makes new segments, which have to be merged, so an import is committed once a second and not once a batch; the
tags that its works bear change with nearly every batch, and are written when it is over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event

COMMIT_ROWS = 20_000
COMMIT_SECONDS = 1.0
SETTLE_SECONDS = 20.0
SETTLE_SHARE = 10
"""During a long import tags are written that often, but in no more than a tenth of the time."""
FEW_TAGS = 1_000
"""So many are written with every commit."""


@dataclass(slots=True)
class Pace:
    """What has been done, and when. Times are seconds of the monotonic clock.

    ``hurry`` is set once nothing more is to be expected soon: then the end of the log is its end at once.
    """

    hurry: Event
    written: int = 0
    """Changes and settled works that wait for a commit."""
    fresh: bool = False
    """Whether changes are among them: what is settled can wait, what someone has just written cannot."""
    last_full: float = 0.0
    """When a whole batch of changes was read last: an import is at work."""
    last_commit: float = 0.0
    last_tags: float = field(default_factory=time.monotonic)
    tags_took: float = 0.0

    def read(self, changes: int, *, whole_batch: bool) -> None:
        """Changes were applied; none is the end of the log."""
        if changes:
            self.written += changes
            self.fresh = True
        if whole_batch:
            self.last_full = time.monotonic()

    def is_over(self) -> bool:
        """Whether the end of the log is the end of an import: between two batches there is nothing to read either."""
        return self.hurry.is_set() or time.monotonic() - self.last_full > COMMIT_SECONDS

    def tags_due(self, waiting: int, *, drained: bool) -> bool:
        """Whether a commit now is to write the tags, too, of which some wait; ``drained``: the log is at its end."""
        pause = max(SETTLE_SECONDS, SETTLE_SHARE * self.tags_took)
        few = drained and (waiting <= FEW_TAGS or self.is_over())
        return few or time.monotonic() - self.last_tags > pause

    def commit_due(self, *, drained: bool, settling: bool, tags: bool) -> bool:
        """Whether to commit now; ``settling``: works of acts on tags are to come, ``tags``: some would be written."""
        if not (self.written or tags):
            return False
        new = self.fresh or not settling
        late = time.monotonic() - self.last_commit > (COMMIT_SECONDS if new else SETTLE_SECONDS)
        return late or self.written >= COMMIT_ROWS or (new and drained and self.is_over())

    def committed(self) -> None:
        """Nothing waits any more."""
        self.written = 0
        self.fresh = False
        self.last_commit = time.monotonic()

    def wrote_tags(self, started: float) -> None:
        """Tags were written, from a time on."""
        self.last_tags = time.monotonic()
        self.tags_took = self.last_tags - started
