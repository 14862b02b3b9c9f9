"""What the long rounds of made-up requests found, as ``docs/security/fuzzing.md``: ``python -m tests.soak.report``."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from tests.soak.fuzzing import PEOPLE, Tally

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security" / "fuzzing.md"
RESULTS = PAGE.with_suffix(".json")
HEAD = """# Made-up requests

`make soak` sends requests to every operation of the OpenAPI document, made from its schemas: such as fit them and such
as break them. An answer is a finding where it is a server error, or where its status, type, headers or body are not
documented. The short form of the same is in `make check`. This page is written by it.

"""


def keep(tally: Tally, *, database: str, examples: int, chance: int) -> None:
    """Add the result of a round, on one database, to those of this run."""
    results = orjson.loads(RESULTS.read_bytes()) if RESULTS.exists() else {}
    results[database] = {
        "operations": tally.operations,
        "cases": tally.cases,
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "findings": len(tally.findings),
        "examples": examples,
        "chance": chance,
        "versions": {name: version(name) for name in ("schemathesis", "hypothesis", "fastapi")},
        "python": platform.python_version(),
    }
    RESULTS.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def page(results: dict[str, Any]) -> str:
    """The results as a page."""
    lines = [HEAD]
    lines.append("| database | operations | requests | findings | server errors | examples of each kind | seed |\n")
    lines.append("|---|---|---|---|---|---|---|\n")
    statuses: set[str] = set()
    for database, one in sorted(results.items()):
        errors = sum(count for status, count in one["statuses"].items() if status == "500")
        cells = (database, one["operations"], one["cases"], one["findings"], errors, one["examples"], one["chance"])
        lines.append("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in cells) + " |\n")
        statuses |= set(one["statuses"])
    lines.append(f"\nSent as {', '.join(PEOPLE[:-1])} and {PEOPLE[-1]}. What came back:\n\n")
    names = sorted(statuses)
    lines.append("| database | " + " | ".join(names) + " |\n")
    lines.append("|---" * (len(names) + 1) + "|\n")
    for database, one in sorted(results.items()):
        lines.append(f"| {database} | " + " | ".join(f"{one['statuses'].get(name, 0):,}" for name in names) + " |\n")
    some = next(iter(results.values()))
    made = ", ".join(f"{name} {number}" for name, number in some["versions"].items())
    lines.append(f"\nWith {made}, Python {some['python']}.\n")
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(orjson.loads(RESULTS.read_bytes())))
