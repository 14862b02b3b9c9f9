"""A clock that jumps under load, back by an hour and forward by a day: ``python -m tests.faults.clocks``.

Needs libfaketime, which tells the archive's processes another time than the machine's; their timers go on as before. A
PostgreSQL keeps the time that it has, as if it were on a machine of its own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from app.config import Settings
from app.db.engine import Database
from tests.faults import results
from tests.faults.asking import Client, Tally
from tests.faults.checking import check
from tests.faults.killing import Outcome
from tests.faults.load import Importer, Ledger, Load, Person, Reader
from tests.faults.processes import serving

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
JUMPS = ("-1h", "+0", "+1d", "+0", "-1h", "+1d", "+0")


def jump_and_check(folder: Path, jumps: tuple[str, ...], seconds: float, *, postgresql: bool) -> Outcome:
    """Let people work, let the clock of the archive's machine jump every so many seconds, and compare."""
    said = folder / "clock"
    said.write_text("+0")
    environment = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(said),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }
    postgres = folder / "postgres" if postgresql else None
    with serving(folder, postgres=postgres, environment=environment) as (server, _):
        tally, ledger = Tally(), Ledger()
        text = server.token()
        people = [Person(number, server.port, tally, ledger, 7) for number in range(2)]
        started = time.monotonic()
        tally.begin()
        working = [*people, Reader(server.port, tally, ledger), Importer(server.port, tally, ledger, text, 30)]
        with Load(working, 0.05) as load:
            for jump in jumps:
                time.sleep(seconds)
                said.with_suffix(".new").write_text(jump)
                said.with_suffix(".new").replace(said)
            time.sleep(seconds)
        assert not load.broken, load.broken
        url = server.environment.get("FANARCHIVE_DATABASE_URL", "")
        opened = Database(Settings(data_dir=server.data_dir, database_url=url))
        findings = check(opened, Client(server.port, tally, text), ledger)
        opened.dispose()
        return Outcome({}, time.monotonic() - started, ledger, tally, findings)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fanarchive-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        outcome = jump_and_check(folder, JUMPS, given.seconds, postgresql=given.database == "postgresql")
    results.keep(f"clock jumps, {given.database}", times=len(JUMPS), **results.summary(outcome))
    results.end_by(outcome)


if __name__ == "__main__":
    main()
