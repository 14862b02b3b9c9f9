"""The sync feed: what changed, once each, and nothing that the caller may not know of."""

from __future__ import annotations

from typing import Any

import pytest

from app.works.queries import following
from app.works.schemas import Changes
from tests.conftest import TestArchive, works
from tests.writing import TEXT, Caller, guest, member, moderator, operator


def told(caller: Caller, after: int = 0, **params: Any) -> list[tuple[int, str]]:
    page = caller.get(f"/changes?after={after}" + "".join(f"&{name}={value}" for name, value in params.items()))
    assert Changes.model_validate(page)
    return [(item["work_id"], item["what"]) for item in page["items"]]


def newest(caller: Caller) -> int:
    return int(caller.get("/changes?limit=1000")["next"])


def test_each_work_is_told_once_at_its_last_change(archive: TestArchive) -> None:
    ann, reader = member(archive, "Ann"), guest(archive)
    first, second = ann.post(title="One")["id"], ann.post(title="Two")["id"]
    page = reader.get("/changes")
    assert [(item["work_id"], item["what"], item["version"]) for item in page["items"]] == [
        (first, "created", 1),
        (second, "created", 1),
    ]
    assert not page["more"]
    for title in ("A", "B"):
        ann.done("PATCH", f"/works/{first}", {"title": title})
    assert told(reader) == [(second, "created"), (first, "created")]
    page = reader.get(f"/changes?after={page['next']}")
    assert [(item["work_id"], item["what"], item["version"]) for item in page["items"]] == [(first, "changed", 3)]
    assert reader.get(f"/changes?after={page['next']}") == {"items": [], "next": page["next"], "more": False}


def test_a_change_number_is_where_to_go_on(archive: TestArchive) -> None:
    ann, reader = member(archive, "Ann"), guest(archive)
    ann.post(title="One")
    body = {"title": "Two", "language": "en", "rating": "general", "warnings": ["no_warnings_apply"],
            "fandoms": ["Test"], "state": "published", "chapters": [{"content": TEXT}]}  # fmt: skip
    number = int(ann.send("POST", "/works", body).headers["archive-change"])
    three = ann.post(title="Three")["id"]
    assert told(reader, number) == [(three, "created")]
    problem = reader.refused("GET", f"/changes?after={number + 1000}", None, 422)
    assert (problem["errors"][0]["parameter"], problem["errors"][0]["code"]) == ("after", "unknown-change")
    assert reader.send("GET", "/changes?after=-1").status_code == 422
    assert reader.send("GET", "/changes?limit=1001").status_code == 422


def test_what_goes_leaves_a_tombstone_for_those_who_saw_it(archive: TestArchive) -> None:
    ann, mod = member(archive, "Ann"), moderator(archive)
    readers = {"guest": guest(archive), "signed in": member(archive, "Ben")}
    ids = {name: ann.post(title=name)["id"] for name in ("hidden", "draft", "deleted", "registered")}
    only = {name: ann.post(title=name, visibility="registered")["id"] for name in ("kept", "deleted")}
    start = newest(readers["guest"])
    mod.done("POST", f"/works/{ids['hidden']}/hide", {"reason": "x"}, 204)
    ann.done("PATCH", f"/works/{ids['draft']}", {"state": "draft"})
    ann.done("DELETE", f"/works/{ids['deleted']}")
    ann.done("PATCH", f"/works/{ids['registered']}", {"visibility": "registered"})
    ann.done("DELETE", f"/works/{only['deleted']}")
    gone = [(ids["hidden"], "withdrawn"), (ids["draft"], "withdrawn"), (ids["deleted"], "deleted")]
    assert told(readers["guest"], start) == [*gone, (ids["registered"], "withdrawn")]
    assert told(readers["signed in"], start) == [*gone, (ids["registered"], "changed"), (only["deleted"], "deleted")]
    assert told(mod, start)[:2] == [(ids["hidden"], "changed"), (ids["draft"], "changed")]
    mod.done("POST", f"/works/{ids['hidden']}/unhide", None, 204)
    assert told(readers["guest"], start)[-1] == (ids["hidden"], "changed")


def test_what_was_never_shown_is_not_told_of(archive: TestArchive) -> None:
    ann, reader = member(archive, "Ann"), member(archive, "Ben")
    draft = ann.post(title="Draft", state="draft")["id"]
    kept = ann.post(title="Shown")["id"]
    assert told(reader) == [(kept, "created")]
    assert told(ann) == [(draft, "created"), (kept, "created")]
    start = newest(reader)
    ann.done("PATCH", f"/works/{draft}", {"state": "published"})
    assert told(reader, start) == [(draft, "created")]
    assert told(ann, start) == [(draft, "changed")]


def test_edits_of_a_withdrawn_work_move_nothing(archive: TestArchive) -> None:
    ann, reader = member(archive, "Ann"), guest(archive)
    work = ann.post(title="One")["id"]
    ann.done("PATCH", f"/works/{work}", {"state": "draft"})
    before = reader.get("/changes")["items"]
    ann.done("PATCH", f"/works/{work}", {"title": "Two"})
    ann.done("PATCH", f"/works/{work}/chapters/1", {"content": f"{TEXT}<p>More.</p>"})
    assert reader.get("/changes")["items"] == before
    assert told(reader, newest(reader)) == []


def test_following_rebuilds_what_the_caller_sees(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 7)
    admin, reader = operator(archive, "admin"), guest(archive)
    archive.add(*works(*(f"Work {number}" for number in range(30))))
    archive.add(*works(*(f"Draft {number}" for number in range(9)), state="draft"))
    for work_id in range(1, 30, 3):
        admin.done("PATCH", f"/works/{work_id}", {"title": f"New {work_id}"})
    for work_id in range(2, 30, 5):
        admin.done("DELETE", f"/works/{work_id}")
    seen: list[int] = []
    held: set[int] = set()
    after, more = 0, True
    while more:
        page = reader.get(f"/changes?after={after}&limit=4")
        for item in page["items"]:
            seen.append(item["work_id"])
            (held.add if item["what"] in {"created", "changed"} else held.discard)(item["work_id"])
        after, more = page["next"], page["more"]
    archive.settle()
    assert held == {item["id"] for item in archive.get("/v1/works", limit=100)["items"]}
    assert len(seen) == len(set(seen)) == 30


def test_a_long_stretch_that_shows_nothing_ends_a_page(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 4)
    monkeypatch.setattr(following, "MOST", 8)
    archive.add(*works(*(f"Draft {number}" for number in range(20)), state="draft"))
    archive.add(*works("Shown"))
    reader = guest(archive)
    after, pages = 0, 0
    while (page := reader.get(f"/changes?after={after}"))["more"]:
        after, pages = page["next"], pages + 1
        assert not page["items"]
    assert pages > 1
    assert [item["what"] for item in page["items"]] == ["created"]
