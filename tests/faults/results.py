"""What the long rounds brought, as ``docs/performance/faults.json`` and ``faults.md``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "performance" / "faults.json"


def keep_kills(database: str, workers: int, kills: Counter[str], outcome: Any) -> None:
    """Add a round of kills."""
    figures = {"times": sum(kills.values()), "kinds": dict(sorted(kills.items())), **summary(outcome)}
    keep(f"kills, {database}, {workers} workers", **figures)


def summary(outcome: Any) -> dict[str, Any]:
    """The figures of a round under load."""
    tally, findings = outcome.tally, outcome.findings
    return {
        "seconds": round(outcome.seconds),
        "told": outcome.ledger.operations,
        "works": findings.works,
        "lost": len(findings.lost),
        "doubled": len(findings.doubled),
        "wrong": len(findings.wrong) + len(tally.wrong),
        "hung": tally.hung,
        "requests": dict(sorted(tally.statuses.items())),
        "slowest_s": round(tally.slowest, 1),
        "outages_s": {kind: round(seconds, 1) for kind, seconds in sorted(tally.outages.items())},
    }


def keep(name: str, **figures: Any) -> None:
    """Add the figures of a round of one fault."""
    found = orjson.loads(RESULTS.read_bytes()) if RESULTS.exists() else {}
    found.setdefault(name, []).append(figures)
    RESULTS.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
