"""Imports on a real server whose processes are killed."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.running import Server
from tests.soak.killing import killed_import


def test_a_job_that_is_killed_three_times_has_every_work_once(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.environment["FANARCHIVE_RATE_LIMITS"] = "off"
    server.start()
    try:
        outcome = killed_import(server, 2_000, 3, tmp_path, 120)
    finally:
        server.stop()
    assert outcome.kills == 3
    assert outcome.job["counts"] == {"seen": 2000, "created": 2000, "updated": 0, "unchanged": 0, "failed": 0}
    assert (outcome.works, outcome.titles, outcome.items, outcome.found) == (2000, 2000, 2000, 2000)
    assert outcome.indexes == (0, 1999)
