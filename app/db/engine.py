"""The two engines, one for reading and one for writing, and the one place where a transaction is committed.

A reading transaction is a plain ``BEGIN``. A writing one is ``BEGIN IMMEDIATE`` on
SQLite: a transaction that reads first and writes later would fail at once with ``database is locked``
whenever another one wrote in between, whatever the busy timeout.

Nothing goes to a replica unless it asks for :attr:`Database.replicated`: what lags must not be what a write is planned
by.
"""

from __future__ import annotations

import copy
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.config import Settings
from app.db.replica import Replica
from app.db.revisions import fits
from app.db.watching import MOST, watch

BUSY_MS = 10_000
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_MS}",
    "temp_store=MEMORY",
    "mmap_size=268435456",
    "wal_autocheckpoint=8192",
    "journal_size_limit=268435456",
)

WRITE_CACHE_KIB, READ_CACHE_KIB = 65_536, 2_048
"""Of each connection. Every thread has one that reads and one that is quick, and the file is mapped beside them: with
64 MB each, a server of a million works came to 1.2 GB, and answered no faster."""
SILENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""When a server that is gone with its host is given up: seconds while it is connected to and while nothing is sent, and
milliseconds in which what was sent is not acknowledged. The system would wait for minutes."""
LOG_MOST = 268_435_456
"""Bytes from which on SQLite's log is emptied. While readers overlap, as the indexer and others do beside an import, it
cannot begin anew by itself, and had three times the size of the database after 600,000 works."""
LOG_PAUSE = 5.0
LOG_PATIENCE_MS = 1_000
"""So long those are waited for who still read what only the log has; other writes wait, too."""
OVERFLOW = 2
"""So many more connections than threads, for a moment."""
Transaction = Session
"""What a write is given, for signatures where the database's library is not imported."""


class Database:
    """Opens transactions. Sessions never expire what they loaded and never flush by themselves."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = make_url(settings.database_url)
        self._threads = settings.threads
        if self.url.get_backend_name() == "sqlite" and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self._patience: float | None = None
        self.write_engine = self._open_engine(self.url, begin="BEGIN IMMEDIATE")
        self.read_engine = self._open_engine(self.url, begin="BEGIN")
        self._quick_engine = self._open_engine(self.url, begin=None)
        for pool, engine in self._pools:
            watch(engine, pool)
            MOST.labels(pool).inc(self._threads + OVERFLOW)
        watch(self._quick_engine, "quick")
        # One statement is a transaction of its own: no round trips to begin and end one.
        self._current_engine, self._single_engine = (
            engine.execution_options(isolation_level="AUTOCOMMIT") for engine in (self.write_engine, self.read_engine)
        )
        self._quick_connections: list[Connection] = []
        self._local = threading.local()
        self._log = Path(f"{self.url.database}-wal") if self.is_sqlite and self.url.database else None
        self._log_emptied = float("-inf")
        self._replica = self._open_replica(settings)
        self._latest: Database | None = None

    def answer_within(self, seconds: float) -> None:
        """From now on give a statement so long at most, where somebody waits for it. SQLite is in our own process."""
        self._patience = seconds or None

    def _open_engine(self, url: URL, *, begin: str | None) -> Engine:
        return open_engine(url, begin=begin, pool=self._threads, patience=lambda: self._patience)

    def _open_replica(self, settings: Settings) -> Replica | None:
        if not settings.read_database_url or self.is_sqlite:
            return None
        engine = self._open_engine(make_url(settings.read_database_url), begin="BEGIN")
        return Replica(engine, self.write_engine, most_lag=settings.replica_lag_max, fits=fits)

    @property
    def _pools(self) -> Sequence[tuple[str, Engine]]:
        return ("write", self.write_engine), ("read", self.read_engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def replicated(self) -> Database:
        """The same with reads that may lag a little: from the replica, where there is one that can be used now."""
        if self._replica is None:
            return self
        view = copy.copy(self)
        view._latest = self  # noqa: SLF001  a copy of ourselves
        return view

    @property
    def latest(self) -> Database:
        """The same with reads from the primary."""
        return self._latest or self

    @property
    def may_lag(self) -> bool:
        """Whether reads may come from a replica."""
        return self._latest is not None

    def require(self, xid: int, *, read_here: bool = False) -> None:
        """From now on read only where a transaction is finished: what the index shows has to be in the database.

        ``read_here``: it was just read through this, so that it need not be looked for.
        """
        if self._replica is not None:
            (self._replica.note if read_here else self._replica.require)(xid)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; it is rolled back at the end."""
        with Session(self.read_engine, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The same without an object session, for the hot paths."""
        with self._reading(single=False) as connection:
            yield connection

    @contextmanager
    def _reading(self, *, single: bool) -> Iterator[Connection]:
        if self._replica is None or self._latest is None or not self._replica.usable():
            with (self._single_engine if single else self.read_engine).connect() as connection:
                yield connection
            return
        try:
            with (self._replica.single if single else self._replica.engine).connect() as connection:
                yield connection
        except OperationalError as error:
            raise self._replica.lost(error) from error

    @contextmanager
    def quick(self) -> Iterator[Connection]:
        """A connection for one statement by primary key, where opening a transaction would cost more than the answer.

        Each statement is its own transaction. On SQLite it is this thread's own, never given back.
        """
        if not self.is_sqlite:
            with self._reading(single=True) as connection:
                yield connection
            return
        mine: Connection | None = getattr(self._local, "connection", None)
        if mine is None:
            mine = self._local.connection = self._quick_engine.connect()
            self._quick_connections.append(mine)
        yield mine

    @contextmanager
    def current(self) -> Iterator[Connection]:
        """The same, but never a replica: for one statement that must not lag, such as whether a token is still good."""
        if self.is_sqlite:
            with self.quick() as connection:
                yield connection
            return
        with self._current_engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with Session(self.write_engine, autoflush=False, expire_on_commit=False) as session:
            yield session
            session.commit()
        if self._log is not None:
            self._empty_log(self._log)

    def _empty_log(self, log: Path) -> None:
        """Keep SQLite's log short. Where somebody reads on, the next write tries again."""
        try:
            if log.stat().st_size < LOG_MOST or time.monotonic() - self._log_emptied < LOG_PAUSE:
                return
        except FileNotFoundError:
            return
        self._log_emptied = time.monotonic()
        with self._quick_engine.connect() as connection:  # it can be done in no transaction
            connection.exec_driver_sql(f"PRAGMA busy_timeout={LOG_PATIENCE_MS}")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")

    def dispose(self) -> None:
        """Close every connection."""
        for connection in self._quick_connections:
            connection.detach()
            connection.close()
        if self._replica is not None:
            self._replica.close()
        for pool, _ in self._pools:
            MOST.labels(pool).dec(self._threads + OVERFLOW)
        self.write_engine.dispose()
        self.read_engine.dispose()


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def open_engine(url: URL, *, begin: str | None, pool: int, patience: Callable[[], float | None]) -> Engine:
    """An engine with as many connections as there are threads that could ask for one; ``begin`` is SQLite's.

    ``patience`` tells how many seconds a statement may take now.
    """
    if url.get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            pool_size=pool,
            max_overflow=OVERFLOW,
            pool_pre_ping=True,
            pool_timeout=10,
            connect_args={name: value for name, value in SILENCE.items() if name not in url.query},
            json_serializer=_to_json,
            json_deserializer=orjson.loads,
        )
        # The driver is there only where it is used.
        import_module("app.db.patience").be_patient(engine, patience)
        return engine
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=OVERFLOW,
        pool_timeout=30,
        connect_args={"check_same_thread": False},
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "connect")
    def _connect(dbapi: sqlite3.Connection, _record: Any) -> None:
        dbapi.isolation_level = None  # we begin transactions ourselves
        for pragma in PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")
        cache = WRITE_CACHE_KIB if begin == "BEGIN IMMEDIATE" else READ_CACHE_KIB
        dbapi.execute(f"PRAGMA cache_size=-{cache}")

    if begin is not None:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine
