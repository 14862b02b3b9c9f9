"""The table of the documentation is that of the kept results."""

from __future__ import annotations

from pathlib import Path

import orjson

from benchmarks import hosts as throughput
from benchmarks.peers import page as peers
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


def test_the_page_of_others_side_by_side_is_the_kept_results() -> None:
    assert peers.PAGE.read_text() == peers.page(orjson.loads(peers.RESULTS.read_bytes()))


def test_the_page_says_who_was_not_there() -> None:
    results = orjson.loads(peers.RESULTS.read_bytes())
    results["absent"], results["books"] = {"calibre": "not installed", "datasette": "no network"}, None
    results["versions"]["calibre"] = None
    written = peers.page(results)
    assert "calibre was not measured: not installed." in written
    assert "Datasette was not measured: no network." in written
    assert "ours : Datasette" not in written


def test_the_curves_and_tables_of_growth_are_the_kept_results() -> None:
    results = orjson.loads(growth.PAGE.with_suffix(".json").read_bytes())
    shown = growth.PAGE.read_text().partition(START)[2].partition(END)[0].strip()
    assert shown == growth.markdown(results)
    assert growth.PAGE.with_suffix(".csv").read_text() == growth.as_csv(results)
    assert growth.PAGE.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
