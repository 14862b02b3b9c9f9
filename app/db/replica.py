"""The replica that guests' reads go to, and whether it may be used now.

A thread asks both servers twice a second. The replica is set aside while it does not answer, has another schema, has
been promoted, lags too far, or lacks what this process has already shown of its index; reads then go to the primary,
and come back by themselves. How far it lags is measured by where the primary's log stood at our own clock, so neither
the servers' clocks nor an idle primary can mislead.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

CHECK_SECONDS = 0.5
MOST_MARKS = 2_000
CONFLICT = "40001"
"""A standby cancels statements that stand in the way of what it has to replay. It is as well as before."""

LAG = Gauge("fanarchive_replica_lag_seconds", "How far the replica lags behind the primary.", ["server"])
USED = Gauge(
    "fanarchive_replica_used", "Whether reads go to the replica (1) or, for a reason, to the primary (0).", ["server"]
)
log = structlog.get_logger("fanarchive.replica")

_PRIMARY = text(
    "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint AS place, pg_postmaster_start_time() AS started"
)
_REPLICA = text(
    "SELECT pg_is_in_recovery() AS standby, pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint AS place,"
    " extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float AS idle,"
    " pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS open_from, pg_postmaster_start_time() AS started"
)


class ReplicaLost(OperationalError):
    """A read from the replica failed, for a reason that is the replica's: the primary can answer it."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(None, None, cause)


@dataclass(slots=True)
class Lag:
    """Where the primary's log stood when, as far as the replica has not come there yet."""

    marks: deque[tuple[float, int]]

    def seconds(self, now: float, primary: int | None, replica: int, idle: float | None) -> float:
        """Since when the replica lacks something that the primary had; ``idle``: since its last transaction."""
        if primary is not None and primary > replica and not self.marks:
            # Nothing is known of what came before. So long is the most that it can be behind.
            self.marks.append((now - (idle if idle is not None else float("inf")), primary))
        elif primary is not None and self.marks and primary > self.marks[-1][1] and len(self.marks) < MOST_MARKS:
            self.marks.append((now, primary))
        while self.marks and self.marks[0][1] <= replica:
            self.marks.popleft()
        return now - self.marks[0][0] if self.marks else 0.0


class Replica:
    """Safe to use from any thread. ``fits`` says whether the program can work with the schema of a connection."""

    def __init__(self, engine: Engine, primary: Engine, *, most_lag: float, fits: Callable[[Connection], bool]) -> None:
        self.engine = engine
        self._primary = primary.execution_options(isolation_level="AUTOCOMMIT")
        self.single = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._name = f"{engine.url.host}:{engine.url.port or 5432}"
        self._most_lag = most_lag
        self._fits = fits
        self._lag = Lag(deque())
        self._usable: bool | None = None
        self._floor = 0
        self._open_from = 0
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def usable(self) -> bool:
        """Whether reads may go there now. The first to ask waits for the first look."""
        if self._usable is None:
            with self._lock:
                if self._usable is None:
                    self.look()
                    self._thread = threading.Thread(target=self._follow, name="replica", daemon=True)
                    self._thread.start()
        return bool(self._usable)

    def lost(self, error: DBAPIError) -> ReplicaLost:
        """A read failed there: nobody else shall try before the next look finds it well."""
        if getattr(error.orig, "sqlstate", None) != CONFLICT:
            self._set(reason=f"a read failed ({type(error.orig).__name__})")
        return ReplicaLost(error.orig or error)

    def note(self, xid: int) -> None:
        """What was read here has come as far as a transaction: reads do not go back behind it."""
        self._floor = xid

    def require(self, xid: int) -> None:
        """The same of what came from elsewhere: whether the replica has it is looked at now."""
        self._floor = xid
        if self._usable and self._open_from <= xid:
            self.look()

    def close(self) -> None:
        """Stop looking."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.engine.dispose()

    def look(self) -> None:
        """Ask both servers, and decide."""
        with self._lock:
            self._look()

    def _look(self) -> None:
        primary = _ask(self._primary)
        try:
            with self.single.connect() as connection:
                found: Any = connection.execute(_REPLICA).one()
                fits = self._fits(connection)
        except SQLAlchemyError as error:
            self._set(reason=f"it does not answer ({type(error).__name__})")
            return
        self._open_from = found.open_from
        self._set(reason=self._objection(primary, found, fits=fits))

    def _objection(self, primary: Any, found: Any, *, fits: bool) -> str:
        """Why it may not be used; empty where it may."""
        if not fits:
            return "its schema is another"
        if not found.standby:
            # What is no standby gets nothing from the primary, unless it is the primary itself.
            same = primary is not None and primary.started == found.started
            return "" if same or primary is None else "it is no standby"
        lag = self._lag.seconds(time.monotonic(), primary.place if primary else None, found.place, found.idle)
        LAG.labels(self._name).set(lag)
        if primary is None:
            return ""  # there is nothing else to read from
        if lag > self._most_lag:
            return f"it lags more than {self._most_lag:g} seconds"
        return "" if found.open_from > self._floor else "it lacks what the index shows"

    def _set(self, *, reason: str) -> None:
        usable = not reason
        if usable != self._usable:
            log.info("replica.used") if usable else log.warning("replica.set_aside", reason=reason)
        self._usable = usable
        USED.labels(self._name).set(usable)

    def _follow(self) -> None:
        while not self._stopping.wait(CHECK_SECONDS):
            self.look()


def _ask(engine: Engine) -> Any:
    try:
        with engine.connect() as connection:
            return connection.execute(_PRIMARY).one()
    except SQLAlchemyError:
        return None
