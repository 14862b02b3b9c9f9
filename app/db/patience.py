"""Time limits for connections to PostgreSQL: a server can vanish without a word, or stand still.

One whose machine is gone answers nothing, not even that it is gone; the system would send again for a quarter of an
hour. One that was stopped, or whose disk hangs, is there for the system and never answers. Where somebody waits, each
statement has its time, and after it the connection is given up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

PING_SECONDS = 5.0
"""For the statement that looks whether a pooled connection still is one, and for those that set a new one up."""
CANCEL_SECONDS = 1.0
MOMENT = 0.1
"""In which a server that is back has taken a connection."""
WAKING_SECONDS = 0.1
T = TypeVar("T")


class PatientConnection(psycopg.Connection[Any]):
    """One that is given up where the server does not answer in time."""

    door: Door | None = None
    is_lent = False
    """Whether somebody works with it, who waits as long as ``patience`` says, and not only the pool."""
    patience: float | None = None

    def wait(self, gen: PQGen[T], interval: float = WAKING_SECONDS, timeout: float | None = None) -> T:
        """Wait as the driver does, for no longer than there is patience."""
        if timeout is None:
            timeout = self.patience if self.is_lent else PING_SECONDS
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if not self.closed and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self._give_up()
            raise

    def _give_up(self) -> None:
        """Nobody wants the answer any more."""
        if self.is_lent:
            with suppress(psycopg.Error):
                self.cancel_safe(timeout=CANCEL_SECONDS)
        elif self.door is not None:
            self.door.shut()
        self.close()


class Door:
    """Where connections come from. While the server is silent one caller tries it, and others are told so at once.

    Each would wait as long as the first, and those who wait for their threads as long again.
    """

    def __init__(self) -> None:
        self._is_shut = False
        self._trying = threading.Lock()
        self._since = 0.0

    def shut(self) -> None:
        """The server was silent."""
        self._is_shut = True

    def connect(self, *arguments: Any, **options: Any) -> PatientConnection:
        """A new connection, as the driver's own function makes it."""
        if not self._is_shut:
            return self._try(*arguments, **options)
        if not self._trying.acquire(timeout=max(0.0, self._since + MOMENT - time.monotonic())):
            raise psycopg.OperationalError("the server was silent, and is being tried")
        try:
            self._since = time.monotonic()
            return self._try(*arguments, **options)
        finally:
            self._trying.release()

    def _try(self, *arguments: Any, **options: Any) -> PatientConnection:
        try:
            connection = PatientConnection.connect(*arguments, **options)
        except psycopg.errors.ConnectionTimeout:
            self.shut()
            raise
        self._is_shut = False
        connection.door = self
        return connection


def be_patient(engine: Engine, seconds: Callable[[], float | None]) -> None:
    """Have an engine's connections wait so long (``None``: for ever) between being handed out and coming back."""
    door = Door()

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> PatientConnection:
        return door.connect(*arguments, **options)

    @event.listens_for(engine, "checkout")
    def _checkout(connection: PatientConnection, *_of: Any) -> None:
        connection.patience, connection.is_lent = seconds(), True

    @event.listens_for(engine, "checkin")
    def _checkin(connection: PatientConnection | None, *_of: Any) -> None:
        if connection is not None:
            connection.is_lent = False
