"""Load on loopback: a fixed number of keep-alive connections asking as fast as they are answered.

A small client of our own on raw sockets, so that it costs less than the server it measures; it reads answers by their
``Content-Length``, or in chunks until the last one, and does not look inside.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence

from benchmarks.rounds import Ask, Measured, summed_up

HEADERS = "Host: bench\r\nAccept-Encoding: gzip, br, zstd\r\n"
_HEAD, _CHUNKED = -1, -2
"""What is missing while the head is, and of an answer that does not say how long it is."""
_LAST_CHUNK = b"0\r\n\r\n"


class _Client(asyncio.Protocol):
    def __init__(self, requests: itertools.cycle[bytes], stop_at: float, times: list[float]) -> None:
        self._requests = requests
        self._stop_at = stop_at
        self._times = times
        self._buffer = b""
        self._missing = _HEAD
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        if time.perf_counter() >= self._stop_at:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        if self._missing == _HEAD:
            self._buffer += data
            head, found, data = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self._missing = _length(head)
            self._buffer = b""
        if self._missing == _CHUNKED:
            self._buffer = (self._buffer + data)[-len(_LAST_CHUNK) :]
            ended = self._buffer == _LAST_CHUNK
        else:
            self._missing -= len(data)
            ended = self._missing == 0
        if ended:
            self._times.append(time.perf_counter() - self._sent)
            self._missing, self._buffer = _HEAD, b""
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None and not self.done.done():
            self.done.set_exception(exc)
        elif not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    """How many bytes follow, as the head says."""
    if head[9:12] not in {b"200", b"304"}:
        raise RuntimeError(head.decode("latin-1")[:300])
    lower = head.lower() + b"\r\n"
    at = lower.find(b"content-length:")
    if at >= 0:
        return int(lower[at + 15 : lower.find(b"\r\n", at)])
    return _CHUNKED if b"transfer-encoding: chunked" in lower else 0


def request(path: str, **headers: str) -> bytes:
    """The bytes of a GET."""
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\n{HEADERS}{extra}\r\n".encode()


def measure(port: int, requests: Sequence[bytes], seconds: float, connections: int = 16) -> Measured:
    """Ask in turn what is in ``requests`` over some connections for some seconds."""
    times: list[float] = []

    async def run() -> float:
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        turn = itertools.cycle(requests)
        clients = []
        for _ in range(connections):
            _, client = await loop.create_connection(lambda: _Client(turn, started + seconds, times), "127.0.0.1", port)
            clients.append(client)
        await asyncio.gather(*(client.done for client in clients))
        return time.perf_counter() - started

    took = asyncio.run(run())
    return summed_up(times, took)


def asking(port: int, requests: Sequence[bytes], seconds: float, connections: int = 16) -> Ask:
    """The same to be called in every round."""
    return lambda: measure(port, requests, seconds, connections)
