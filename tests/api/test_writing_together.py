"""Many writers at once, in threads, on both databases: nobody loses anything, and no two win."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from tests.conftest import TestArchive
from tests.writing import TEXT, WORK, guest, member


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run calls at the same time, each in a thread of its own."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_twenty_writers_of_one_work(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post('0')['id']}"
    bodies = [{"title": str(n), "content": TEXT, "position": 1 + n % 3} for n in range(1, 21)]
    answers = together([lambda body=body: ann.send("POST", f"{path}/chapters", body) for body in bodies])
    assert [answer.status_code for answer in answers] == [201] * 20, [answer.text for answer in answers]
    contents = guest(archive).get(f"{path}/chapters")["items"]
    assert [item["position"] for item in contents] == list(range(1, 22))
    assert sorted(int(item["title"]) for item in contents) == list(range(21))
    work = archive.get(f"/v1{path}")
    assert (work["version"], work["chapters_posted"], work["words"]) == (21, 21, 21 * 9)
    with archive.database.reading() as connection:
        stored = connection.exec_driver_sql("SELECT position FROM chapters ORDER BY position").scalars().all()
    assert stored == list(range(1, 22))
    changes = [int(answer.headers["archive-change"]) for answer in answers]
    assert len(set(changes)) == 20
    archive.settle()
    assert archive.get("/v1/works", after_change=max(changes), chapters_min=21)["total"] == 1


def test_two_editors_with_one_etag(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post()['id']}"
    for where, name in ((path, "title"), (f"{path}/chapters/1", "content")):
        etag = ann.send("GET", where).headers["etag"]
        edits = [{name: f"<p>Edit number {n} of the text</p>" if name == "content" else f"Edit {n}"} for n in range(6)]
        answers = together([lambda body=body: ann.send("PATCH", where, body, etag) for body in edits])  # noqa: B023
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert ann.get(where) == won


def test_moving_posting_and_deleting_at_once(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post(*(str(n) for n in range(8)))['id']}"
    items = ann.get(f"{path}/chapters")["items"]
    ids = [item["id"] for item in items]
    calls: list[Callable[[], Any]] = [
        *(lambda one=one: ann.send("DELETE", f"/chapters/{one}", None, "*") for one in ids[:3]),
        *(lambda n=n: ann.send("POST", f"{path}/chapters", {"title": f"new {n}", "content": TEXT, "position": 2})
          for n in range(3)),
        lambda: ann.send("PATCH", path, {"title": "Renamed"}, "*"),
    ]  # fmt: skip
    assert {answer.status_code for answer in together(calls)} == {200, 201, 204}
    contents = ann.get(f"{path}/chapters")["items"]
    assert [item["position"] for item in contents] == list(range(1, 9))
    assert {item["id"] for item in contents} >= set(ids[3:])
    work = archive.get(f"/v1{path}")
    assert (work["title"], work["chapters_posted"], work["version"]) == ("Renamed", 8, 8)


def test_works_of_a_series_change_while_it_is_ordered(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    works = [ann.post(title=str(n))["id"] for n in range(4)]
    ann.done("POST", "/series", {"title": "Row"})
    ann.done("PUT", "/series/1/works", {"work_ids": works})
    calls: list[Callable[[], Any]] = [
        *(lambda one=one: ann.send("PATCH", f"/works/{one}", {"state": "draft"}, "*") for one in works[:2]),
        *(lambda one=one: ann.send("PATCH", f"/works/{one}", {"title": f"new {one}"}, "*") for one in works),
        lambda: ann.send("PUT", "/series/1/works", {"work_ids": works[::-1]}),
        lambda: ann.send("PATCH", "/series/1", {"title": "Line"}),
    ]
    answers = together(calls)
    assert [answer.status_code for answer in answers] == [200] * len(calls), [answer.text for answer in answers]
    shown = guest(archive).get("/series/1/works")["items"]
    places = [(item["series"][0]["title"], item["series"][0]["position"], item["title"]) for item in shown]
    assert places == [("Line", 1, "new 4"), ("Line", 2, "new 3")]


def test_works_that_name_the_same_new_tags(archive: TestArchive) -> None:
    writers = [member(archive, f"Writer {n}") for n in range(6)]
    writers[0].post(title="old", relationships=["Ada/Bea", "Cid/Dot"])
    bodies = [
        WORK | {"title": str(n), "fandoms": ["New", f"Own {n}"], "characters": ["Ada", "Bea", f"Other {n}"],
                "freeforms": [f"T{k}" for k in range(n % 3, n % 3 + 3)]}
        for n in range(6)
    ]  # fmt: skip
    calls: list[Callable[[], Any]] = [
        *(lambda writer=writer, body=body: writer.send("POST", "/works", body)
          for writer, body in zip(writers, bodies, strict=True)),
        *(lambda n=n: writers[0].send("PATCH", "/works/1", {"characters": ["Cid", "Dot", f"C{n}"]}, "*")
          for n in range(3)),
        lambda: archive.add_rows(*({"title": f"imported {n}", "key": str(n), "fandoms": ["New"],
                                    "characters": ["Ada", "Cid"]} for n in range(3))),
    ]  # fmt: skip
    *answers, counts = together(calls)
    assert [answer.status_code for answer in answers] == [201] * 6 + [200] * 3, [answer.text for answer in answers]
    assert counts.created == 3, archive.rows
    with archive.database.reading() as connection:
        names = connection.exec_driver_sql("SELECT type, name_key, count(*) FROM tags GROUP BY 1, 2").all()
    assert {row[2] for row in names} == {1}
    assert {"New", "Ada"} <= {tag["name"] for tag in answers[0].json()["fandoms"] + answers[0].json()["characters"]}
