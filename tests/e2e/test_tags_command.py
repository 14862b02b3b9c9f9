"""``fanarchive tags`` as it is typed: exit codes, what it prints, files in and out."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.running import FANARCHIVE

PAIRS = b"Tag Name,Metatag Name\na,b\nb,c\nc,a\n"


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FANARCHIVE_DATA_DIR": str(folder / "data"), "FANARCHIVE_LOG_LEVEL": "warning"}
    done = subprocess.run(
        [FANARCHIVE, "tags", *arguments], env=environment, input=stdin, capture_output=True, timeout=90, check=False
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_tables_in_and_out(tmp_path: Path) -> None:
    table, report, out = tmp_path / "pairs.txt", tmp_path / "report.jsonl", tmp_path / "tags.ndjson"
    table.write_bytes(PAIRS)
    tried = run(tmp_path, "import", str(table), "--type", "freeform", "--dry-run")
    assert tried.returncode == 1
    assert "dry run, nothing was written" in tried.stdout
    done = run(tmp_path, "import", str(table), "--type", "freeform", "--report", str(report))
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith("3 rows: 2 created, 0 updated, 0 unchanged, 0 kept")
    assert "3 tags made, 3 marked canonical, 0 synonyms, 0 parents, 2 broader" in done.stdout
    assert "pairs.txt line 4: broader-cycle: " in done.stderr
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert [(row["index"], row["outcome"], row["type"], row["name"]) for row in rows] == [
        (0, "created", "freeform", "a"), (1, "created", "freeform", "b"), (2, "failed", "freeform", "c"),
    ]  # fmt: skip
    assert rows[2]["problem"]["code"] == "broader-cycle"
    assert run(tmp_path, "export", str(out)).returncode == 0
    again = run(tmp_path, "import", "-", stdin=out.read_bytes())
    assert again.returncode == 0
    assert again.stdout.startswith("3 rows: 0 created, 0 updated, 3 unchanged")
    assert run(tmp_path, "export", "-", "--format", "csv").stdout.splitlines()[1:] == [
        "1,Freeform,a,TRUE,0,", "2,Freeform,b,TRUE,0,", "3,Freeform,c,TRUE,0,",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "missing.csv"),
        ("import", "-", "--type", "media"),
        ("import", "-", "--format", "pdf"),
        ("import", "-"),
        ("export", "-", "--format", "pdf"),
    ],
)
def test_what_cannot_be_done_is_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments, stdin=b"nothing of the kind")
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr
