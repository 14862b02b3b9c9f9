"""What was deleted for good: 410 for whoever may have seen it, and 404 for what no guest ever saw."""

from __future__ import annotations

from app.works.commands.leaving import let_go
from tests.accounts.people import register
from tests.conftest import TestArchive
from tests.imports.jobs import bring
from tests.writing import TEXT, WORK, Caller, guest, member, moderator, operator


def chapter_of(ann: Caller, work_id: int, position: int) -> str:
    """The address of a chapter."""
    items = ann.get(f"/works/{work_id}/chapters")["items"]
    return f"/chapters/{items[position - 1]['id']}"


def codes(path: str, status: int, *callers: Caller) -> set[str]:
    return {caller.get(path, status)["code"] for caller in callers}


def test_a_deleted_chapter_is_gone(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    work = ann.post("First", "Second", "Third")["id"]
    path = chapter_of(ann, work, 2)
    ann.done("DELETE", f"/works/{work}/chapters/2")
    for caller in (guest(archive), ben, ann, moderator(archive)):
        for where in ("", "?content_format=text"):
            assert caller.get(path + where, 410)["code"] == "chapter-gone"
        assert caller.get(f"/works/{work}/chapters/2")["title"] == "Third"
        assert caller.get(f"/works/{work}/chapters/3", 404)["code"] == "work-not-found"
    assert ann.refused("PATCH", path, {"title": "x"}, 410)["code"] == "chapter-gone"
    assert ann.refused("DELETE", path, None, 410)["code"] == "chapter-gone"
    assert ann.get(f"{path}/revisions", 410)["code"] == "chapter-gone"
    report = {"subject": "chapter", "subject_id": int(path.rpartition("/")[2]), "reason": "x"}
    assert ben.refused("POST", "/reports", report, 410)["code"] == "chapter-gone"
    # What its work answers comes first.
    ann.done("PATCH", f"/works/{work}", {"visibility": "registered"})
    assert codes(path, 403, guest(archive)) == {"registered-only"}
    assert codes(path, 410, ben) == {"chapter-gone"}
    ann.done("PATCH", f"/works/{work}", {"state": "draft"})
    assert codes(path, 404, guest(archive), ben) == {"work-not-found"}
    ann.done("DELETE", f"/works/{work}")
    assert codes(path, 410, guest(archive), ben) == {"work-gone"}


def test_a_chapter_that_no_guest_saw_leaves_no_trace(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    for members in ({"state": "draft"}, {"visibility": "registered"}):
        work = ann.post("First", "Second", **members)["id"]
        path = chapter_of(ann, work, 2)
        ann.done("DELETE", path)
        ann.done("PATCH", f"/works/{work}", {"state": "published", "visibility": "public"})
        assert codes(path, 404, guest(archive), ben, ann) == {"work-not-found"}


def test_a_draft_that_was_published_once_is_gone_and_another_never_was(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    work = ann.post("First", "Second", {"title": "Third", "content": TEXT, "state": "draft"})["id"]
    shown, draft = chapter_of(ann, work, 2), chapter_of(ann, work, 3)
    ann.done("PATCH", shown, {"state": "draft"})
    for path in (shown, draft):
        assert codes(path, 404, guest(archive)) == {"work-not-found"}
        ann.done("DELETE", path)
    assert codes(shown, 410, guest(archive)) == {"chapter-gone"}
    assert codes(draft, 404, guest(archive)) == {"work-not-found"}


def test_chapters_of_a_work_that_is_not_public_any_more(archive: TestArchive) -> None:
    ann, mod = member(archive, "Ann"), moderator(archive)
    work = ann.post("First", "Second", "Third")["id"]
    at = f"/works/{work}"
    mod.done("POST", f"{at}/hide", {"reason": "x"}, 204)
    seen = chapter_of(ann, work, 2)
    unseen, shown_later = (
        f"/chapters/{ann.done('POST', f'{at}/chapters', {'title': title, 'content': TEXT})['id']}"
        for title in ("Fourth", "Fifth")
    )
    for path in (seen, unseen):
        ann.done("DELETE", path)
    mod.done("POST", f"{at}/unhide", status=204)
    assert codes(seen, 410, guest(archive)) == {"chapter-gone"}
    assert codes(unseen, 404, guest(archive)) == {"work-not-found"}
    assert guest(archive).get(shown_later)["title"] == "Fifth"
    ann.done("DELETE", shown_later)
    assert codes(shown_later, 410, guest(archive)) == {"chapter-gone"}


def test_an_import_that_replaces_leaves_traces_too(archive: TestArchive) -> None:
    op = operator(archive, "import")
    texts = [{"title": title, "content": f"<p>The text of {title}.</p>"} for title in ("One", "Two", "Three")]
    story = {"title": "Story", "key": "s", "fandoms": ["Test"], "chapters": texts}
    work = bring(op, story)[0]["work_id"]
    path = chapter_of(op, work, 3)
    bring(op, story | {"chapters": texts[:2]}, query="?mode=replace")
    assert codes(path, 410, guest(archive)) == {"chapter-gone"}


def test_a_deleted_series_is_gone(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    work = ann.post()["id"]
    path = f"/series/{ann.done('POST', '/series', {'title': 'Nights'})['id']}"
    assert ann.send("PUT", f"{path}/works", {"work_ids": [work]}).status_code == 200
    archive.settle()
    assert guest(archive).get(path)["works_count"] == 1
    ann.done("DELETE", path)
    for caller in (guest(archive), ben, ann):
        for where in ("", "/works", "/download.epub"):
            assert caller.get(path + where, 410)["code"] == "series-gone"
    for method, where, body in (
        ("PATCH", "", {"title": "x"}),
        ("PUT", "/works", {"work_ids": []}),
        ("DELETE", "", None),
    ):
        assert ann.refused(method, path + where, body, 410)["code"] == "series-gone"
    assert guest(archive).get(f"/works/{work}")["series"] == []


def series_with(ann: Caller, *works: int) -> str:
    """The address of a series of works."""
    path = f"/series/{ann.done('POST', '/series', {'title': 'Nights'})['id']}"
    if works:
        assert ann.send("PUT", f"{path}/works", {"work_ids": works}).status_code == 200
    return path


def test_a_series_that_no_guest_saw_leaves_no_trace(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    draft, registered = ann.post(state="draft")["id"], ann.post(visibility="registered")["id"]
    for path in (series_with(ann), series_with(ann, draft), series_with(ann, draft, registered)):
        ann.done("DELETE", path)
        assert codes(path, 404, guest(archive), member(archive, f"Ben{path[-1]}"), ann) == {"not-found"}


def test_a_series_that_guests_saw_before_is_gone(archive: TestArchive) -> None:
    ann, mod, admin = member(archive, "Ann"), moderator(archive), operator(archive, "admin")
    works = [ann.post()["id"] for _ in range(6)]
    paths = [series_with(ann, work) for work in works]
    assert ann.send("PUT", f"{paths[0]}/works", {"work_ids": []}).status_code == 200
    ann.done("PATCH", f"/works/{works[1]}", {"state": "draft"})
    ann.done("PATCH", f"/works/{works[2]}", {"visibility": "registered"})
    mod.done("POST", f"/works/{works[3]}/hide", {"reason": "x"}, 204)
    ann.done("DELETE", f"/works/{works[4]}")
    with archive.database.write() as session:
        let_go(session, [ann.author_id], login="Ann", delete_works=True)
    for path in paths:
        admin.done("DELETE", path)
        assert codes(path, 410, guest(archive)) == {"series-gone"}


def test_a_deleted_tag_is_gone_if_everybody_saw_it(archive: TestArchive) -> None:
    op = operator(archive, "wrangle")
    marked = op.send("POST", "/tags", {"type": "freeform", "name": "Marked", "canonical": True}).json()["id"]
    plain = op.send("POST", "/tags", {"type": "freeform", "name": "Plain"}).json()["id"]
    archive.settle()
    for tag in (marked, plain):
        assert op.send("DELETE", f"/tags/{tag}").status_code == 204
    archive.settle()
    for where in ("", "/stats"):
        assert codes(f"/tags/{marked}{where}", 410, guest(archive), op) == {"tag-gone"}
        assert codes(f"/tags/{plain}{where}", 404, guest(archive), op) == {"tag-not-found"}
    assert op.refused("PATCH", f"/tags/{marked}", {"canonical": True}, 410)["code"] == "tag-gone"
    act = op.get(f"/tags/{marked}/history")["items"][0]["id"]
    assert op.send("POST", f"/tags/acts/{act}/undo").status_code == 200
    assert guest(archive).get(f"/tags/{marked}")["name"] == "Marked"


def test_whoever_left_is_gone_if_guests_knew_them(archive: TestArchive) -> None:
    people = [register(archive.client, login) for login in ("ann", "ben", "cat")]
    for person, members in zip(people, ({}, {"anonymous": True}, {"state": "draft"}), strict=True):
        body = WORK | {"state": "published", "chapters": [{"content": TEXT}]} | members
        person.call("POST", "/v1/works", 201, json=body)
    for person in people:
        person.call("DELETE", "/v1/me", 204)
    archive.settle()
    for where in ("", "/works", "/download.zip"):
        assert codes(f"/authors/1{where}", 410, guest(archive), member(archive, f"m{len(where)}")) == {"author-gone"}
        for author in (2, 3):
            assert codes(f"/authors/{author}{where}", 404, guest(archive)) == {"not-found"}
    report = {"subject": "author", "subject_id": 1, "reason": "x"}
    assert guest(archive).refused("POST", "/reports", report, 410)["code"] == "author-gone"
