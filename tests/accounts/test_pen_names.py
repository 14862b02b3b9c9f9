"""Pen names, and leaving: what becomes of the works, and that nothing bears the name any longer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from app.accounts.commands import issue_token
from app.models import Account, Author
from app.search.schemas import Author as AuthorShape
from tests.accounts.people import PASSWORD, Person, register, sign_in
from tests.conftest import TestArchive

WORK = {
    "title": "Harbour Lights", "fandoms": ["Tides"], "rating": "teen", "warnings": ["no_warnings_apply"],
    "language": "en", "state": "published", "chapters": [{"content": "<p>Lamps along the harbour wall.</p>"}],
}  # fmt: skip


def post(person: Person, title: str, **members: Any) -> Any:
    return person.call("POST", "/v1/works", 201, json=WORK | {"title": title, **members})


def seen(archive: TestArchive) -> dict[str, list[str]]:
    """What a guest sees: titles and their bylines."""
    archive.settle()
    items = archive.get("/v1/works", sort="title")["items"]
    return {item["title"]: [author["name"] for author in item["authors"]] for item in items}


def test_another_pen_name_is_ones_own_and_nobody_is_told(archive: TestArchive) -> None:
    ann = register(archive.client, "ann")
    made = ann.call("POST", "/v1/authors", 201, json={"name": "The Gull", "bio": "<p>Sea.</p><script>x</script>"})
    assert AuthorShape.model_validate(made)
    assert (made["name"], made["bio"], made["works_count"]) == ("The Gull", "<p>Sea.</p>", 0)
    assert [one["name"] for one in ann.call("GET", "/v1/me")["authors"]] == ["ann", "The Gull"]
    archive.settle()
    assert ann.call("GET", f"/v1/authors/{made['id']}")["name"] == "The Gull"
    assert archive.client.get(f"/v1/authors/{made['id']}").status_code == 404, "nothing was written under it"
    post(ann, "A", author_ids=[made["id"]])
    post(ann, "B")
    assert seen(archive) == {"A": ["The Gull"], "B": ["ann"]}
    shown = archive.get(f"/v1/authors/{made['id']}")
    assert "ann" not in str(shown)
    for bad in ({}, {"name": " "}, {"name": "x" * 151}, {"name": "x", "id": 7}):
        ann.call("POST", "/v1/authors", 422, json=bad)


def test_another_name_shows_in_all_works(archive: TestArchive) -> None:
    ann, ben = register(archive.client, "ann"), register(archive.client, "ben")
    for title in "ABC":
        post(ann, title)
    author = ann.call("GET", "/v1/me")["authors"][0]["id"]
    archive.settle()
    before = archive.client.get("/v1/works/1").headers["etag"]
    ben.call("PATCH", f"/v1/authors/{author}", 403, json={"name": "Ben's"})
    ben.call("PATCH", "/v1/authors/99", 404, json={"name": "Ben's"})
    changed = ann.call("PATCH", f"/v1/authors/{author}", json={"name": "Anna", "bio": "<p>Hello.</p>"})
    assert AuthorShape.model_validate(changed)
    assert (changed["name"], changed["version"], changed["works_count"]) == ("Anna", 2, 3)
    assert seen(archive) == {"A": ["Anna"], "B": ["Anna"], "C": ["Anna"]}
    assert archive.client.get("/v1/works/1").headers["etag"] != before
    assert len(archive.titles(author="Anna")) == 3
    assert archive.titles(author="ann") == []
    bio = archive.client.patch(f"/v1/authors/{author}", json={"bio": "<p>Bye.</p>"}, headers=ann.bearer)
    assert (bio.status_code, "archive-change" in bio.headers) == (200, False)


@pytest.mark.parametrize(("choice", "left"), [("", "orphan"), ("?works=orphan", "orphan"), ("?works=delete", "delete")])
def test_leaving(archive: TestArchive, choice: str, left: str) -> None:
    ann, ben = register(archive.client, "ann", email="ann@example.org"), register(archive.client, "ben")
    pen = ann.call("POST", "/v1/authors", 201, json={"name": "The Gull"})["id"]
    ben_id = ben.call("GET", "/v1/me")["authors"][0]["id"]
    alone = post(ann, "Alone")["id"]
    post(ann, "Two names", author_ids=[1, pen])
    draft = post(ann, "Draft", state="draft")["id"]
    shared = post(ann, "Shared")["id"]
    post(ben, "Ben's")
    share(archive, shared, ben_id)
    series = ann.call("POST", "/v1/series", 201, json={"title": "Row"})["id"]
    ann.call("PUT", f"/v1/series/{series}/works", json={"work_ids": [alone, shared]})
    script = ann.call("POST", "/v1/me/tokens", 201, json={"name": "s", "scopes": ["read", "write"]})
    program = Person(archive.client, "ann", script["token"])
    assert program.call("DELETE", f"/v1/me{choice}", 403)["code"] == "session-needed"
    there = sign_in(archive.client, "ann")
    ann.call("DELETE", f"/v1/me{choice}", 204)
    for gone in (ann, there, program):
        gone.call("GET", "/v1/me", 401)
    kept = {"Alone": ["orphan_account"], "Two names": ["orphan_account"]} if left == "orphan" else {}
    assert seen(archive) == kept | {"Shared": ["ben"], "Ben's": ["ben"]}
    assert archive.client.get(f"/v1/works/{draft}").status_code == 404
    assert archive.client.get(f"/v1/works/{alone}").status_code == (200 if left == "orphan" else 410)
    assert ben.call("GET", f"/v1/works/{shared}")["series"][0]["position"] == (2 if left == "orphan" else 1)
    assert archive.client.get("/v1/authors?q=ann").json()["items"] == []
    assert archive.titles(author="The Gull") == []
    again = archive.client.post("/v1/accounts", json={"login": "ann", "password": PASSWORD})
    assert again.json()["code"] == "login-taken"
    assert archive.client.post("/v1/sessions", json={"login": "ann", "password": PASSWORD}).status_code == 401
    with archive.database.read() as session:
        account = session.scalars(select(Account).where(Account.login_key == "ann")).one()
        names = set(session.scalars(select(Author.name)))
    assert (account.login, account.email, account.password_hash) == ("", None, None)
    assert names == {"ben", "orphan_account"}


def share(archive: TestArchive, work_id: int, author_id: int) -> None:
    """Let another author sign a work too."""
    with archive.database.write() as session:
        session.execute(
            text("INSERT INTO work_authors VALUES (:work, 2, :author)"), {"work": work_id, "author": author_id}
        )


def test_who_leaves_first_and_last_are_the_same_orphans(archive: TestArchive) -> None:
    for login in ("ann", "ben"):
        person = register(archive.client, login)
        post(person, f"By {login}")
        person.call("DELETE", "/v1/me", 204)
    archive.settle()
    items = archive.get("/v1/works")["items"]
    assert len({item["authors"][0]["id"] for item in items}) == 1


def test_an_operator_cannot_leave(archive: TestArchive) -> None:
    with archive.database.write() as session:
        token = issue_token(session, kind="operator", name="ops", scopes=["admin"]).text
    ops = Person(archive.client, "ops", token)
    assert ops.call("DELETE", "/v1/me", 403)["code"] == "no-account"
    assert ops.call("POST", "/v1/authors", 403, json={"name": "x"})["code"] == "no-account"
    ann = register(archive.client, "ann")
    post(ann, "A")
    archive.settle()
    assert ops.call("PATCH", "/v1/authors/1", json={"name": "Renamed"})["name"] == "Renamed"
