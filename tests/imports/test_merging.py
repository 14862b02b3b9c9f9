"""Importing again what is here: chapters, what is not said, and whose it is."""

from __future__ import annotations

from typing import Any

import pytest

from app.works.chapter_matching import ChapterMark, match_chapters, merged_order
from tests.conftest import TestArchive
from tests.imports.jobs import bring
from tests.writing import Caller, member, moderator, operator


@pytest.fixture
def op(archive: TestArchive) -> Caller:
    return operator(archive, "import")


def story(*chapters: str, **members: Any) -> dict[str, Any]:
    """A work with chapters named by a letter; a text that differs has a mark behind it, as in `b!`."""
    made = [
        {"title": f"Chapter {name[0].upper()}", "content": f"<p>This is the text of {name}.</p>"} for name in chapters
    ]
    return {"title": "Story", "key": "s", "fandoms": ["Test"], "chapters": made} | members


def titles(caller: Caller, work_id: int) -> list[str]:
    return [one["title"][-1] for one in caller.get(f"/works/{work_id}/chapters")["items"]]


def again(op: Caller, *chapters: str, query: str = "", **members: Any) -> dict[str, Any]:
    (item,) = bring(op, story(*chapters, **members), query=query)
    return item


def test_chapters_are_met_again_added_changed_and_kept(op: Caller) -> None:
    work_id = again(op, "a", "b", "c")["work_id"]
    item = again(op, "a", "x", "b!", "c")
    assert item["outcome"] == "updated"
    assert item["notices"][:2] == ["1 chapter added: 2 “Chapter X”.", "1 chapter changed: 3 “Chapter B”."]
    assert titles(op, work_id) == ["A", "X", "B", "C"]
    item = again(op, "a", "c", "d")
    assert "2 chapters not in this input, and kept here: 2 “Chapter X”, 3 “Chapter B”." in item["notices"]
    assert titles(op, work_id) == ["A", "X", "B", "C", "D"]
    assert op.get(f"/works/{work_id}")["chapters_posted"] == 5
    item = again(op, "a", "d", query="?mode=replace")
    assert "3 chapters removed at the source and here: 2 “Chapter X”, 3 “Chapter B”, 4 “Chapter C”." in item["notices"]
    assert titles(op, work_id) == ["A", "D"]
    assert [one["position"] for one in op.get(f"/works/{work_id}/chapters")["items"]] == [1, 2]


def test_a_chapter_keeps_its_address(op: Caller) -> None:
    first = story("a", "b")
    for n, chapter in enumerate(first["chapters"]):
        chapter["source_url"] = f"https://example.org/s/1/chapters/{n}"
    (item,) = bring(op, first)
    second = story("x", "a?", "y")
    second["chapters"][1] |= {"source_url": "http://www.example.org/s/1/chapters/1/", "title": "Renamed"}
    second["chapters"][0] |= {"source_url": "https://example.org/s/1/chapters/9"}
    (changed,) = bring(op, second)
    assert "1 chapter changed: 3 “Renamed”." in changed["notices"]
    assert "1 chapter not in this input, and kept here: 1 “Chapter A”." in changed["notices"]
    assert titles(op, item["work_id"]) == ["A", "X", "d", "Y"]


MARKS = [ChapterMark(None, title, text) for title, text in (("", "one"), ("", "two"), ("", "three"))]


def test_chapters_without_titles_are_met_by_their_text() -> None:
    assert match_chapters(MARKS, [MARKS[0], MARKS[2]]) == [0, 2]
    assert match_chapters(MARKS, [MARKS[2], MARKS[0]]) == [2, 0]
    assert match_chapters(MARKS, [MARKS[0], ChapterMark(None, "", "new"), MARKS[2]]) == [0, 1, 2]
    assert merged_order([0, 2], [1]) == [(True, 0), (False, 1), (True, 1)]
    assert merged_order([2], [0, 1]) == [(False, 0), (False, 1), (True, 0)]


def test_metadata_takes_nothing_away(op: Caller) -> None:
    full = story(
        "a", "b", notes="<p>A note.</p>", summary="<p>About.</p>", freeforms=["Fluff"], language="fr", rating="teen",
        series=[{"title": "Saga", "position": 2}], stats={"kudos": 7, "hits": 90}, authors=["ann"],
        visibility="registered", gifts=["Ben"], chapters_expected=5,
    )  # fmt: skip
    (item,) = bring(op, full)
    before = op.get(f"/works/{item['work_id']}")
    (again,) = bring(op, {"title": "Story", "key": "s", "words": 99_999, "stats": {"kudos": 8}})
    assert (again["outcome"], again["work_id"]) == ("updated", item["work_id"])
    after = op.get(f"/works/{item['work_id']}")
    assert after.pop("stats") == before.pop("stats") | {"kudos": 8}
    assert (after.pop("version"), before.pop("version")) == (2, 1)
    assert after == before
    assert titles(op, item["work_id"]) == ["A", "B"]


def test_metadata_that_replaces_leaves_the_text(op: Caller) -> None:
    work_id = again(op, "a", "b", notes="<p>A note.</p>")["work_id"]
    (item,) = bring(op, {"title": "Story", "key": "s", "fandoms": ["Test"], "words": 1}, query="?mode=replace")
    assert item["work_id"] == work_id
    work = op.get(f"/works/{work_id}")
    assert (work["has_text"], work["chapters_posted"], work["words"], work["notes"]) == (True, 2, 12, "")
    assert titles(op, work_id) == ["A", "B"]


def test_text_comes_to_metadata(op: Caller) -> None:
    (item,) = bring(op, {"title": "Story", "key": "s", "fandoms": ["Test"], "words": 5, "stats": {"kudos": 3}})
    bring(op, story("a"))
    work = op.get(f"/works/{item['work_id']}")
    assert (work["has_text"], work["stats"]["kudos"], work["words"]) == (True, 3, 6)


def test_edits_are_overwritten_by_replacing_alone(op: Caller) -> None:
    work_id = again(op, "a")["work_id"]
    operator(op.archive, "admin").done("PATCH", f"/works/{work_id}", {"title": "Edited"})
    left = again(op, "a!")
    assert (left["outcome"], left["notices"]) == ("unchanged", ["It was edited here since, and was left as it is."])
    assert again(op, "a!", query="?mode=create_only")["outcome"] == "unchanged"
    assert again(op, "a!", query="?mode=replace")["outcome"] == "updated"
    assert op.get(f"/works/{work_id}")["title"] == "Story"
    log = moderator(op.archive).get("/moderation/log")["items"]
    assert ("replace-edits", work_id) in [(act["act"], act["subject_id"]) for act in log]
    assert again(op, "b!")["outcome"] == "updated"


def test_members_put_works_under_their_own_names_alone(archive: TestArchive) -> None:
    ann, ben = (member(archive, name, scopes=["import", "read", "write"]) for name in ("ann", "ben"))
    (mine, others) = bring(ann, story("a", key="1", authors=["Ann", "zoe"]), story("a", key="2", authors=["ben"]))
    authors = ann.get(f"/works/{mine['work_id']}")["authors"]
    assert [one["name"] for one in authors] == ["ann", "zoe"]
    assert authors[0]["id"] == ann.author_id
    assert ann.get(f"/works/{others['work_id']}")["authors"][0]["id"] != ben.author_id
    ann.done("PATCH", f"/works/{mine['work_id']}", {"title": "Still mine"})


def test_works_of_others_are_not_yours(archive: TestArchive) -> None:
    ann, ben = (member(archive, name, scopes=["import"]) for name in ("ann", "ben"))
    source = {"source": {"url": "https://example.org/1"}}
    bring(ann, story("a", **source))
    (refused,) = bring(ben, story("a!", **source))
    assert (refused["outcome"], refused["problem"]["code"]) == ("failed", "not-yours")
    (own,) = bring(ben, story("a"))
    assert own["outcome"] == "created", "keys are private"
    (changed,) = bring(operator(archive, "import"), story("a!", **source))
    assert changed["outcome"] == "updated"


def test_an_author_with_an_account_is_spoken_for_by_no_file(archive: TestArchive) -> None:
    ann, ben = (member(archive, name, scopes=["import"]) for name in ("ann", "ben"))
    source = {"source": {"site": "example.org", "id": "1"}, "authors": ["Famous"]}
    (item,) = bring(ben, story("a", **source))
    author = ben.get(f"/works/{item['work_id']}")["authors"][0]["id"]
    with archive.database.write() as session:
        session.connection().exec_driver_sql(
            f"UPDATE authors SET account_id = (SELECT account_id FROM authors WHERE id = {ben.author_id})"
            f" WHERE id = {author}"
        )
    (refused,) = bring(ann, story("b", key="other", source={"site": "example.org", "id": "2"}, authors=["Famous"]))
    assert refused["problem"] == {
        "code": "not-yours", "detail": "It bears the name of an author who has an account here.", "pointer": "/authors",
    }  # fmt: skip
