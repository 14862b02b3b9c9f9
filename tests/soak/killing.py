"""An import whose workers are killed again and again: in the end every work is there, and none twice.

``python -m tests.faults.importing`` runs the long form; ``tests/e2e/test_imports.py`` runs a short one. Every second
kill takes the server with all its processes.
"""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.config import Settings
from app.db.engine import Database
from tests.e2e.running import Server


@dataclass
class Outcome:
    """What is in the archive when the job has ended."""

    job: dict[str, Any]
    kills: int
    seconds: float
    works: int
    titles: int
    items: int
    indexes: tuple[int, int]
    outcomes: list[str]
    found: int


def lines(count: int) -> Iterator[bytes]:
    """Works that are all different, with text."""
    for n in range(count):
        record = {
            "title": f"Work {n}",
            "key": f"soak-{n}",
            "fandoms": ["Fables", f"Fandom {n % 97}"],
            "characters": [f"Fox {n % 1009}"],
            "chapters": [{"content": f"<p>Fox number {n} went over the river, and came back with {n % 7} hens.</p>"}],
        }
        yield json.dumps(record).encode() + b"\n"


def children_of(pid: int) -> list[int]:
    """The processes below one, as Linux tells them."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *children_of(child)]
    return found


def is_worker(pid: int, indexer: int) -> bool:
    """Whether a process of a server works on imports: not its indexer, nor what tracks resources."""
    return pid != indexer and b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()


def kill_workers(server: Server) -> None:
    """SIGKILL for the workers; the server starts new ones."""
    assert server.process is not None
    indexer = server.indexer_pid()
    for pid in children_of(server.process.pid):
        if is_worker(pid, indexer):
            os.kill(pid, signal.SIGKILL)


def kill_everything(server: Server) -> None:
    """SIGKILL for the server and all below it, then a new server."""
    assert server.process is not None
    family = children_of(server.process.pid)
    server.kill()
    for pid in family:
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGKILL)
    server.start(wait=False)
    server.wait_for("/healthz", 200)  # by the time that it is ready the import may be over


def ask(server: Server, token: str, path: str, data: Any = None) -> Any:
    """A request with the token, and its JSON."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/v1{path}",
        data,
        {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"},
    )
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310  the same
        return json.load(response)


def killed_import(server: Server, count: int, kills: int, folder: Path, patience: float) -> Outcome:
    """Import works, kill so often at even steps of the way, wait for the end, and look what is there."""
    token = server.command("token", "create", "--scope", "import").stdout.split()[-1].decode()
    source = folder / "works.ndjson"
    with source.open("wb") as file:
        file.writelines(lines(count))
    started = time.monotonic()
    with source.open("rb") as file:
        job = ask(server, token, "/imports", file.read())
    done = 0
    while time.monotonic() - started < patience:
        job = ask(server, token, f"/imports/{job['id']}")
        if job["state"] == "succeeded":
            break
        if done < kills and job["state"] == "running" and job["counts"]["seen"] >= count * done / (kills + 1):
            # Somewhere in the middle of a batch, and each time somewhere else.
            time.sleep(0.11 * (done % 5))
            (kill_everything if done % 2 else kill_workers)(server)
            done += 1
        time.sleep(0.05)
    return look(server, token, job, done, time.monotonic() - started)


def look(server: Server, token: str, job: dict[str, Any], kills: int, seconds: float) -> Outcome:
    """What the database and the index hold."""
    database = Database(
        Settings(data_dir=server.data_dir, database_url=server.environment.get("FANARCHIVE_DATABASE_URL", ""))
    )
    with database.reading() as connection:
        works, titles = connection.execute(text("SELECT count(*), count(DISTINCT title) FROM works")).one()
        items, low, high = connection.execute(
            text("SELECT count(*), coalesce(min(number), 0), coalesce(max(number), -1) FROM import_items")
        ).one()
        outcomes = list(connection.execute(text("SELECT DISTINCT outcome FROM import_items")).scalars())
    database.dispose()
    found = ask(server, token, f"/works?limit=1&fandom=Fables&after_change={job['change']}") if works else {"total": 0}
    return Outcome(job, kills, seconds, works, titles, items, (low, high), outcomes, found["total"])
