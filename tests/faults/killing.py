"""Everything is killed at random moments while people write, read and import: nothing they were told may be lost.

``python -m tests.faults.killing --kills 100`` is the long form; ``tests/faults/test_killing.py`` runs a short one.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.config import Settings
from app.db.engine import Database
from tests.faults import results
from tests.faults.asking import Client, Tally
from tests.faults.checking import Findings, check
from tests.faults.load import Importer, Ledger, Load, Person, Reader
from tests.faults.processes import Postgres, Serving, serving

PEOPLE = 4
READERS = 2
BEFORE_IT_IS_BACK = 0.15
"""So many kills come while what the last one took is still starting."""


@dataclass
class Outcome:
    """What a round brought."""

    kills: Counter[str]
    seconds: float
    ledger: Ledger
    tally: Tally
    findings: Findings


def kill_and_check(folder: Path, *, postgresql: bool, workers: int, kills: int, chance: int, pause: float) -> Outcome:
    """Kill so often, the next ``pause`` seconds after the last at most, and compare."""
    postgres = folder / "postgres" if postgresql else None
    with serving(folder, postgres=postgres, workers=workers) as (server, database):
        return _round(server, database, kills, chance, pause)


def _round(server: Serving, database: Postgres | None, kills: int, chance: int, pause: float) -> Outcome:
    tally, ledger = Tally(), Ledger()
    token = server.token()
    people = [Person(number, server.port, tally, ledger, chance) for number in range(PEOPLE)]
    readers = [Reader(server.port, tally, ledger) for _ in range(READERS)]
    importer = Importer(server.port, tally, ledger, token, 10)
    started = time.monotonic()
    done: Counter[str] = Counter()
    dice = random.Random(chance)  # noqa: S311  no secret
    tally.begin()
    with Load([*people, *readers, importer], 0.05) as load:
        for _ in range(kills):
            time.sleep(dice.uniform(0.1, pause))
            name, act = dice.choice(_acts(server, database, dice))
            server.note(name)
            act()
            done[name] += 1
            if dice.random() < BEFORE_IT_IS_BACK:
                continue
            server.wait_for("/readyz", 200)
            server.note("ready")
            assert not load.broken, load.broken
        time.sleep(1)
    server.wait_for("/readyz", 200)
    seconds = time.monotonic() - started
    assert not load.broken, load.broken
    settings = Settings(data_dir=server.data_dir, database_url=server.environment.get("FANARCHIVE_DATABASE_URL", ""))
    opened = Database(settings)
    findings = check(opened, Client(server.port, tally, token), ledger)
    opened.dispose()
    return Outcome(done, seconds, ledger, tally, findings)


def _acts(server: Serving, database: Postgres | None, dice: random.Random) -> list[tuple[str, Callable[[], None]]]:
    acts: list[tuple[str, Callable[[], None]]] = [
        ("server, all of it", server.kill_all),
        ("server, its first process", server.kill_parent),
        ("indexer", server.kill_indexer),
        ("import worker", server.kill_import_workers),
    ]
    if server.workers > 1:
        acts.append(("server worker", server.kill_a_server))
    if database is not None:

        def die(*deaths: Callable[[], None]) -> Callable[[], None]:
            def dead() -> None:
                for death in deaths:
                    death()
                time.sleep(dice.uniform(0, 1) * len(deaths) ** 2)
                database.start()

            return dead

        if server.workers > 1:
            both = die(database.stop_at_once, server.kill_a_server)
            acts.append(("server worker, and the database", both))

        acts += [("postmaster", die(database.kill)), ("database, immediate", die(database.stop_at_once))]
        acts.append(("database, restart", database.restart))
    return acts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--pause", type=float, default=4.0)
    parser.add_argument("--chance", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--log", type=Path, help="Where the server's log is kept.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fanarchive-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            outcome = kill_and_check(
                folder, postgresql=given.database == "postgresql", workers=given.workers, kills=given.kills,
                chance=given.chance, pause=given.pause,
            )  # fmt: skip
        finally:
            if given.log:
                given.log.write_bytes((folder / "server.log").read_bytes())
    results.keep_kills(given.database, given.workers, outcome.kills, outcome)
    results.end_by(outcome)


if __name__ == "__main__":
    main()
