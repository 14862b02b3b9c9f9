"""An import of many works whose workers are killed ten times: ``python -m tests.faults.importing``.

In the end every work is there, and none twice; the figures go to ``docs/performance/faults.md``.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.faults import results
from tests.faults.processes import serving
from tests.soak.killing import Outcome, killed_import

PATIENCE = 3_600.0


def run(folder: Path, *, postgresql: bool, workers: int, count: int, kills: int) -> Outcome:
    """Serve with so many import workers, import and kill."""
    postgres = folder / "postgres" if postgresql else None
    environment = {"FANARCHIVE_AFTER_CHANGE_WAIT": "120", "FANARCHIVE_IMPORT_WORKERS": str(workers)}
    with serving(folder, postgres=postgres, environment=environment) as (server, _):
        return killed_import(server, count, kills, folder, PATIENCE)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fanarchive-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        outcome = run(
            folder, postgresql=given.database == "postgresql", workers=given.workers, count=given.count,
            kills=given.kills,
        )  # fmt: skip
    print(outcome)  # noqa: T201  what it is run for
    results.keep_import(given.database, given.workers, given.count, outcome)
    right = (outcome.works, outcome.titles, outcome.items, outcome.found) == (given.count,) * 4
    if not right or outcome.indexes != (0, given.count - 1) or outcome.kills != given.kills:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
