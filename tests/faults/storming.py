"""Thousands of connections that bring nothing, or bring and take it slowly, beside people who work.

``python -m tests.faults.storming``. All of them come from one address of loopback, people from another.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config import Settings
from app.db.engine import Database
from app.web.connections import raise_file_limit
from tests.e2e.running import free_port
from tests.faults import results
from tests.faults.asking import Client, Tally, until
from tests.faults.checking import check
from tests.faults.killing import Outcome
from tests.faults.load import Ledger, Load, Person, Reader
from tests.faults.processes import Serving, serving

ADDRESS = "127.0.0.9"
PROXY = Path(__file__).resolve().parents[2] / "deploy" / "hosts" / "haproxy.cfg"
HEAD = b"GET /v1/works HTTP/1.1\r\nHost: a\r\n"
BODY = b"POST /v1/works/search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"
PAGES = b"GET /v1/works?limit=100 HTTP/1.1\r\nHost: a\r\n\r\n" * 20


@dataclass(frozen=True)
class Kind:
    """What each connection sends: at once, then every second; whether it takes what comes."""

    name: str
    at_once: bytes = b""
    every_second: bytes = b""
    takes: bool = True
    by_proxy: bool = False


KINDS = (
    Kind("say nothing"),
    Kind("send a head a byte a second", HEAD, b"x"),
    Kind("send a body a byte a second", BODY, b" "),
    Kind("ask for pages and take none", PAGES, takes=False),
    Kind("send a head a byte a second to the proxy", HEAD, b"x", by_proxy=True),
)


class Storm(threading.Thread):
    """So many connections at a time; one that is closed is opened again."""

    def __init__(self, kind: Kind, port: int, count: int) -> None:
        super().__init__()
        self.kind, self.port, self.count = kind, port, count
        self.over = threading.Event()
        self.open = self.most = self.closed = 0

    def run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.count):
                group.create_task(self._again_and_again())

    async def _again_and_again(self) -> None:
        while not self.over.is_set():
            with suppress(OSError):
                await self._once()
            await asyncio.sleep(0.5)

    async def _once(self) -> None:
        limit = 1 << 16 if self.kind.takes else 1
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(ADDRESS, 0), limit=limit)
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            writer.write(self.kind.at_once)
            while not (self.over.is_set() or reader.at_eof() or writer.is_closing()):
                writer.write(self.kind.every_second)
                await asyncio.sleep(1)
            self.closed += not self.over.is_set()
        finally:
            self.open -= 1
            writer.transport.abort()


class Memory(threading.Thread):
    """The most that a process has, in megabytes, at moments half a second apart."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.over = threading.Event()
        self._status = Path(f"/proc/{pid}/status")
        self.most = self.now()

    def now(self) -> int:
        line = next(line for line in self._status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) // 1_024

    def run(self) -> None:
        while not self.over.wait(0.5):
            self.most = max(self.most, self.now())


@contextmanager
def proxy_to(port: int) -> Iterator[int]:
    """The proxy of ``deploy/hosts`` before one host; its port."""
    listening = free_port()
    host = f"127.0.0.1:{port}"
    environment = {**os.environ, "PROXY_LISTEN": f"127.0.0.1:{listening}"}
    environment |= {f"PROXY_HOST_{number}": host for number in (1, 2, 3)}
    command = ["haproxy", "-db", "-f", str(PROXY)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = Client(listening, Tally())
        until(lambda: (answer := client.once("GET", "/v1/works")) is not None and answer.status == 200, "it proxies")
        yield listening
    finally:
        process.terminate()
        process.wait()


def storm_and_check(folder: Path, kind: Kind, count: int, seconds: float) -> dict[str, Any]:
    """Let people work for so long in a storm, and compare."""
    with serving(folder) as (server, _), proxy_to(server.port) if kind.by_proxy else nullcontext(server.port) as port:
        return _storm(server, Storm(kind, port, count), seconds)


def _storm(server: Serving, storm: Storm, seconds: float) -> dict[str, Any]:
    assert server.process is not None
    tally, ledger, port = Tally(), Ledger(), storm.port
    people = [Person(number, port, tally, ledger, 7) for number in range(2)]
    memory = Memory(server.process.pid)
    before, started = memory.now(), time.monotonic()
    memory.start()
    with Load([*people, Reader(port, tally, ledger)], 0.05) as load:
        time.sleep(1)
        tally.begin()
        storm.start()
        time.sleep(seconds)
        storm.over.set()
        storm.join()
    memory.over.set()
    assert not load.broken, load.broken
    opened = Database(Settings(data_dir=server.data_dir))
    client = Client(server.port, tally, server.token())
    findings = check(opened, client, ledger)
    opened.dispose()
    outcome = Outcome({}, time.monotonic() - started, ledger, tally, findings)  # type: ignore[arg-type]
    megabytes = {"before": before, "most": memory.most, "after": memory.now()}
    return {**results.summary(outcome), "memory_mb": megabytes, "open": storm.most, "closed": storm.closed}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=25.0)
    given = parser.parse_args()
    raise_file_limit()
    wrong = False
    for kind in KINDS:
        if kind.by_proxy and not shutil.which("haproxy"):
            continue
        with tempfile.TemporaryDirectory(prefix="fanarchive-faults-") as name:
            found = storm_and_check(Path(name), kind, given.count, given.seconds)
        results.keep(f"{given.count:,} connections that {kind.name}, sqlite", times=1, **found)
        print(kind.name, found)  # noqa: T201  what it is run for
        wrong = wrong or any(found[one] for one in ("lost", "doubled", "wrong", "hung"))
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
