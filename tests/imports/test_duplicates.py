"""Near duplicates: told of on items and of works, to those who may see them; kept in step with the texts."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from app.works.commands import sketching
from app.works.commands.sketching import sketch_waiting
from tests.conftest import TestArchive
from tests.imports.jobs import bring, work
from tests.prose import edited, html, prose
from tests.writing import Caller, guest, member, moderator, operator

STORY = [prose(f"story {number}", 300) for number in range(8)]
OTHER = [prose(f"other {number}", 300) for number in range(8)]


@pytest.fixture
def op(archive: TestArchive) -> Caller:
    return operator(archive, "import", "read", "admin")


def record(key: str, *chapters: str, **members: Any) -> dict[str, Any]:
    """A record as a site would have it: its own address, title and author."""
    base = {"title": f"Title {key}", "authors": [f"Author {key}"], "fandoms": ["Test"], "language": "en"}
    source = {"source": {"url": f"https://{key}.example/s/1"}}
    return base | source | {"chapters": [{"content": html(chapter)} for chapter in chapters]} | members


def told(item: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["work_id"], one["relation"]) for one in item["possible_duplicates"]]


def rows(archive: TestArchive, table: str) -> int:
    with archive.database.reading() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_the_same_story_of_another_site_is_told_of_and_stays(op: Caller) -> None:
    first, other = bring(op, record("one", *STORY), record("else", *OTHER))
    assert (told(first), told(other)) == ([], [])
    dressed = [f"<h3>…</h3><p><em>{chapter.upper()}</em></p>" for chapter in STORY]
    (second,) = bring(op, record("two", title="TITLE one", chapters=[{"content": one} for one in dressed]))
    assert (second["outcome"], second["possible_duplicates"]) == ("created", [{
        "work_id": first["work_id"], "title": "Title one", "similarity": 1.0, "relation": "same", "held": 1.0,
        "holds": 1.0, "shared_shingles": second["possible_duplicates"][0]["shared_shingles"], "agrees": ["title"],
    }])  # fmt: skip
    assert second["possible_duplicates"][0]["shared_shingles"] == pytest.approx(len("".join(STORY)), rel=0.3)
    assert op.get("/works?ids=1,2,3")["missing"] == []
    # From either side: the one that was here before is told of the other, too.
    for one, two in ((first, second), (second, first)):
        found = op.get(f"/works/{one['work_id']}/duplicates")
        assert (found["total"], [item["work_id"] for item in found["items"]]) == (1, [two["work_id"]])
    assert op.get(f"/works/{other['work_id']}/duplicates") == {"items": [], "total": 0}


@pytest.mark.parametrize("older_first", [True, False])
def test_an_older_state_is_a_part_of_the_newer(op: Caller, older_first: bool) -> None:  # noqa: FBT001
    older, newer = record("old", *STORY[:3]), record("new", *STORY)
    (first,) = bring(op, older if older_first else newer)
    (second,) = bring(op, newer if older_first else older)
    assert told(second) == [(first["work_id"], "holds" if older_first else "part_of")]
    share = second["possible_duplicates"][0]
    assert max(share["held"], share["holds"]) > 0.95
    assert share["similarity"] == pytest.approx(3 / 8, abs=0.15)


def test_within_one_import_both_are_told_of_each_other(op: Caller) -> None:
    files = [
        ("files", ("one.txt", "\n\n".join(["First Light", *STORY]).encode())),
        ("files", ("two.html", f"<html><title>Lights</title><body>{''.join(map(html, STORY))}</body></html>".encode())),
        ("files", ("three.txt", "\n\n".join(["Third", *OTHER]).encode())),
    ]
    headers = {"Authorization": f"Bearer {op.token}"}
    assert op.archive.client.post("/v1/imports", files=files, headers=headers).status_code == 202
    work(op)
    items = op.get("/imports/1/items")["items"]
    assert [told(item) for item in items] == [
        [(items[1]["work_id"], "same")], [(items[0]["work_id"], "same")], [],
    ]  # fmt: skip
    assert op.get("/imports/1")["possible_duplicates"] == 2
    for asked, indexes in (("true", [0, 1]), ("false", [2])):
        page = op.get(f"/imports/1/items?possible_duplicates={asked}")
        assert (page["total"], [item["index"] for item in page["items"]]) == (len(indexes), indexes)


def test_a_trial_tells_of_what_is_here(op: Caller) -> None:
    (first,) = bring(op, record("one", *STORY))
    (trial,) = bring(op, record("two", *STORY), query="?dry_run=true")
    assert (trial["work_id"], told(trial)) == (None, [(first["work_id"], "same")])
    assert rows(op.archive, "work_sketches") == 1


def test_what_only_looks_alike_is_not_told_of(op: Caller) -> None:
    """The same title, author, tags, disclaimer and notes; no text; hardly any text."""
    note = prose("disclaimer", 60)
    same = {"title": "Untitled", "authors": ["Ann"], "summary": html(prose("summary", 200)), "notes": html(note)}
    items = bring(
        op,
        record("a", *(f"{note}\n\n{chapter}" for chapter in STORY), **same),
        record("b", *(f"{note}\n\n{chapter}" for chapter in OTHER), **same),
        record("c", **same),
        record("d", **same),
        record("e", "This story has moved.", **same),
        record("f", "This story has moved.", **same),
        record("g", f"{note}\n\n{prose('g', 100)}", title="Drabble 1", authors=["Ann"]),
        record("h", f"{note}\n\n{prose('h', 100)}", title="Drabble 2", authors=["Ann"]),
    )
    assert [told(item) for item in items] == [[]] * 8


def test_the_same_title_and_author_need_less_text(op: Caller) -> None:
    text = prose("draft", 2_000)
    (first,) = bring(op, record("one", text, title="The Long Way", authors=["Ann"]))
    again, other = bring(
        op,
        record("two", edited(text, 0.18), title="the long  WAY", authors=["ann"]),
        record("three", edited(text, 0.18, 2), title="the long way", authors=["Bea"]),
    )
    assert told(again)[0][0] == first["work_id"]
    assert "author" in again["possible_duplicates"][0]["agrees"]
    assert first["work_id"] not in [work_id for work_id, _ in told(other)]


def test_sketches_follow_the_text(archive: TestArchive) -> None:
    author = member(archive, "ann")
    posted = author.post({"content": html(STORY[0])})
    draft = author.post({"content": html(STORY[1])}, state=None)
    boss = operator(archive, "import", "read", "admin")
    work(boss)
    (first,) = bring(boss, record("one", *STORY[:2]))
    assert sorted(told(first)) == [(posted["id"], "holds"), (draft["id"], "holds")]
    chapter = author.get(f"/works/{posted['id']}/chapters")["items"][0]
    author.done("PATCH", f"/chapters/{chapter['id']}", {"content": html(OTHER[0])})
    author.done("POST", f"/works/{posted['id']}/chapters", {"content": html(STORY[1]), "state": "draft"})
    work(boss)
    assert [one["work_id"] for one in boss.get(f"/works/{first['work_id']}/duplicates")["items"]] == [draft["id"]]
    author.done("DELETE", f"/works/{draft['id']}")
    assert boss.get(f"/works/{first['work_id']}/duplicates")["total"] == 0
    work(boss)
    assert rows(archive, "work_sketches") == 2
    author.done("POST", f"/works/{draft['id']}/restore", status=200)
    work(boss)
    assert boss.get(f"/works/{first['work_id']}/duplicates")["total"] == 1
    assert rows(archive, "sketches_waiting") == 0


def test_an_update_by_an_import_changes_the_sketch(op: Caller) -> None:
    first, second = bring(op, record("one", *OTHER[:2]), record("two", *STORY))
    assert told(second) == []
    (again,) = bring(op, record("one", *STORY), query="?mode=replace")
    assert (again["outcome"], told(again)) == ("updated", [(second["work_id"], "same")])
    found = op.get(f"/works/{second['work_id']}/duplicates")["items"]
    assert [(one["work_id"], one["similarity"]) for one in found] == [(first["work_id"], 1.0)]
    assert rows(op.archive, "sketch_keys") == 64


def test_an_undo_takes_the_sketches_along(op: Caller) -> None:
    bring(op, record("one", *STORY))
    (second,) = bring(op, record("two", *STORY))
    assert rows(op.archive, "work_sketches") == 2
    assert op.send("POST", "/imports/2/undo").status_code == 202
    work(op)
    assert (rows(op.archive, "work_sketches"), rows(op.archive, "sketch_keys")) == (1, 32)
    assert op.get("/works/1/duplicates")["total"] == 0
    (back,) = bring(op, record("two", *STORY))
    assert (back["outcome"], back["work_id"], told(back)) == ("updated", second["work_id"], [(1, "same")])
    assert op.get("/works/1/duplicates")["total"] == 1


def test_nobody_is_told_of_what_they_may_not_see(archive: TestArchive) -> None:
    author, boss = member(archive, "ann"), operator(archive, "import", "read", "admin")
    importer = member(archive, "bea", scopes=("read", "write", "import"))
    chapter = {"content": html(STORY[0])}
    shown = author.post(chapter)["id"]
    members_only = author.post(chapter, visibility="registered")["id"]
    draft = author.post(chapter, state=None)["id"]
    hidden = author.post(chapter)["id"]
    anonymous = author.post(chapter, anonymous=True, title="Title mine")["id"]
    mod = moderator(archive)
    assert mod.send("POST", f"/works/{hidden}/hide", {"reason": "Copied."}).is_success
    work(boss)
    (item,) = bring(importer, record("mine", STORY[0], authors=["ann"]))
    mine, everybody = item["work_id"], {shown, members_only, anonymous}
    assert {one["work_id"] for one in item["possible_duplicates"]} == everybody
    assert [one["agrees"] for one in item["possible_duplicates"] if one["work_id"] == anonymous] == [["title"]]
    job = importer.get("/imports")["items"][0]
    assert job["possible_duplicates"] == 1
    path = f"/works/{mine}/duplicates"
    for caller, seen in (
        (guest(archive), {shown, anonymous}), (importer, everybody), (author, everybody | {draft, hidden}),
        (boss, everybody | {draft, hidden}), (mod, everybody | {draft, hidden}),
    ):  # fmt: skip
        assert {one["work_id"] for one in caller.get(path)["items"]} == seen
    assert guest(archive).get(f"/works/{draft}/duplicates", 404)["code"] == "work-not-found"
    assert guest(archive).get(f"/works/{members_only}/duplicates", 403)["code"] == "registered-only"
    # What was told of and has gone out of sight since is not told of any more.
    author.done("PATCH", f"/works/{shown}", {"state": "draft"})
    again = importer.get(f"/imports/{job['id']}/items")["items"][0]
    assert {one["work_id"] for one in again["possible_duplicates"]} == {members_only, anonymous}


def test_what_was_here_before_the_upgrade_is_looked_at_some_at_a_time(op: Caller) -> None:
    op.archive.add(*(record(f"site{number}", *STORY[:2]) for number in range(3)))
    with op.archive.database.write() as session:
        for statement in (
            "DELETE FROM sketch_keys", "DELETE FROM work_sketches",
            "INSERT INTO sketches_waiting (work_id) SELECT id FROM works WHERE has_text ORDER BY id",
        ):  # fmt: skip
            session.execute(text(statement))
    assert op.get("/works/1/duplicates")["total"] == 0
    assert sketch_waiting(op.archive.database) == 3
    assert sketch_waiting(op.archive.database) == 0
    assert op.get("/works/1/duplicates")["total"] == 2


def test_a_newer_sketch_is_not_overwritten_by_a_worker_that_read_before(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = member(archive, "ann")
    posted = author.post({"content": html(STORY[0])})
    chapter = author.get(f"/works/{posted['id']}/chapters")["items"][0]
    inner = sketching.sketch_of

    def slow(texts: Any) -> Any:
        made = inner(texts)
        monkeypatch.setattr(sketching, "sketch_of", inner)
        author.done("PATCH", f"/chapters/{chapter['id']}", {"content": html(OTHER[0])})
        assert sketch_waiting(archive.database) == 2
        return made

    monkeypatch.setattr(sketching, "sketch_of", slow)
    sketch_waiting(archive.database)
    archive.add(record("one", OTHER[0]))
    assert [one["work_id"] for one in archive.rows[0].possible_duplicates] == [posted["id"]]


def test_a_phrase_of_everybody_is_kept_for_some_works_only(archive: TestArchive) -> None:
    archive.add_rows(*(record(f"site{number}", STORY[0]) for number in range(70)))
    assert rows(archive, "sketch_keys") == 64 * 32
    assert all(len(row.possible_duplicates) == 10 for row in archive.rows)
