"""Answers that are kept for guests: never older than the database and the index, never what a member was sent."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from app.web.kept import Kept, KeptBody, digest_of, packing_once
from tests.api.test_statements import counted
from tests.conftest import TestArchive
from tests.writing import guest, member, moderator

LIST = "/works?fandom=Test&sort=title"


def ask(archive: TestArchive, path: str = LIST, **headers: str) -> Any:
    """Ask three times: the second answer is kept, the third is what was kept."""
    answers = [archive.client.get(f"/v1{path}", headers=headers) for _ in range(3)]
    assert len({(one.content, one.headers["etag"], one.headers.get("link")) for one in answers}) == 1
    return answers[2].json()


def titles(archive: TestArchive, **headers: str) -> list[str]:
    return [item["title"] for item in ask(archive, **headers)["items"]]


def records(*names: str, **members: Any) -> list[dict[str, Any]]:
    return [{"title": name, "key": name, "fandoms": ["Test"], "chapters": [{"content": name}], **members}
            for name in names]  # fmt: skip


def test_a_kept_page_costs_one_statement_and_loses_hidden_works_and_old_counters_at_once(archive: TestArchive) -> None:
    archive.add(*records("A", "B", "C"))
    ask(archive)
    key = ("works", LIST.partition("?")[2].encode())
    kept = archive.client.app_state["archive"].kept
    before = kept.get(key).page.body
    with counted() as statements:
        assert guest(archive).get(LIST)["total"] == 3
    assert len(statements) == 1
    assert kept.get(key).page.body is before
    moderator(archive).done("POST", "/works/2/hide", {"reason": "Spam."}, 204)
    assert titles(archive) == ["A", "C"]
    with archive.database.write() as session:
        session.execute(text("UPDATE works SET counted_kudos = 7 WHERE id = 3"))
    assert [item["stats"]["kudos"] for item in ask(archive)["items"]] == [0, 7]


def test_a_kept_page_follows_the_index(archive: TestArchive) -> None:
    archive.add(*records("A"))
    assert titles(archive) == ["A"]
    archive.add(*records("B"))
    assert titles(archive) == ["A", "B"]


def test_guests_and_members_never_share(archive: TestArchive) -> None:
    archive.add(*records("A"), *records("R", visibility="registered"))
    ann = member(archive, "Ann")
    signed = {"Authorization": f"Bearer {ann.token}"}
    assert titles(archive, **signed) == ["A", "R"]
    assert titles(archive) == ["A"]
    assert titles(archive, **signed) == ["A", "R"]
    assert ask(archive, "/works/2/chapters/1", **signed)["content"]
    assert guest(archive).get("/works/2/chapters/1", 403)
    assert archive.client.get(f"/v1{LIST}", headers={"Authorization": "Bearer no"}).status_code == 401


def test_a_kept_chapter_is_that_of_now(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post()['id']}/chapters/1"
    ask(archive, path)
    chapter = ask(archive, path)
    ann.done("PATCH", f"/chapters/{chapter['id']}", {"content": "<p>Quite another text stands here.</p>"})
    assert "another" in ask(archive, path)["content"]
    moderator(archive).done("POST", f"/works/{chapter['work_id']}/hide", {"reason": "Spam."}, 204)
    assert guest(archive).get(path, 404)


def test_kept_passages_are_those_of_now(archive: TestArchive) -> None:
    archive.add(*records("A lantern", "B lantern", "C lantern"))
    path = "/passages?text=lantern"
    before = {item["work"]["id"]: item["snippet"] for item in ask(archive, path)["items"]}
    assert before == {n: f"{name} <mark>lantern</mark>" for n, name in enumerate("ABC", 1)}
    assert archive.client.app_state["archive"].kept.size
    with archive.database.write() as session:
        session.execute(text("UPDATE works SET counted_kudos = 7 WHERE id = 1"))
        session.execute(text("UPDATE chapters SET content = 'X lantern' WHERE work_id = 3"))
    moderator(archive).done("POST", "/works/2/hide", {"reason": "Spam."}, 204)
    now = {item["work"]["id"]: item for item in ask(archive, path)["items"]}
    assert {one: item["snippet"][0] for one, item in now.items()} == {1: "A", 3: "X"}
    assert now[1]["work"]["stats"]["kudos"] == 7


@pytest.mark.parametrize("query", ["revised_after=7d", "facets=rating", "ids=1", "after_change=1"])
def test_what_depends_on_more_is_not_kept(archive: TestArchive, query: str) -> None:
    archive.add(*records("A"))
    for _ in range(3):
        guest(archive).get(f"/works?{query}")
    assert archive.client.app_state["archive"].kept.size == 0


def test_what_is_asked_for_again_is_kept_in_so_many_bytes() -> None:
    kept = Kept(10_000)
    assert [kept.wants("a"), kept.wants("a")] == [False, True]
    for name in "abc":
        kept.put(name, name, KeptBody(b"x" * 700), 900)
    assert [kept.get(name) for name in "abc"] == [None, "b", "c"]
    kept.get("b")
    kept.put("d", "d", KeptBody(b"x" * 700), 900)
    kept.put("d", "e", KeptBody(b"x" * 700), 900)
    assert [kept.get(name) for name in "bcd"] == ["b", None, "e"]
    kept.put("b", "too large", KeptBody(b"x"), 10_000)
    assert kept.get("b") == "b"
    assert kept.size == 8_000


def test_a_kept_body_is_hashed_as_any_other_and_packed_once() -> None:
    packed: list[bytes] = []

    def pack(body: bytes) -> bytes:
        packed.append(body)
        return body[:2]

    body, once = KeptBody(b"text"), packing_once("br", pack)
    assert digest_of(body) == digest_of(b"text")
    assert [once(body), once(body), once(b"other")] == [b"te", b"te", b"ot"]
    assert packed == [b"text", b"other"]
