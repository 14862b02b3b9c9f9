"""The curves, both axes logarithmic: what grows as the archive does is a straight line upwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet

from benchmarks.scale.asking import KINDS
from benchmarks.scale.page import ACTS, RATES, ROOM, Figure

MARKS = "osD^vPX<>*h"


def draw(figures: Sequence[Figure], database: str, path: Path) -> None:
    """Times of reads, rates, acts, and room, each over the number of works."""
    sheet = Sheet(figsize=(13, 16), layout="constrained")
    sheet.suptitle(f"Growth, {'PostgreSQL' if database == 'postgresql' else 'SQLite'}")
    panels = sheet.subplots(2, 2).flat
    reads = {f"{kind} p50": what for kind, what in KINDS.items()}
    titles = ("One read, median", "Import and rebuild", "Kudos and merges", "Disk and memory")
    units = ("milliseconds", "works a second", "seconds", "megabytes")
    for panel, title, unit, named in zip(panels, titles, units, (reads, RATES, ACTS, ROOM), strict=True):
        _panel(panel, figures, named)
        panel.set(title=title, xlabel="works", ylabel=unit, xscale="log", yscale="log")
        panel.grid(visible=True, which="both", alpha=0.25)
        if panel.lines:
            panel.legend(fontsize="small", loc="upper left", bbox_to_anchor=(0, -0.1))
    sheet.savefig(path, dpi=80)


def _panel(panel: Axes, figures: Sequence[Figure], named: Mapping[str, str]) -> None:
    for number, (measure, what) in enumerate(named.items()):
        points = sorted((one.works, one.value) for one in figures if one.measure == measure)
        if points:
            works, values = zip(*points, strict=True)
            panel.plot(works, values, marker=MARKS[number % len(MARKS)], label=what.replace("`", ""))
