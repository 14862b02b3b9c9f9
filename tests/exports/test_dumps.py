"""Dumps: every work that a filter finds, whole, in the form that comes in again."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from app.exports import dumps
from app.formats.record import parse_record
from tests.conftest import TestArchive, works
from tests.writing import TEXT, Caller, guest, member, operator


def dump(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    response = caller.send("GET", f"/exports/works.ndjson{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    lines = response.content.splitlines()
    for line in lines:
        assert parse_record(line), "it comes in again"
    return [orjson.loads(line) for line in lines]


def test_a_record_holds_the_whole_work(archive: TestArchive) -> None:
    record = {
        "title": "Lanterns", "authors": ["Ann", "Ben"], "summary": "<p>Light.</p>", "notes": "<p>N</p>",
        "end_notes": "<p>E</p>", "language": "en", "rating": "teen", "warnings": ["no_warnings_apply"],
        "categories": ["gen"], "fandoms": ["Test"], "characters": ["A", "B"], "relationships": ["A & B"],
        "freeforms": ["Rain, and more"], "series": [{"title": "Row", "position": 2}], "status": "complete",
        "chapters_expected": 2, "published_at": "2020-01-02T00:00:00Z", "revised_at": "2020-02-03T00:00:00Z",
        "stats": {"kudos": 3, "comments": 2, "bookmarks": 1, "hits": 9}, "gifts": ["Cy"],
        "source": {"site": "archiveofourown.org", "id": "7", "url": "https://archiveofourown.org/works/7"},
        "source_urls": ["https://example.org/7"], "extra": {"odd": 1}, "consent": {"translation": "yes"},
        "chapters": [
            {"title": "One", "content": TEXT, "notes": "<p>n</p>", "published_at": "2020-01-02T00:00:00Z"},
            {"content": "<p>Two.</p>", "published_at": "2020-02-03T00:00:00Z"},
        ],
    }  # fmt: skip
    archive.add(record)
    (line,) = dump(guest(archive))
    again = archive.rows
    for name in ("authors", "fandoms", "characters", "relationships", "freeforms"):
        line[name] = [one["name"] for one in line[name]]
    for part in ("id", "version", "words", "state", "published_at", "revised_at"):
        for chapter in line["chapters"]:
            chapter.pop(part, None) if part != "published_at" else None
    line["series"] = [{"title": one["title"], "position": one["position"]} for one in line["series"]]
    assert {name: line[name] for name in record} == record
    assert again[0].outcome == "created"


def test_a_dump_comes_in_again_as_it_was(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post("One", "Two", title="Here", freeforms=["Rain"], summary="<p>Light.</p>")
    archive.add(*works("There", chapters=[{"content": TEXT}], source={"url": "https://example.org/1"}))
    before = dump(guest(archive))
    assert [line.get("key") for line in before] == ["1", None]
    archive.add(*before)
    assert [row.outcome for row in archive.rows] == ["created", "updated"]
    archive.add(*before)
    assert [row.outcome for row in archive.rows] == ["unchanged", "unchanged"]
    copy = dump(guest(archive))[2]
    same = ("title", "summary", "freeforms", "words", "published_at", "revised_at", "status", "chapters_posted")
    assert {name: copy[name] for name in same} == {name: before[0][name] for name in same}


def test_filters_choose_and_a_dump_goes_on_where_it_was_cut_off(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumps, "AT_ONCE", 2)
    monkeypatch.setattr(dumps, "IDS_AT_ONCE", 3)
    archive.add(*works(*(f"Rain {number}" for number in range(8)), freeforms=["Rain"], chapters=[{"content": TEXT}]))
    archive.add(*works(*(f"Snow {number}" for number in range(8)), freeforms=["Snow"]))
    caller = guest(archive)
    assert [line["id"] for line in dump(caller)] == list(range(1, 17))
    assert [line["id"] for line in dump(caller, "?freeform=snow")] == list(range(9, 17))
    assert [line["id"] for line in dump(caller, "?freeform=snow&after_id=12")] == [13, 14, 15, 16]
    assert [line["id"] for line in dump(caller, "?after_id=14")] == [15, 16]
    assert [line["id"] for line in dump(caller, "?text=lanterns&q=title:rain")] == list(range(1, 9))
    assert dump(caller, "?freeform=hail") == []
    assert (
        caller.refused("GET", "/exports/works.ndjson?freeforms=x", None, 422)["errors"][0]["suggestion"] == "freeform"
    )
    assert caller.refused("GET", "/exports/works.ndjson?q=%22", None, 422)["errors"][0]["parameter"] == "q"
    head = caller.send("HEAD", "/exports/works.ndjson")
    assert (head.status_code, head.content, "content-length" in head.headers) == (200, b"", False)
    assert head.headers["content-type"] == "application/x-ndjson"


def test_a_dump_holds_what_the_caller_may_take_along(archive: TestArchive) -> None:
    ann, reader = member(archive, "Ann"), member(archive, "Ben")
    ann.post(title="Open")
    ann.post(title="Known", visibility="registered")
    ann.post(title="Draft", state="draft")
    ann.post(title="Veiled", anonymous=True)
    ann.post(title="Kept", consent={"download": "no"})
    ann.done("POST", "/works/1/chapters", {"title": "Later", "content": TEXT, "state": "draft"})
    archive.settle()
    assert [line["title"] for line in dump(guest(archive))] == ["Open", "Veiled"]
    assert [line["title"] for line in dump(reader)] == ["Open", "Known", "Veiled"]
    assert [line["title"] for line in dump(ann)] == ["Open", "Known", "Veiled", "Kept"]
    assert [line["title"] for line in dump(operator(archive, "admin"))] == ["Open", "Known", "Veiled", "Kept"]
    open_, veiled = dump(guest(archive))
    assert "Ann" not in orjson.dumps(veiled).decode()
    assert [len(open_["chapters"]), len(dump(ann)[0]["chapters"])] == [1, 2]
