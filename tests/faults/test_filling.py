"""A full disk, of the database and of the index, on small disks of a mount namespace of the test's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def _may_mount() -> bool:
    try:
        tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


@pytest.mark.skipif(not _may_mount(), reason="needs `unshare --mount`: Linux, as root")
def test_a_full_disk_refuses_writes_and_nothing_else() -> None:
    command = ["unshare", "--mount", sys.executable, "-m", "tests.faults.filling", "--seconds", "1"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, check=False, timeout=170)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["what"] == []
    assert (found["lost"], found["doubled"], found["wrong"], found["hung"]) == (0, 0, 0, 0)
    assert found["seen"]["database"] == {"writes": [507], "reads": [200], "searches": [200]}
    assert found["seen"]["index"] == {"writes": [201], "reads": [200], "searches": [200]}
