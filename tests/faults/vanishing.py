"""The machine of PostgreSQL vanishes under load without a word, and comes back.

Needs a network namespace of its own: ``unshare --net python -m tests.faults.vanishing``. The database has one more,
behind a pair of virtual cards; it loses its address, so that whatever is sent to it is lost, and gets it again.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import Settings
from app.db.engine import Database
from tests.faults import results
from tests.faults.asking import Client, Tally
from tests.faults.checking import check
from tests.faults.killing import Outcome
from tests.faults.load import Importer, Ledger, Load, Person, Reader
from tests.faults.processes import Postgres, Serving

OURS, THEIRS = "10.231.0.1", "10.231.0.2"
AWAY = 25.0
BETWEEN = 5.0


class Machine:
    """A network namespace that can be reached by a card, as long as it has its address."""

    def __init__(self) -> None:
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        time.sleep(0.5)
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "ours", "type", "veth", "peer", "name", "theirs")
        _ip("link", "set", "theirs", "netns", str(self._holder.pid))
        _ip("address", "add", f"{OURS}/30", "dev", "ours")
        _ip("link", "set", "ours", "up")
        with self.inside():
            _ip("link", "set", "lo", "up")
            _ip("link", "set", "theirs", "up")
            said = subprocess.run(["ip", "-o", "link", "show", "theirs"], capture_output=True, check=True, text=True)
        address = said.stdout.split("link/ether ")[1].split()[0]
        # As behind a router: that nobody is there is not noticed on the next cable.
        _ip("neighbour", "replace", THEIRS, "lladdr", address, "dev", "ours", "nud", "permanent")
        self.come_back()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """What is started here is on that machine."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/self/ns/net").open() as here, Path(f"/proc/{self._holder.pid}/ns/net").open() as there:
            assert libc.setns(there.fileno(), 0) == 0
            try:
                yield
            finally:
                assert libc.setns(here.fileno(), 0) == 0

    def vanish(self) -> None:
        with self.inside():
            _ip("address", "flush", "dev", "theirs")

    def come_back(self) -> None:
        with self.inside():
            _ip("address", "add", f"{THEIRS}/30", "dev", "theirs")

    def end(self) -> None:
        self._holder.kill()
        self._holder.wait()


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def vanish_and_check(folder: Path, times: int) -> Outcome:
    """Let people work, let the database vanish so often, and compare."""
    machine = Machine()
    with machine.inside():
        database = Postgres(folder / "postgres")
        database.listen_on(THEIRS, f"{OURS}/32")
    url = database.url.set(host=THEIRS, query={}).render_as_string(hide_password=False)
    server = Serving(folder / "data", 1, url)
    try:
        server.start()
        tally, ledger = Tally(), Ledger()
        text = server.token()
        people = [Person(number, server.port, tally, ledger, 7) for number in range(4)]
        started = time.monotonic()
        tally.begin()
        working = [*people, Reader(server.port, tally, ledger), Importer(server.port, tally, ledger, text, 30)]
        with Load(working, 0.05) as load:
            for _ in range(times):
                time.sleep(BETWEEN)
                server.note("vanishes")
                machine.vanish()
                time.sleep(AWAY)
                server.note("comes back")
                machine.come_back()
                server.wait_for("/readyz", 200)
                server.note("ready")
        assert not load.broken, load.broken
        seconds = time.monotonic() - started
        opened = Database(Settings(data_dir=server.data_dir, database_url=url))
        findings = check(opened, Client(server.port, tally, text), ledger)
        opened.dispose()
        return Outcome({}, seconds, ledger, tally, findings)  # type: ignore[arg-type]
    finally:
        server.stop()
        with machine.inside():
            database.end()
        machine.end()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--log", type=Path, help="Where the server's log is kept.")
    given = parser.parse_args()
    assert os.geteuid() == 0, "needs root"
    with tempfile.TemporaryDirectory(prefix="fanarchive-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            outcome = vanish_and_check(folder, given.times)
        finally:
            if given.log:
                given.log.write_bytes((folder / "server.log").read_bytes())
    results.keep(f"database vanishes for {AWAY:.0f} s, postgresql", times=given.times, **results.summary(outcome))
    results.end_by(outcome)


if __name__ == "__main__":
    main()
