"""The results: a table on the screen, ``results.json``, and the same table in the documentation."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

START, END = "<!-- results -->", "<!-- end of results -->"


@dataclass(frozen=True)
class Row:
    """A ratio, the median over the rounds; ``bar`` says what it has to be (``at_most`` for times).

    ``of`` names the reference. ``worst`` is the worst round, by which multiples of the plain service are judged.
    """

    name: str
    what: str
    of: str
    ratio: float
    worst: float
    bar: float
    at_most: bool = False
    detail: str = ""

    @property
    def judged(self) -> float:
        return self.worst if self.of.startswith("plain") else self.ratio

    @property
    def met(self) -> bool:
        return self.judged <= self.bar if self.at_most else self.judged >= self.bar


def row(
    name: str, what: str, of: str, ratios: Sequence[float], bar: float, *, at_most: bool = False, detail: str = ""
) -> Row:
    """A row of the ratios of its rounds."""
    worst = max(ratios) if at_most else min(ratios)
    return Row(name, what, of, round(statistics.median(ratios), 4), round(worst, 4), bar, at_most, detail)


def _number(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    print(f"\n{'':4} {'what':66} {'ratio to':28} {'median':>7} {'worst':>7} {'bar':>7}")
    for one in rows:
        sign = "≤" if one.at_most else "≥"
        mark = "      " if one.met else "missed"
        ratio, worst, bar = _number(one.ratio), _number(one.worst), sign + _number(one.bar)
        print(f"{one.name:4} {one.what:66} {one.of:28} {ratio:>7} {worst:>7} {bar:>7} {mark} {one.detail}")


def machine() -> dict[str, Any]:
    """What it is measured on, and how busy that is before it begins."""
    model = next(
        (line.partition(":")[2].strip() for line in _cpuinfo().splitlines() if line.startswith("model name")), ""
    )
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": model,
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""


def write(rows: Sequence[Row], path: Path, options: dict[str, Any], on: dict[str, Any]) -> None:
    """Keep the rows with what they were measured on."""
    found = [asdict(one) | {"met": one.met} for one in rows]
    path.write_text(json.dumps({"options": options, "on": on, "rows": found}, indent=2, ensure_ascii=False) + "\n")


def read(path: Path) -> dict[str, Any]:
    """The kept results, with rows as ``Row``."""
    kept: dict[str, Any] = json.loads(path.read_text())
    kept["rows"] = [Row(**{key: value for key, value in one.items() if key != "met"}) for one in kept["rows"]]
    return kept


def markdown(kept: dict[str, Any]) -> str:
    """The table of the documentation, from what :func:`read` gives."""
    options, on = kept["options"], kept["on"]
    rows: list[Row] = kept["rows"]
    met = sum(one.met for one in rows)
    size = f"{options['works']:,} works of metadata, {options['bodies']:,} chapters of 2,000 words"
    more = f"{options['tags']:,} tags, imports of {options['imported']:,} works; {options['rounds']} rounds."
    machine = f"Python {on['python']}, {on['machine']}, {on['cores']} cores"
    load = f"load average {on['load_before']} before the run, {on['load_after']} at its end, with our own load in it."
    said = f"{size}, {more} {machine}; {load} {met} of {len(rows)} bars are met."
    lines = [
        said,
        "",
        "| | what | ratio to | median | worst round | bar | | |",
        "|---|---|---|--:|--:|--:|---|---|",
    ]
    lines += ["| " + " | ".join(cells(one)) + " |" for one in rows]
    return "\n".join(lines)


def cells(one: Row) -> tuple[str, ...]:
    """A row of a table in a document."""
    bar = ("≤ " if one.at_most else "≥ ") + _number(one.bar)
    mark = "met" if one.met else "**missed**"
    return (one.name, one.what, one.of, _number(one.ratio), _number(one.worst), bar, mark, one.detail)


def write_markdown(path: Path, kept: dict[str, Any]) -> None:
    """Put the table between its two marks in a document."""
    text = path.read_text()
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{START}\n{markdown(kept)}\n{END}{after}")
