"""Clients that take connections and bring nothing: the others are served."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest
import uvicorn
from fastapi import FastAPI, Request

from app.errors import RequestTimeout
from app.web import connections, middleware, problems
from app.web.connections import PatientProtocol, in_time
from app.web.middleware import Observe
from app.web.problems import add_error_handlers
from tests.e2e.running import free_port
from tests.faults.asking import Client, Tally, until

SECONDS = 0.3
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
BODY = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where a server listens that waits for heads and bodies a moment only, and has room for 20 connections."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", SECONDS)
    monkeypatch.setattr(connections, "BODY_SECONDS", SECONDS)
    monkeypatch.setattr(connections, "BODY_RATE", 1e9)
    monkeypatch.setattr(PatientProtocol, "most", 20)
    app = FastAPI()
    app.add_middleware(Observe)
    add_error_handlers(app)

    @app.get("/")
    async def nothing() -> None:
        return None

    @app.post("/")
    async def take(request: Request) -> Any:
        return await request.json()

    number = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=number, http=PatientProtocol, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the server starts")
    yield number
    server.should_exit = True
    thread.join()


def _connect(port: int, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(sent)
    return connection


def _drip(connection: socket.socket, data: bytes) -> bytes:
    """Send a byte now and then, until the other side has had enough; what it answered."""
    try:
        for byte in data * 1_000:
            connection.sendall(bytes([byte]))
            time.sleep(SECONDS / 10)
            connection.settimeout(0.001)
            try:
                answer = connection.recv(10_000)
            except TimeoutError:
                continue
            return answer
    except OSError:
        return b""
    raise AssertionError("it would have waited for ever")


@pytest.mark.parametrize(
    ("begun", "drips"), [(b"", b""), (HEAD, b"a"), (b"", b"\r\n"), (HEAD + b"\r\n", b"\r\n"), (HEAD + b"\r\n", b"G")]
)
def test_a_head_has_to_come_in_time(port: int, begun: bytes, drips: bytes) -> None:
    with _connect(port, begun) as connection:
        if begun.endswith(b"\r\n\r\n"):
            assert connection.recv(10_000).startswith(b"HTTP/1.1 200")
        if drips:
            _drip(connection, drips)
        else:
            assert connection.recv(1) == b""


def test_a_body_has_to_come_in_time(port: int) -> None:
    with _connect(port, BODY) as connection:
        answer = _drip(connection, b"a")
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"request-timeout" in answer
    assert b"connection: close" in answer.lower()


def test_who_goes_away_while_sending_is_no_failure(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    failures, requests = Mock(), Mock()
    monkeypatch.setattr(problems, "log", failures)
    monkeypatch.setattr(middleware, "log", requests)
    _connect(port, BODY + b"{").close()
    until(lambda: requests.info.called, "the request ends")
    assert requests.info.call_args.kwargs["status"] == 408
    assert not failures.error.called
    assert not requests.error.called


def test_others_are_served_meanwhile_and_only_so_many(port: int) -> None:
    client = Client(port, Tally())
    slow = [_connect(port, HEAD) for _ in range(15)]
    answer = client.once("GET", "/")
    assert answer is not None
    assert answer.status == 200
    storm = [_connect(port) for _ in range(30)]
    turned_away = 0
    for connection in storm:
        connection.settimeout(5)
        turned_away += connection.recv(1) == b""
    assert turned_away == 30  # some at once, some when their time was over
    until(lambda: client.once("GET", "/") is not None, "there is room again")
    for connection in [*slow, *storm]:
        connection.close()


def test_what_takes_long_on_our_side_is_not_held_against_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.05)

    async def pieces() -> int:
        left = [b"a", b"b", b""]

        async def receive() -> Any:
            body = left.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(left)}

        timed = in_time(receive)
        count = 0
        while (await timed())["more_body"]:
            await asyncio.sleep(0.1)
            count += 1
        return count

    async def never() -> None:
        async def receive() -> Any:
            await asyncio.sleep(60)

        await in_time(receive)()

    assert asyncio.run(pieces()) == 2
    with pytest.raises(RequestTimeout):
        asyncio.run(never())
