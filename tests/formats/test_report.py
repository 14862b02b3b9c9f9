"""The page on files of real tools: what stands in it, and that nothing was read wrongly."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from tests.formats.report import PAGE, RESULTS, measure, page, results_of

_FOLDER = os.environ.get("FANARCHIVE_SAMPLE_DATA", "")


def test_the_page_is_made_of_its_results() -> None:
    results = orjson.loads(RESULTS.read_bytes())
    assert PAGE.read_text() == page(results)
    assert sum(one["wrong"] for one in results) == 0


@pytest.mark.skipif(not _FOLDER, reason="FANARCHIVE_SAMPLE_DATA names no folder")
@pytest.mark.parametrize("group", ["fanficfare", "fichub", "metadata-dumps"])
def test_what_is_known_is_read_as_it_is_or_as_the_tool_left_it(group: str) -> None:
    found = results_of(measure(Path(_FOLDER), f"fixtures/{group}"))
    assert sum(one["known"] for one in found) > 0
    assert [one["unexplained"] for one in found if one["wrong"]] == []
    assert [one["problems"] for one in found if one["failed"]] == []
