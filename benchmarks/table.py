"""One table of ratios, and ``results.json``."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """A ratio; ``bar`` says what it has to be (``at_most`` for times). ``of`` names the reference."""

    name: str
    what: str
    of: str
    ratio: float
    bar: float
    at_most: bool = False
    detail: str = ""
    amount: float = 0.0

    @property
    def met(self) -> bool:
        return self.ratio <= self.bar if self.at_most else self.ratio >= self.bar


def show(rows: list[Row]) -> None:
    """Print the table."""
    print(f"\n{'':6} {'what':58} {'ratio to':22} {'ratio':>8} {'bar':>8}")
    for row in rows:
        sign = "≤" if row.at_most else "≥"
        mark = "" if row.met else "  missed"
        print(f"{row.name:6} {row.what:58} {row.of:22} {row.ratio:8.3f} {sign}{row.bar:7.2f}{mark}  {row.detail}")


def write(rows: list[Row], path: Path, options: dict[str, int]) -> None:
    """Keep them with what they were measured on."""
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    found = [asdict(row) | {"met": row.met} for row in rows]
    path.write_text(json.dumps({"options": options, "on": machine, "rows": found}, indent=2) + "\n")
