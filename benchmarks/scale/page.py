"""The results: ``growth.json``, the same as CSV, as plots, and as tables in ``growth.md``."""

from __future__ import annotations

import csv
import io
import json
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.scale.asking import KINDS
from benchmarks.table import END, START, Row, cells

PAGE = Path(__file__).parents[2] / "docs" / "performance" / "growth.md"
RATES = {
    "imported": "import of all, works/s",
    "added": "import of 5,000 more, works/s",
    "rebuilt": "index rebuild, works/s",
}
ROOM = {
    "database": "database",
    "index": "index",
    "import peak": "a command that imports all, at its peak with mapped files",
    "adding peak": "one that imports 5,000 more",
    "rebuild peak": "one that rebuilds the index",
    "server idle, own": "a server, started: its own memory",
    "server idle, mapped": "a server, started: mapped files",
    "server asked, own": "a server, asked all of the above: its own memory",
    "server asked, mapped": "a server, asked all of the above: mapped files",
    "indexer idle, own": "its indexer, idle: its own memory",
    "indexer after merges, own": "its indexer, after the merges: its own memory",
}
PEAKS = {"making": "import peak", "adding": "adding peak", "rebuilding": "rebuild peak"}
ACTS = {
    "kudos": "kudos until seen in the sort",
    "merge answered": "merging the largest fandom: answered",
    "merge settled": "merging the largest fandom: settled",
    "merge written": "merging the largest fandom: every document written anew",
    "small merge answered": "merging a small fandom: answered",
    "small merge settled": "merging a small fandom: settled",
    "small merge written": "merging a small fandom: every document written anew",
}


class Figure(NamedTuple):
    """One point of a curve."""

    measure: str
    unit: str
    works: int
    value: float


def rows(result: dict[str, Any]) -> list[Row]:
    """The bars, in the order of their numbers."""
    found = [
        Row(**{name: value for name, value in one.items() if name != "met"})
        for step in result["found"].values()
        for one in step.get("rows", ())
    ]
    return sorted(found, key=lambda one: int(one.name.removeprefix("P")))


def figures(result: dict[str, Any]) -> Iterator[Figure]:
    """Every curve; what was not measured is not there."""
    found = result["found"]
    for kind, by_size in found.get("asking", {}).get("times", {}).items():
        for size, one in by_size.items():
            for name in ("p50", "p99"):
                yield Figure(f"{kind} {name}", "ms", int(size), one[name])
    for size in map(str, result["options"]["sizes"]):
        at = {step: one.get(size, {}) for step, one in found.items()}
        yield from _rates_and_room(int(size), at, found.get("asking", {}).get("memory", {}).get(size))
        if one := at.get("changing"):
            yield from _acts(int(size), one)


def _rates_and_room(size: int, at: dict[str, Any], memory: Any) -> Iterator[Figure]:
    for step, name in (("making", "imported"), ("adding", "added"), ("rebuilding", "rebuilt")):
        if name in at.get(step, {}):
            yield Figure(name, "works/s", size, round(at[step][name], 1))
    for step, name in (("making", "import_peak"), ("adding", "peak"), ("rebuilding", "rebuild_peak")):
        if name in at.get(step, {}):
            yield Figure(PEAKS[step], "MB", size, round(at[step][name], 1))
    for name in ("database", "index"):
        if name in at.get("rebuilding", {}):
            yield Figure(name, "MB", size, round(at["rebuilding"][name] / 1e6, 1))
    if memory:
        for name in ("idle", "asked"):
            for kind in ("own", "mapped"):
                yield Figure(f"server {name}, {kind}", "MB", size, memory[name][kind])
        yield Figure("indexer idle, own", "MB", size, memory["indexer"]["own"])


def _acts(size: int, one: dict[str, Any]) -> Iterator[Figure]:
    merges = one["merges"]
    if one["kudos"]:
        yield Figure("kudos", "s", size, round(statistics.median(one["kudos"]), 3))
    for kind, called in (("large", "merge"), ("small", "small merge")):
        for name in ("answered", "settled", "written"):
            yield Figure(f"{called} {name}", "s", size, round(statistics.median(merges[kind][name]), 3))
    yield Figure("indexer after merges, own", "MB", size, merges["indexer"]["own"])


def as_csv(results: dict[str, Any]) -> str:
    """A line a point."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["database", *Figure._fields])
    lines.writerows([name, *one] for name, result in sorted(results.items()) for one in figures(result))
    return out.getvalue()


def markdown(results: dict[str, Any]) -> str:
    """The tables of every database."""
    return "\n".join(line for name, result in sorted(results.items()) for line in [*_tables(name, result), ""]).strip()


def _tables(database: str, result: dict[str, Any]) -> Iterator[str]:
    options, on = result["options"], result["on"]
    bars = rows(result)
    loads = "; ".join(f"{step} {one['load'][0]:.1f} to {one['load'][1]:.1f}" for step, one in result["found"].items())
    yield f"### {'PostgreSQL' if database == 'postgresql' else 'SQLite'}\n"
    yield (
        f"{options['rounds']} rounds of {options['seconds']} s. Python {on['python']}, {on['machine']}, {on['cores']}"
        f" cores. Load average before and after each step, with our own load in it: {loads}."
        f" {sum(one.met for one in bars)} of {len(bars)} bars are met.\n"
    )
    yield "| | what | ratio to | median | worst | bar | | |\n|---|---|---|--:|--:|--:|---|---|"
    for one in bars:
        yield "| " + " | ".join(cells(one)) + " |"
    by_name: dict[str, dict[int, float]] = {}
    for point in figures(result):
        by_name.setdefault(point.measure, {})[point.works] = point.value
    sizes: list[int] = options["sizes"]
    head = "".join(f" | {size:,} works" for size in sizes) + " |\n|---" + "|--:" * len(sizes) + "|"
    yield "\n| ms, median and 99th percentile" + head
    for kind, what in KINDS.items():
        yield _line(what, [_both(by_name.get(f"{kind} p50", {}), by_name.get(f"{kind} p99", {}), one) for one in sizes])
    for unit, named in (("works a second", RATES), ("seconds", ACTS), ("MB", ROOM)):
        yield f"\n| {unit}" + head
        for measure, what in named.items():
            if measure in by_name:
                yield _line(what, [_shown(by_name[measure].get(one)) for one in sizes])


def _line(what: str, values: Sequence[str]) -> str:
    return f"| {what} | {' | '.join(values)} |"


def _both(p50: dict[int, float], p99: dict[int, float], size: int) -> str:
    return f"{_shown(p50[size])}, {_shown(p99[size])}" if size in p50 else "-"


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def keep(folder: Path, database: str, result: dict[str, Any]) -> dict[str, Any]:
    """Write the results of one database beside those of the other; return both."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "growth.json"
    results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    results[database] = result
    path.write_text(json.dumps(results, indent=1) + "\n")
    path.with_suffix(".csv").write_text(as_csv(results))
    document = folder / "growth.md"
    text = document.read_text() if document.exists() else f"{START}\n{END}\n"
    before, _, rest = text.partition(START)
    document.write_text(f"{before}{START}\n{markdown(results)}\n{END}{rest.partition(END)[2]}")
    return results
