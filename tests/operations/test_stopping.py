"""A server that is told to stop under load: nobody's request is reset, what streams is ended, leases are given back."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.running import PATIENCE, Server

WORKS = 12_000
"""So many that the import is not over when the server stops."""
READERS = 4


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    server.environment["FANARCHIVE_RATE_LIMITS"] = "off"
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.kill()
    server.log.close()


class Reader(threading.Thread):
    """Asks again and again over one connection until it is told to go elsewhere, as a proxy does."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.answered = 0
        self.broken = ""

    def run(self) -> None:
        try:
            while self.ask():
                pass
        except (OSError, http.client.HTTPException) as error:
            self.broken = repr(error)
        finally:
            self.connection.close()

    def ask(self) -> bool:
        """One request; whether the connection may be used again."""
        self.connection.request("GET", "/v1/works?limit=5")
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 200
        self.answered += 1
        return not answer.will_close


class Follower(threading.Thread):
    """Reads the events of an import until the server ends them."""

    def __init__(self, port: int, job: int, headers: dict[str, str]) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.connection.request("GET", f"/v1/imports/{job}/events", headers=headers)
        self.answer = self.connection.getresponse()
        self.events = b""
        self.whole = False

    def run(self) -> None:
        self.events = self.answer.read()  # raises where the last chunk is missing
        self.whole = True
        self.connection.close()


def body(count: int) -> bytes:
    lines = ({"title": f"Work {n}", "key": str(n), "fandoms": ["Fables", f"Fandom {n % 50}"]} for n in range(count))
    return b"\n".join(json.dumps(line).encode() for line in lines)


class SlowUpload:
    """An upload whose end comes late."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.body = body(3)
        self.connection.putrequest("POST", "/v1/imports")
        for name, value in {**headers, "Content-Length": str(len(self.body))}.items():
            self.connection.putheader(name, value)
        self.connection.endheaders(self.body[:10])

    def finish(self) -> int:
        self.connection.send(self.body[10:])
        answer = self.connection.getresponse()
        answer.read()
        self.connection.close()
        return answer.status


def begin(server: Server, headers: dict[str, str]) -> int:
    """Send an import, and wait until some of it is stored."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("POST", "/v1/imports", body(WORKS), headers)
    job: int = json.load(connection.getresponse())["id"]
    deadline = time.monotonic() + PATIENCE
    while True:
        connection.request("GET", f"/v1/imports/{job}", headers=headers)
        if json.load(connection.getresponse())["counts"]["created"]:
            break
        assert time.monotonic() < deadline
        time.sleep(0.02)
    connection.close()
    return job


def test_it_stops_in_order_under_load(server: Server) -> None:
    assert server.process is not None
    token = server.command("token", "create", "--scope", "admin").stdout.decode().strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    readers = [Reader(server.port) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    upload = SlowUpload(server.port, headers)
    job = begin(server, headers)
    follower = Follower(server.port, job, headers)
    follower.start()
    server.process.terminate()
    time.sleep(0.6)  # the server no longer takes connections by now
    assert upload.finish() == 202
    assert server.process.wait(PATIENCE) == 0
    for thread in (*readers, follower):
        thread.join(PATIENCE)
    assert [reader.broken for reader in readers] == [""] * READERS
    assert min(reader.answered for reader in readers) > 0
    assert follower.whole
    assert b"event:" in follower.events
    with closing(sqlite3.connect(server.data_dir / "fanarchive.db")) as database:
        assert database.execute("SELECT count(*) FROM import_units WHERE worker IS NOT NULL").fetchone() == (0,)
        created = database.execute("SELECT sum(created) FROM import_units").fetchone()[0]
        assert created == database.execute("SELECT count(*) FROM works").fetchone()[0]
        assert created < WORKS, "the import was over before the server stopped"
    server.start()
    wait_for_the_end(server, headers, job)
    assert server.stop() == 0


def wait_for_the_end(server: Server, headers: dict[str, str], job: int) -> None:
    deadline = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("GET", f"/v1/imports/{job}", headers=headers)
        said = json.load(connection.getresponse())
        connection.close()
        if said["state"] == "succeeded":
            assert said["counts"]["created"] == WORKS
            return
        time.sleep(0.1)
    raise AssertionError(said)
