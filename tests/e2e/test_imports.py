"""Imports on a real server whose processes are killed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.running import Server
from tests.soak.killing import killed_import, lines

COUNT = 12_000
"""So many that the import is not over before its last kill."""


def test_a_job_that_is_killed_three_times_has_every_work_once(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.environment["FANARCHIVE_RATE_LIMITS"] = "off"
    server.start()
    try:
        outcome = killed_import(server, COUNT, 3, tmp_path, 120)
    finally:
        server.stop()
    assert outcome.kills == 3
    assert outcome.job["counts"] == {"seen": COUNT, "created": COUNT, "updated": 0, "unchanged": 0, "failed": 0}
    assert (outcome.works, outcome.titles, outcome.items, outcome.found) == (COUNT,) * 4
    assert outcome.indexes == (0, COUNT - 1)


def test_importing_into_an_archive_elsewhere(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.environment |= {"FANARCHIVE_RATE_LIMITS": "off", "XDG_STATE_HOME": str(tmp_path / "state")}
    server.start()
    try:
        token = server.command("token", "create", "--scope", "import").stdout.split()[-1].decode()
        source, text, report = tmp_path / "works.ndjson", tmp_path / "hen.txt", tmp_path / "report.jsonl"
        source.write_bytes(b"".join(lines(50)) + b'{"titel": "x"}\n')
        text.write_text("The Hen\n\nThere was a hen.\n")
        where = ("--url", f"http://127.0.0.1:{server.port}", "--token", token)
        done = server.command("import", str(source), str(text), *where, "--report", str(report))
        assert done.returncode == 1, done.stderr
        assert b"52 seen: 51 created, 0 updated, 0 unchanged, 1 failed" in done.stdout
        rows = [json.loads(line) for line in report.read_bytes().splitlines()]
        assert [row["index"] for row in rows] == list(range(52))
        assert [row["input"] for row in rows[49:]] == ["works.ndjson line 50", "works.ndjson line 51", "hen.txt"]
        again = server.command("import", str(text), *where)
        assert b"1 seen: 0 created, 0 updated, 1 unchanged" in again.stdout
        assert server.command("import", str(text), *where[:3], "nonsense").returncode == 2
    finally:
        server.stop()
