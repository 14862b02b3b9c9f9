"""Disks that fill up under load: of the database, then of the index.

Needs a mount namespace of its own: ``unshare --mount python -m tests.faults.filling``. The archive lies on small disks
in memory; a file takes what room is left, and gives it back. Prints what was seen.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from app.config import Settings
from app.db.engine import Database
from tests.faults import results
from tests.faults.asking import Client, Tally, until
from tests.faults.checking import Findings, check
from tests.faults.load import Importer, Ledger, Load, Person, Reader
from tests.faults.processes import Postgres, Serving, serving

MEGABYTES = {"sqlite": 48, "postgresql": 220}
INDEX_MEGABYTES = 40
LONG_ENOUGH = 3.0


class Disk:
    """A small disk of its own."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o777)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(path)], check=True)

    def fill(self) -> None:
        """Take all the room there is."""
        with (self.path / "ballast").open("wb", buffering=0) as file:
            for piece in (1 << 20, 4_096):
                try:
                    while True:
                        file.write(b"x" * piece)
                except OSError:
                    continue

    def keep_full(self, seconds: float) -> None:
        """Take again and again what others give back."""
        end = time.monotonic() + seconds
        with (self.path / "ballast").open("ab", buffering=0) as file:
            while time.monotonic() < end:
                try:
                    file.write(b"x" * 4_096)
                except OSError:
                    time.sleep(0.05)

    def free(self) -> None:
        """Give it back."""
        (self.path / "ballast").unlink()


def fill_and_check(folder: Path, kind: str, seconds: float) -> dict[str, Any]:
    """Fill the database's disk, then the index's, for so long; what was told, and what was wrong."""
    room = Disk(folder / ("data" if kind == "sqlite" else "postgres"), MEGABYTES[kind])
    index = Disk(folder / "data" / "index", INDEX_MEGABYTES)
    postgres = room.path / "pg" if kind == "postgresql" else None
    with serving(folder, postgres=postgres) as (server, database):
        return _fill(server, database, (room, index), seconds)


def _fill(server: Serving, database: Postgres | None, disks: tuple[Disk, Disk], seconds: float) -> dict[str, Any]:
    tally, ledger = Tally(), Ledger()
    token = server.token()
    people: list[Any] = [Person(number, server.port, tally, ledger, 1) for number in range(2)]
    people += [Importer(server.port, tally, ledger, token, 30), Reader(server.port, tally, ledger)]
    client = Client(server.port, tally, token)
    started = time.monotonic()
    seen: dict[str, Any] = {}
    tally.begin()
    with Load(people, 0.05) as load:
        until(lambda: len(ledger.works) >= 5, "there is something to read")
        for name, disk in zip(("database", "index"), disks, strict=True):
            disk.fill()
            seen[name] = _while_full(client, ledger, disk, seconds)
            disk.free()
            if database is not None:
                database.start()
            change = ledger.change
            until(lambda: _writes(client) == 201, "writes work again")
            assert client.get(f"/v1/works?limit=1&after_change={change}").status == 200, "search follows"
            assert not load.broken, load.broken
    assert not load.broken, load.broken
    opened = Database(Settings(data_dir=server.data_dir, database_url=_url(server)))
    findings = check(opened, client, ledger)
    opened.dispose()
    return {"seen": seen, **results.summary(_Outcome(time.monotonic() - started, ledger, tally, findings)),
            "what": [*tally.wrong, *findings.told().splitlines()][:20]}  # fmt: skip


class _Outcome:
    def __init__(self, seconds: float, ledger: Ledger, tally: Tally, findings: Findings) -> None:
        self.seconds, self.ledger, self.tally, self.findings = seconds, ledger, tally, findings


def _url(server: Serving) -> str:
    return server.environment.get("FANARCHIVE_DATABASE_URL", "")


def _writes(client: Client) -> int:
    """The status of a write that leaves nothing to compare."""
    answer = client.once("POST", "/v1/tags", {"type": "freeform", "name": f"Room {time.monotonic_ns()}"})
    return 0 if answer is None else answer.status


def _while_full(client: Client, ledger: Ledger, disk: Disk, seconds: float) -> dict[str, Any]:
    """What readers and writers are told, while whatever room others give back is taken."""
    work = next(iter(ledger.works))
    told: dict[str, set[int]] = {"writes": set(), "reads": set(), "searches": set()}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        disk.keep_full(0.3)
        told["writes"].add(_writes(client))
        for name, path in (("reads", f"/v1/works/{work}"), ("searches", "/v1/works?limit=1")):
            answer = client.once("GET", path)
            told[name].add(0 if answer is None else answer.status)
    return {name: sorted(statuses) for name, statuses in told.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=tuple(MEGABYTES), default="sqlite")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--keep", action="store_true", help="Add the figures to those of the docs.")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fanarchive-faults-"))
    folder.chmod(0o755)
    try:
        found = fill_and_check(folder, given.database, given.seconds)
    finally:
        log = (folder / "server.log").read_bytes() if (folder / "server.log").exists() else b""
        Path(tempfile.gettempdir(), f"faults-filling-{given.database}.log").write_bytes(log)
        for disk in (folder / "data" / "index", folder / "data", folder / "postgres"):
            subprocess.run(["umount", "-l", str(disk)], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    if given.keep:
        results.keep(f"disk full, {given.database}", times=2, **found)
    print(json.dumps(found))  # noqa: T201  what it is run for


if __name__ == "__main__":
    main()
