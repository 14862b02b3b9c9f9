"""How many rows a list has in all, kept until something changes: nobody wants to count a million at each request.

What is kept is compared with the state of the database that it was counted in, so nothing has to be told of changes.
Where counting takes long and writes never cease, what was counted a moment ago is told for a while.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from sqlalchemy import Connection, text

MOST_KEPT = 500
QUICK = 0.02
"""What is counted in so many seconds is counted anew after every change."""
TURNS = 16
PAUSE = 10
"""What takes longer is counted in no more than a tenth of the time."""

_SQLITE = text("SELECT coalesce(max(seq), 0) FROM changes")
_POSTGRESQL = text("SELECT pg_current_snapshot()::text")


def state_of(connection: Connection) -> str:
    """Names what a reading transaction sees: as long as it is the same, so is every count.

    On SQLite all that is listed is in the changes log; on PostgreSQL numbers of the log become visible out of turn.
    """
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    return str(connection.execute(query).scalar_one())


@dataclass(slots=True)
class _Total:
    number: int
    state: str
    again: float
    """When it may be counted anew, by the monotonic clock."""


class Totals:
    """The totals of the lists that were asked for last. Safe to use from any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, _Total] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = tuple(threading.Lock() for _ in range(TURNS))

    def of(self, connection: Connection, key: Hashable, count: Callable[[], int], *, newest: bool = False) -> int:
        """The total kept under a key, counted where there is none, or something has changed since.

        ``newest``: never an older one, whatever it takes. Who asks while it is counted waits for that.
        """
        state = state_of(connection)  # before it is counted: what is counted is as new as this, or newer
        known = self._kept(key, state, newest=newest)
        if known is not None:
            return known
        with self._turns[hash(key) % TURNS]:
            known = self._kept(key, state, newest=newest)
            return self._count(key, state, count) if known is None else known

    def _kept(self, key: Hashable, state: str, *, newest: bool) -> int | None:
        with self._lock:
            known = self._known.get(key)
            if known is None:
                return None
            self._known.move_to_end(key)
            fits = known.state == state or (not newest and time.monotonic() < known.again)
            return known.number if fits else None

    def _count(self, key: Hashable, state: str, count: Callable[[], int]) -> int:
        started = time.monotonic()
        number = count()
        ended = time.monotonic()
        again = ended + PAUSE * (ended - started) if ended - started > QUICK else ended
        with self._lock:
            self._known[key] = _Total(number, state, again)
            if len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
        return number
