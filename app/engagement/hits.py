"""Hits are noted in memory and counted in batches, so that a read never waits for a write."""

from __future__ import annotations

import hmac
import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.rules import Viewer
from app.db.engine import Database
from app.engagement.commands import Visit, count_hits

COUNT_EVERY = 10.0
"""Seconds."""
MOST_NOTED = 100_000
AT_ONCE = 1_000
log = structlog.get_logger("fanarchive.engagement")


def address_hash(secret: bytes, purpose: str, address: str) -> str:
    """An address as it is stored: nobody without the archive's key can try which it was."""
    return hmac.digest(secret, f"{purpose} {address}".encode(), "sha256").hex()[:32]


class Hits:
    """Collects who read which work, and counts them from a thread of its own."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret
        self._lock = threading.Lock()
        self._noted: dict[Visit, frozenset[int]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hits", daemon=True)

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    def stop(self) -> None:
        """Count what is left, and end."""
        self._stopping.set()
        self._thread.join()

    def note(self, work_id: int, address: str, viewer: Viewer) -> None:
        """Somebody reads a work. Beyond what memory is given to it, nothing more is noted until the next count."""
        if len(self._noted) < MOST_NOTED:
            with self._lock:
                self._noted[work_id, address] = viewer.author_ids

    def count(self) -> None:
        """Count what was noted."""
        with self._lock:
            noted, self._noted = self._noted, {}
        visits = [
            ((work_id, address_hash(self._secret, "hit", address)), names)
            for (work_id, address), names in noted.items()
        ]
        for start in range(0, len(visits), AT_ONCE):
            with self._database.write() as session:
                count_hits(session, visits=dict(visits[start : start + AT_ONCE]))

    def _run(self) -> None:
        stopping = False
        while not stopping:
            stopping = self._stopping.wait(COUNT_EVERY)
            try:
                self.count()
            except SQLAlchemyError as error:
                # A few hits fewer; the readers' next visits are noted again.
                log.warning("engagement.hits_not_counted", error=type(error).__name__)
