"""What is counted or looked for in a shorter way than by asking the index for each answer comes out the same."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.rules import GUEST, Viewer
from app.search import facets, indexer, pacing, passages
from app.search.criteria import criteria_of
from app.search.loading import load_tags
from app.search.ordering import Page, Sort
from app.search.works import search_works
from app.search.writing import GenerationWriter
from tests.conftest import TestArchive

BATCHES = 3
A_BATCH = 30


def _works(batch: int) -> list[dict[str, Any]]:
    """Works of which all share a tag, a third another, and each has one of its own."""
    return [
        {
            "title": f"Work {batch}-{number}",
            "key": f"{batch}-{number}",
            "fandoms": ["Tides"],
            "freeforms": ["Common", f"Own {batch}-{number}", *(["Third"] if batch == 2 or number == 29 else [])],
            "visibility": "registered" if number % 5 == 4 else "public",
            "chapters": [{"content": f"<p>A lamp by the sea, number {n}.</p>"} for n in range(1 + number % 3)],
        }
        for number in range(A_BATCH)
    ]


def test_counts_that_a_segment_left_out_are_made_up_for(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    for batch in range(BATCHES):
        archive.add(*_works(batch))
    wanted = archive.get("/v1/works", facets="freeform", facet_limit=2, words_min=1)["facets"]
    errors: list[int] = []
    asked: list[int] = []
    aggregate = facets._aggregate

    def note(*arguments: Any) -> Any:
        asked.append(arguments[-1])
        found = aggregate(*arguments)
        errors.append(found["freeform"][1])
        return found

    monkeypatch.setattr(facets, "_aggregate", note)
    monkeypatch.setattr(facets, "SEGMENT_SIZE", 1)
    assert archive.get("/v1/works", facets="freeform", facet_limit=2, words_min=2)["facets"] == wanted
    assert wanted["freeform"][0]["count"] == BATCHES * A_BATCH * 4 // 5
    assert errors[0] > 0
    assert asked == [1]
    # With three rows, one of those that only one work has is shown: which, only the whole can tell.
    shown = archive.get("/v1/works", facets="freeform", facet_limit=3, words_min=2)["facets"]["freeform"]
    assert shown[2]["name"] == "Own 0-0"
    assert asked[1:] != [1]


def test_uses_counted_in_passing_are_those_of_the_index(archive: TestArchive) -> None:
    for batch in range(BATCHES):
        archive.add(*_works(batch))
    writer = archive.indexer.writer
    with archive.database.reading() as connection:
        rows = load_tags(connection, range(1, 200))
    assert len(rows) > BATCHES * A_BATCH
    in_passing = {row.id: _exists(writer, row) for row in rows}
    assert writer.uses is not None
    writer.uses = None
    assert in_passing == {row.id: _exists(writer, row) for row in rows}


def _exists(writer: GenerationWriter, row: Any) -> tuple[int, bool]:
    """Public uses, and whether only registered readers find it: how many those are is not asked where there are any."""
    uses, registered = writer._uses_of(row)
    return uses, not uses and bool(registered)


def test_a_replaced_work_ends_the_counting_in_passing(archive: TestArchive) -> None:
    archive.add(*_works(0))
    archive.add(_works(0)[0] | {"freeforms": ["Other"]})
    assert archive.indexer.writer.uses is None
    found = {tag["name"]: tag["uses"] for tag in archive.get("/v1/tags", type="freeform", limit=100)["items"]}
    assert (found["Common"], found["Other"]) == (23, 1)
    assert "Own 0-0" not in found


def test_tags_are_settled_once_at_the_end_of_an_import(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.settle()
    monkeypatch.setattr(indexer, "BATCH", A_BATCH)
    monkeypatch.setattr(pacing, "FEW_TAGS", 10)
    monkeypatch.setattr(pacing, "COMMIT_SECONDS", 3600.0)
    settled: list[int] = []
    settle = GenerationWriter.settle_tags

    def note(self: GenerationWriter, *arguments: Any) -> None:
        settled.append(len(self.dirty_tags))
        settle(self, *arguments)

    monkeypatch.setattr(GenerationWriter, "settle_tags", note)
    for batch in range(BATCHES):
        archive.add_rows(*_works(batch))
        assert archive.indexer.step()
        assert not archive.indexer.step()
    assert settled == []
    archive.settle()
    assert settled == [BATCHES * A_BATCH + 3]
    assert archive.get("/v1/tags", q="Own", limit=1)["total"] == BATCHES * A_BATCH * 4 // 5


def test_works_of_passages_are_the_same_counted_in_one_search_or_two(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add(*_works(0))
    once = archive.get("/v1/passages", text='"the sea"', limit=5)
    assert (once["total"], once["total_works"]) == (48, 24)
    monkeypatch.setattr(passages, "AT_ONCE", 1)
    assert archive.get("/v1/passages", text='"the sea"', limit=5) == once


@pytest.mark.parametrize("viewer", [GUEST, Viewer(signed_in=True)])
def test_who_may_see_a_work_says_nothing_of_how_well_it_matches(archive: TestArchive, viewer: Viewer) -> None:
    works = [
        {"title": "A lamp", "key": str(n), "language": "en", "chapters": [{"content": "<p>Sea</p>"}]} for n in range(9)
    ]
    works[4]["visibility"] = "registered"
    archive.add(*works)
    snapshot = archive.client.app_state["index"].snapshot()
    for asked in ({"q": "lamp"}, {"text": "sea"}, {"q": "-dark"}, {"text": "-dark"}):
        found = search_works(snapshot, viewer, criteria_of(asked), Sort("relevance", descending=True), Page(20))
        assert found.ids == [n for n in range(1, 10) if n != 5 or viewer is not GUEST]
        assert found.total == len(found.ids)
