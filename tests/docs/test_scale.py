"""The measuring of growth runs, at sizes that take seconds."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from benchmarks.scale.__main__ import main
from benchmarks.table import START


def test_a_small_run_leaves_results_tables_and_plots(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "growth.md").write_text(f"# Growth\n\n{START}\n<!-- end of results -->\nThe rest stays.\n")
    options = ["--sizes", "200", "--rounds", "1", "--seconds", "0.05", "--plain-tags", "--folder", str(tmp_path)]
    main([*options, "--steps", "making,asking,changing", "--out", str(out)])
    found = json.loads((out / "growth.json").read_text())["sqlite"]["found"]
    assert set(found) == {"making", "asking", "changing"}
    assert (
        found["changing"]["200"]["merges"]["large"]["works"][0]
        > found["changing"]["200"]["merges"]["small"]["works"][0]
    )
    points = list(csv.DictReader((out / "growth.csv").read_text().splitlines()))
    assert {one["works"] for one in points} == {"200"}
    assert {"work p50", "facets_of_all p99", "merge settled", "indexer idle, own"} <= {one["measure"] for one in points}
    assert all(float(one["value"]) > 0 for one in points)
    document = (out / "growth.md").read_text()
    assert "| the list of authors | " in document
    assert document.endswith("<!-- end of results -->\nThe rest stays.\n")
    assert (out / "growth.png").stat().st_size > 10_000
    assert "P13" in capsys.readouterr().out
