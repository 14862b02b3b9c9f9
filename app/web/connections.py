"""Limits on slow and idle connections: a client may take its time with an answer, but not with a request.

The server below closes one that is idle between two requests, and waits for ever for one that has begun to ask. A
thousand of those cost little, but are a thousand connections that nobody else can have.
"""

from __future__ import annotations

import asyncio
import resource
import time

from starlette.types import Message, Receive
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import RequestTimeout

HEAD_SECONDS = 10.0
"""In which the head of a request has to be there."""
BODY_SECONDS = 30.0
"""After which a body has to come at :data:`BODY_RATE` at least, from its beginning on."""
BODY_RATE = 1_024
"""Bytes a second."""


RESERVED = 256
"""Files that the process needs for its database, its index and its logs, whatever connects."""
MOST_FILES = 65_536


def raise_file_limit() -> None:
    """Let this process and its children have as many files as they may: each connection is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """How many connections leave room for the files that answering them needs."""
    return max(RESERVED, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - RESERVED)


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose heads have to come in time, on no more connections than there is room for."""

    waiting: asyncio.TimerHandle | None = None
    most = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        if not PatientProtocol.most:
            PatientProtocol.most = most_connections()
        if len(self.connections) > self.most:
            transport.close()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Where nothing is being answered, this has to become the head of a request."""
        if self.waiting is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._stop_waiting()
        super().on_headers_complete()

    def _wait(self) -> None:
        self.waiting = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None


def in_time(receive: Receive) -> Receive:
    """A body that comes too slowly ends with :class:`~app.errors.RequestTimeout`.

    What counts is the time in which we wait for the client, not what we do between its pieces.
    """
    waited = 0.0
    taken = 0
    whole = False

    async def timed() -> Message:
        nonlocal waited, taken, whole
        if whole:
            return await receive()
        started = time.monotonic()
        try:
            async with asyncio.timeout(BODY_SECONDS + taken / BODY_RATE - waited):
                message = await receive()
        except TimeoutError as error:
            raise RequestTimeout from error
        waited += time.monotonic() - started
        taken += len(message.get("body", b""))
        whole = not message.get("more_body")
        return message

    return timed
