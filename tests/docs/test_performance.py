"""The table of the documentation is that of the kept results."""

from __future__ import annotations

from pathlib import Path

import orjson

from benchmarks import hosts as throughput
from benchmarks.scale import page as growth
from benchmarks.table import END, START, markdown, read
from tests.soak import hosts

ROOT = Path(__file__).parents[2]


def test_the_documented_results_are_the_kept_ones() -> None:
    document = (ROOT / "docs" / "performance" / "README.md").read_text()
    shown = document.partition(START)[2].partition(END)[0].strip()
    assert shown == markdown(read(ROOT / "benchmarks" / "results.json"))


def test_the_pages_of_several_hosts_are_the_kept_results() -> None:
    for module in (hosts, throughput):
        assert module.PAGE.read_text() == module.page(orjson.loads(module.RESULTS.read_bytes()))


def test_the_curves_and_tables_of_growth_are_the_kept_results() -> None:
    results = orjson.loads(growth.PAGE.with_suffix(".json").read_bytes())
    shown = growth.PAGE.read_text().partition(START)[2].partition(END)[0].strip()
    assert shown == growth.markdown(results)
    assert growth.PAGE.with_suffix(".csv").read_text() == growth.as_csv(results)
    assert growth.PAGE.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
