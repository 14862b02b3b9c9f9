"""Processes killed under load, a few times: the long form is ``python -m tests.faults.killing``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.killing import Outcome, kill_and_check
from tests.faults.results import summary


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_that_was_told_is_lost(tmp_path: Path, kind: str) -> None:
    postgresql = kind == "postgresql"
    outcome: Outcome = kill_and_check(tmp_path, postgresql=postgresql, workers=1, kills=2, chance=3, pause=1.0)
    assert outcome.tally.wrong == []
    assert outcome.findings.told() == ""
    assert outcome.tally.hung == 0
    assert sum(outcome.kills.values()) == 2
    assert summary(outcome)["lost"] == 0
