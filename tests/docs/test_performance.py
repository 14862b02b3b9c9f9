"""The table of the documentation is that of the kept results."""

from __future__ import annotations

from pathlib import Path

import orjson

from benchmarks.table import END, START, markdown, read
from tests.soak import hosts

ROOT = Path(__file__).parents[2]


def test_the_documented_results_are_the_kept_ones() -> None:
    document = (ROOT / "docs" / "performance" / "README.md").read_text()
    shown = document.partition(START)[2].partition(END)[0].strip()
    assert shown == markdown(read(ROOT / "benchmarks" / "results.json"))


def test_the_page_of_several_hosts_is_the_kept_result() -> None:
    assert hosts.PAGE.read_text() == hosts.page(orjson.loads(hosts.RESULTS.read_bytes()))
