"""Series: made, edited, ordered and dissolved; counted over what the caller may see."""

from __future__ import annotations

from typing import Any

from tests.conftest import TestArchive
from tests.writing import Caller, guest, member, operator


def made(caller: Caller, *works: Any, title: str = "Row") -> str:
    series = caller.done("POST", "/series", {"title": title})
    path = f"/series/{series['id']}"
    caller.done("PUT", f"{path}/works", {"work_ids": [work["id"] for work in works]})
    return path


def numbers(caller: Caller, path: str) -> list[tuple[int, str]]:
    """Places and titles of the works of a series."""
    items = caller.get(f"{path}/works")["items"]
    return [(item["series"][0]["position"], item["title"]) for item in items]


def test_a_series_is_made_and_shown(archive: TestArchive) -> None:
    ann, nobody = member(archive, "Ann"), guest(archive)
    response = ann.send("POST", "/series", {"title": "  The   Row ", "summary": "<p>All</p>"})
    assert response.status_code == 201
    series = response.json()
    assert response.headers["location"] == "/v1/series/1"
    assert series == {"id": 1, "title": "The Row", "summary": "<p>All</p>", "author_ids": [ann.author_id],
                      "works_count": 0, "words": 0, "version": 1}  # fmt: skip
    assert nobody.get("/series/1", 404)["code"] == "not-found"
    assert nobody.get("/series")["total"] == 0
    assert ann.get("/series")["items"] == [{"id": 1, "title": "The Row"}]
    works = [ann.post(title=title) for title in ("a", "b", "c")]
    put = ann.done("PUT", "/series/1/works", {"work_ids": [3, 1, 2]})
    assert [item["title"] for item in put["items"]] == ["c", "a", "b"]
    assert numbers(nobody, "/series/1") == [(1, "c"), (2, "a"), (3, "b")]
    assert nobody.get("/series/1") | {"version": 0} == series | {"works_count": 3, "words": 27, "version": 0}
    assert archive.get(f"/v1/works/{works[0]['id']}")["series"] == [{"id": 1, "title": "The Row", "position": 2}]
    ann.done("PATCH", "/series/1", {"title": "Renamed", "summary": None})
    assert archive.get("/v1/works/1")["series"][0]["title"] == "Renamed"
    archive.settle()
    assert archive.titles(series_id=1) == ["a", "b", "c"]
    ann.done("DELETE", "/series/1")
    assert nobody.get("/series/1", 410)
    assert archive.get("/v1/works/1")["series"] == []
    archive.settle()
    assert archive.titles(series_id=1) == []


def test_whose_a_series_is(archive: TestArchive) -> None:
    ann, ben, admin = member(archive, "Ann"), member(archive, "Ben"), operator(archive, "write", "admin")
    path = made(ann, ann.post())
    other, draft = ben.post(title="Ben's"), ben.post(state="draft")
    for method, where, body in (
        ("PATCH", "", {"title": "x"}),
        ("DELETE", "", None),
        ("PUT", "/works", {"work_ids": []}),
    ):
        assert ben.refused(method, path + where, body, 403)["code"] == "not-yours"
        assert guest(archive).refused(method, path + where, body, 401)
    empty = ben.done("POST", "/series", {"title": "Empty"})
    assert ann.refused("PATCH", f"/series/{empty['id']}", {"title": "x"}, 404)["code"] == "not-found"
    for work_id in (other["id"], draft["id"], 999):
        places = ann.places("PUT", f"{path}/works", {"work_ids": [1, work_id]})
        assert places == [("/work_ids/1", "unknown-work")]
    assert ann.places("PUT", f"{path}/works", {"work_ids": [1, 1]}) == [("/work_ids/1", "repeated")]
    assert ann.places("POST", "/series", {"summary": "x"}) == [("/title", "missing")]
    assert ann.places("POST", "/series", {"title": "x", "works": []}) == [("/works", "unknown-member")]
    assert admin.done("PATCH", path, {"title": "Tidied"})["title"] == "Tidied"


def test_totals_are_of_what_the_caller_may_see(archive: TestArchive) -> None:
    ann, ben, nobody = member(archive, "Ann"), member(archive, "Ben"), guest(archive)
    public, registered = (
        ann.post(title="public"),
        ann.post(title="registered", visibility="registered", freeforms=["X"]),
    )
    path = made(ann, public, registered, ann.post(title="draft", state="draft"))
    assert [caller.get(path)["works_count"] for caller in (nobody, ben, ann)] == [1, 2, 3]
    assert [caller.get(path)["words"] for caller in (nobody, ben, ann)] == [9, 18, 18]
    assert "X" not in nobody.send("GET", f"{path}/works").text
    ann.done("PATCH", f"/works/{public['id']}", {"visibility": "registered"})
    assert nobody.get(path, 403)["code"] == "registered-only"
    assert nobody.get(f"{path}/works", 403)["code"] == "registered-only"
    assert ben.get(path)["works_count"] == 2


def test_a_work_that_is_not_published_moves_no_number(archive: TestArchive) -> None:
    ann, nobody = member(archive, "Ann"), guest(archive)
    works = [ann.post(title=title, state=state) for title, state in zip("abc", ("draft", "published", "published"),
                                                                      strict=True)]  # fmt: skip
    path = made(ann, *works)
    assert numbers(nobody, path) == [(1, "b"), (2, "c")]
    ann.done("PATCH", f"/works/{works[0]['id']}", {"state": "published"})
    assert numbers(nobody, path) == [(1, "a"), (2, "b"), (3, "c")]
    ann.done("DELETE", f"/works/{works[1]['id']}")
    assert numbers(nobody, path) == [(1, "a"), (2, "c")]
    ann.done("PUT", f"{path}/works", {"work_ids": [works[2]["id"], works[0]["id"]]})
    ann.done("POST", f"/works/{works[1]['id']}/restore", status=200)
    assert numbers(nobody, path) == [(1, "c"), (2, "a"), (3, "b")]
    archive.settle()
    assert archive.get("/v1/works", series_id=path.split("/")[-1])["total"] == 3


def test_an_imported_series_belongs_to_who_wrote_all_of_it(archive: TestArchive) -> None:
    record = {"authors": ["Ann"], "fandoms": ["Test"], "series": [{"title": "Old", "position": 7}]}
    archive.add(record | {"title": "a", "key": "a"}, record | {"title": "b", "key": "b"})
    ann = member(archive, "Ann")
    with archive.database.write() as session:
        session.connection().exec_driver_sql(f"UPDATE work_authors SET author_id = {ann.author_id} WHERE work_id = 1")
    assert ann.refused("PATCH", "/series/1", {"title": "x"}, 403)["code"] == "not-yours"
    with archive.database.write() as session:
        session.connection().exec_driver_sql(f"UPDATE work_authors SET author_id = {ann.author_id}")
    ann.done("PUT", "/series/1/works", {"work_ids": [2, 1]})
    assert numbers(guest(archive), "/series/1") == [(1, "b"), (2, "a")]


def test_a_series_does_not_tell_who_wrote_an_anonymous_work(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = made(ann, ann.post(anonymous=True))
    assert guest(archive).get(path)["author_ids"] == []
    assert ann.get(path)["author_ids"] == [ann.author_id]
