"""Chapters: positions, drafts, dates, plans, revisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.conftest import TestArchive
from tests.writing import TEXT, Caller, guest, member, moderator


def titles(caller: Caller, path: str) -> list[str]:
    found = caller.get(f"{path}/chapters")
    assert [item["position"] for item in found["items"]] == list(range(1, found["total"] + 1))
    return [item["title"] for item in found["items"]]


def counted(work: Any) -> tuple[int, int, int | None, str]:
    return work["words"], work["chapters_posted"], work["chapters_expected"], work["status"]


def test_a_position_is_clamped_and_the_others_move(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post('1', '2', '3')['id']}"
    version = ann.get(path)["version"]
    for title, position in (("two", 2), ("last", 2000), ("first", -5), ("end", None)):
        chapter = ann.done("POST", f"{path}/chapters", {"title": title, "content": TEXT, "position": position})
        assert chapter == archive.get(f"/v1/chapters/{chapter['id']}")
        version += 1
        assert ann.get(path)["version"] == version
    assert titles(ann, path) == titles(guest(archive), path) == ["first", "1", "two", "2", "3", "last", "end"]
    middle = ann.get(f"{path}/chapters/3")
    before, after = ann.get(f"{path}/chapters/2"), ann.get(f"{path}/chapters/4")
    assert (middle["previous_id"], middle["next_id"]) == (before["id"], after["id"])


def test_a_draft_chapter_counts_nowhere_until_it_is_posted(archive: TestArchive) -> None:
    ann, nobody = member(archive, "Ann"), guest(archive)
    path = f"/works/{ann.post('1', published_at='2020-01-01', chapters_expected=2)['id']}"
    before = archive.get(f"/v1{path}")
    draft = ann.done("POST", f"{path}/chapters", {"title": "secret", "content": TEXT, "state": "draft", "position": 1})
    after = archive.get(f"/v1{path}")
    assert after | {"version": 0} == before | {"version": 0}
    archive.settle()
    assert archive.titles(text="lanterns") == ["Lanterns"]
    assert archive.get("/v1/passages", text="lanterns")["total"] == 1
    assert titles(nobody, path) == ["1"]
    assert titles(ann, path) == ["secret", "1"]
    assert nobody.get(f"{path}/chapters/1")["title"] == "1"
    assert ann.get(f"{path}/chapters/1")["title"] == "secret"
    assert nobody.get(f"{path}/chapters/1")["previous_id"] is None
    for caller in (nobody, member(archive, "Ben"), moderator(archive)):
        assert caller.get(f"/chapters/{draft['id']}", 404)["code"] == "work-not-found"
        assert caller.get(f"{path}/chapters/2", 404)
    posted = ann.done("PATCH", f"{path}/chapters/1", {"state": "published"})
    work = archive.get(f"/v1{path}")
    assert counted(work) == (18, 2, 2, "complete")
    assert work["revised_at"] == posted["published_at"] > before["revised_at"]
    assert work["version"] == after["version"] + 1
    archive.settle()
    assert archive.get("/v1/passages", text="lanterns")["total"] == 2


def test_plans(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post('1', chapters_expected=1)['id']}"
    assert counted(ann.get(path))[1:] == (1, 1, "complete")
    assert counted(ann.done("PATCH", path, {"chapters_expected": None}))[1:] == (1, None, "in_progress")
    assert counted(ann.done("PATCH", path, {"status": "complete"}))[1:] == (1, 1, "complete")
    ann.done("POST", f"{path}/chapters", {"content": TEXT})
    assert counted(ann.get(path))[1:] == (2, 2, "complete")
    assert counted(ann.done("PATCH", path, {"chapters_expected": 3}))[1:] == (2, 3, "in_progress")
    assert counted(ann.done("PATCH", path, {"status": "hiatus"}))[1:] == (2, 3, "hiatus")
    assert ann.places("PATCH", path, {"chapters_expected": 1}) == [("/chapters_expected", "plan-below-posted")]
    assert ann.places("PATCH", path, {"chapters_expected": 0}) == [("/chapters_expected", "out-of-range")]
    ann.done("POST", f"{path}/chapters", {"content": TEXT})
    assert counted(ann.get(path))[1:] == (3, 3, "complete")
    ann.done("DELETE", f"{path}/chapters/3")
    assert counted(ann.get(path))[1:] == (2, 3, "in_progress")


def test_publishing_publishes_the_first_chapter_and_no_other_draft(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    draft = ann.post("1", "2", state="draft", status="complete")
    path = f"/works/{draft['id']}"
    assert counted(draft) == (0, 0, 2, "in_progress")
    assert guest(archive).get(path, 404)
    work = ann.done("PATCH", path, {"state": "published"})
    assert (work["state"], *counted(work)) == ("published", 9, 1, 2, "in_progress")
    assert titles(guest(archive), path) == ["1"]
    assert [item["state"] for item in ann.get(f"{path}/chapters")["items"]] == ["published", "draft"]
    assert guest(archive).get(path) == work
    withdrawn = ann.done("PATCH", path, {"state": "draft"})
    assert withdrawn["state"] == "draft"
    assert guest(archive).get(path, 404)["code"] == "work-not-found"
    archive.settle()
    assert archive.titles() == []
    assert ann.done("PATCH", path, {"state": "published"})["published_at"] == work["published_at"]


def test_a_published_work_keeps_a_published_chapter(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post('1', {'content': TEXT, 'state': 'draft'})['id']}"
    assert ann.refused("DELETE", f"{path}/chapters/1", None, 409)["code"] == "chapter-needed"
    assert ann.refused("PATCH", f"{path}/chapters/1", {"state": "draft"}, 409)["code"] == "chapter-needed"
    empty = ann.post(state="draft", chapters=[])
    assert ann.refused("PATCH", f"/works/{empty['id']}", {"state": "published"}, 409)["code"] == "chapter-needed"
    ann.done("PATCH", f"{path}/chapters/2", {"state": "published"})
    ann.done("PATCH", f"{path}/chapters/1", {"state": "draft"})
    assert titles(guest(archive), path) == [""]


def test_dates(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    chapters = [{"content": TEXT, "published_at": f"20{year}-05-01"} for year in (10, 12, 14)]
    path = f"/works/{ann.post(*chapters)['id']}"

    def dates() -> tuple[str, str]:
        work = ann.get(path)
        return work["published_at"][:10], work["revised_at"][:10]

    assert dates() == ("2010-05-01", "2014-05-01")
    ann.done("PATCH", f"{path}/chapters/2", {"title": "Edited"})
    assert dates() == ("2010-05-01", "2014-05-01")
    ann.done("DELETE", f"{path}/chapters/3")
    assert dates() == ("2010-05-01", "2012-05-01")
    ann.done("PATCH", path, {"published_at": "2009-02-03"})
    assert dates() == ("2009-02-03", "2012-05-01")
    assert ann.get(f"{path}/chapters/1")["published_at"] == "2009-02-03T00:00:00Z"
    ann.done("PATCH", f"{path}/chapters/2", {"published_at": "2011-01-01"})
    assert dates() == ("2009-02-03", "2011-01-01")
    ids = [item["id"] for item in ann.get(f"{path}/chapters")["items"]]
    ann.done("PUT", f"{path}/chapters/order", {"chapter_ids": ids[::-1]})
    assert dates() == ("2011-01-01", "2011-01-01")
    tomorrow = datetime.now(UTC) + timedelta(hours=20)
    ann.done("PATCH", f"{path}/chapters/1", {"published_at": tomorrow.isoformat()})
    ahead = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    assert ann.places("PATCH", f"{path}/chapters/1", {"published_at": ahead}) == [("/published_at", "date-in-future")]


def test_a_draft_is_dated_when_it_is_posted_unless_its_author_chose_a_date(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    drafts = [ann.post("1", state="draft"), ann.post("1", state="draft", published_at="2001-01-01"),
              ann.post({"content": TEXT, "published_at": "2002-02-02"}, state="draft")]  # fmt: skip
    with archive.database.write() as session:
        session.execute(text("UPDATE chapters SET published_at = :then WHERE NOT dated"), {"then": _then(archive)})
    today = datetime.now(UTC).date().isoformat()
    for draft, date in zip(drafts, (today, "2001-01-01", "2002-02-02"), strict=True):
        work = ann.done("PATCH", f"/works/{draft['id']}", {"state": "published"})
        assert (work["published_at"][:10], work["revised_at"][:10]) == (date, date)


def _then(archive: TestArchive) -> Any:
    then = datetime(2015, 1, 1, tzinfo=UTC)
    return int(then.timestamp() * 1_000_000) if archive.database.is_sqlite else then


def test_an_order_names_every_chapter(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post('1', '2', {'title': 'draft', 'content': TEXT, 'state': 'draft'})['id']}"
    ids = [item["id"] for item in ann.get(f"{path}/chapters")["items"]]
    for wrong in (ids[:2], [*ids, ids[0]], [*ids[:2], 999]):
        assert ann.places("PUT", f"{path}/chapters/order", {"chapter_ids": wrong}) == [("/chapter_ids", "bad-order")]
    moved = ann.done("PUT", f"{path}/chapters/order", {"chapter_ids": [ids[2], ids[1], ids[0]]})
    assert [item["title"] for item in moved["items"]] == ["draft", "2", "1"]
    assert titles(guest(archive), path) == ["2", "1"]
    assert ann.refused("PUT", f"{path}/chapters/order", {"chapter_ids": ids}, 412, '"1.x"')


@pytest.mark.parametrize(
    ("members", "content", "words"),
    [
        ({"content": "<p>Don't re-read it -- please.</p>"}, "<p>Don't re-read it -- please.</p>", 4),
        ({"content_text": "One two.\n\nThree\nfour."}, "<p>One two.</p>\n<p>Three<br>four.</p>", 4),
        ({"content_markdown": "One *two* three"}, "<p>One <em>two</em> three</p>", 3),
        ({"content": "<p onclick='x'>un<em>believ</em>able</p><script>alert(1)</script>"},
         "<p>un<em>believ</em>able</p>", 1),
    ],
)  # fmt: skip
def test_texts_are_cleaned_and_counted(archive: TestArchive, members: dict[str, str], content: str, words: int) -> None:
    ann = member(archive, "Ann")
    work = ann.post(members)
    chapter = ann.get(f"/works/{work['id']}/chapters/1")
    assert (chapter["content"].strip(), chapter["words"], work["words"]) == (content, words, words)
    edited = ann.done("PATCH", f"/chapters/{chapter['id']}", {"content": "<p>Something else altogether</p>"})
    edited = ann.done("PATCH", f"/chapters/{chapter['id']}", members)
    assert (edited["content"].strip(), edited["words"]) == (content, words)


def test_revisions(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post({'title': 'One', 'content': '<p>Alpha beta gamma.</p><p>Delta epsilon.</p>'})['id']}"
    chapter = ann.done("PATCH", f"{path}/chapters/1", {"content": "<p>Alpha beta gamma.</p><p>Delta zeta eta.</p>"})
    assert (chapter["version"], chapter["words"]) == (2, 6)
    assert archive.get(f"/v1{path}")["words"] == 6
    assert archive.get(f"/v1{path}")["version"] == 1
    ann.done("PATCH", f"{path}/chapters/1", {"title": "One"})
    listed = ann.get(f"{path}/chapters/1/revisions")
    numbers = [(one["revision"], one["words"], one["words_added"], one["words_removed"]) for one in listed["items"]]
    assert (numbers, listed["total"]) == ([(2, 6, 2, 1), (1, 5, 5, 0)], 2)
    assert [one["by"] for one in listed["items"]] == ["Ann", "Ann"]
    second = ann.get(f"{path}/chapters/1/revisions/2?diff=1")
    assert second["content"] == chapter["content"]
    assert second["diff"] == [
        {"op": "equal", "text": "Alpha beta gamma."},
        {"op": "delete", "text": "Delta epsilon."},
        {"op": "insert", "text": "Delta zeta eta."},
    ]
    assert "diff" not in ann.get(f"{path}/chapters/1/revisions/1")
    assert ann.get(f"{path}/chapters/1/revisions/9", 404)["code"] == "not-found"
    etag = ann.send("GET", f"{path}/chapters/1").headers["etag"]
    restore = f"{path}/chapters/1/revisions/1/restore"
    assert ann.refused("POST", restore, None, 428, None)
    assert ann.refused("POST", restore, None, 412, '"1.x"')
    restored = ann.send("POST", restore, None, etag)
    assert restored.status_code == 200, restored.text
    assert restored.json()["content"] == "<p>Alpha beta gamma.</p><p>Delta epsilon.</p>"
    by_id = ann.get(f"/chapters/{chapter['id']}/revisions")
    assert [one["revision"] for one in by_id["items"]] == [3, 2, 1]
    archive.settle()
    assert archive.titles(text="epsilon") == ["Lanterns"]
    assert archive.titles(text="zeta") == []


def test_revisions_are_for_authors_alone(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    path = f"/works/{ann.post()['id']}/chapters/1/revisions"
    assert guest(archive).get(path, 401)
    for where in ("", "/1"):
        assert ben.get(path + where, 403)["code"] == "not-yours"
    draft = f"/works/{ann.post(state='draft')['id']}/chapters/1/revisions"
    assert ben.get(draft, 404)["code"] == "work-not-found"


def test_a_chapter_for_a_work_that_came_without_text(archive: TestArchive) -> None:
    archive.add({"title": "Listed", "authors": ["Ann"], "fandoms": ["Test"], "key": "k", "words": 5000,
                 "chapters_posted": 3, "chapters_expected": 3, "published_at": "2010-01-01",
                 "revised_at": "2012-01-01", "status": "complete"})  # fmt: skip
    ann = member(archive, "Ann")
    with archive.database.write() as session:
        session.execute(text("UPDATE work_authors SET author_id = :id"), {"id": ann.author_id})
    ann.done("POST", "/works/1/chapters", {"content": TEXT, "published_at": "2010-01-01"})
    work = archive.get("/v1/works/1")
    assert (work["has_text"], *counted(work)) == (True, 9, 1, 3, "in_progress")
    assert (work["published_at"][:4], work["revised_at"][:4]) == ("2010", "2012")
