"""When tokens were last used: noted in memory, written in batches, so that no read waits for a write.

The same thread takes away what has ended.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.commands import note_use
from app.accounts.commands.expiring import drop_expired
from app.accounts.queries import Holder
from app.db.engine import Database

HOUR = timedelta(hours=1)
WRITE_EVERY = 60.0
"""Seconds."""
TIDY_EVERY = 10
"""Rounds of writing."""
log = structlog.get_logger("fanarchive.accounts")


class TokenUses:
    """Collects the tokens whose noted use is an hour old, and writes them from a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._used: set[int] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="token-uses", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end."""
        self._stopping.set()
        self._thread.join()

    def note(self, holder: Holder) -> None:
        """A token was used; costs a comparison where that was noted within the hour."""
        used, token_id = holder.last_used_at, holder.viewer.token_id
        if token_id is None or (used is not None and datetime.now(UTC) - used < HOUR):
            return
        with self._lock:
            self._used.add(token_id)

    def write(self) -> None:
        """Write what was noted."""
        with self._lock:
            token_ids, self._used = self._used, set()
        if not token_ids:
            return
        now = datetime.now(UTC)
        with self._database.write() as session:
            note_use(session, token_ids=token_ids, at=now, before=now - HOUR)

    def tidy(self) -> None:
        """Take away tokens, codes and invitations that have ended."""
        with self._database.write() as session:
            drop_expired(session, datetime.now(UTC))

    def _run(self) -> None:
        stopping, rounds = False, 0
        while not stopping:
            stopping = self._stopping.wait(WRITE_EVERY)
            try:
                self.write()
                rounds += 1
                if rounds % TIDY_EVERY == 0:
                    self.tidy()
            except SQLAlchemyError as error:
                # Only a date for the eye; the next use notes it again.
                log.warning("accounts.uses_not_written", error=type(error).__name__)
