"""Posting and editing works over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import TestArchive
from tests.writing import TEXT, WORK, guest, member, operator


def test_a_work_is_posted_read_and_found(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    response = ann.send(
        "POST", "/works", WORK | {"state": "published", "chapters": [{"title": "One", "content": TEXT}]}
    )
    assert response.status_code == 201
    work = response.json()
    assert response.headers["location"] == f"/v1/works/{work['id']}"
    assert response.headers["etag"] == ann.send("GET", f"/works/{work['id']}").headers["etag"]
    assert work == archive.get(f"/v1/works/{work['id']}")
    assert work["authors"] == [{"id": ann.author_id, "name": "Ann"}]
    assert (work["words"], work["chapters_posted"], work["status"], work["version"]) == (9, 1, "in_progress", 1)
    archive.settle()
    change = int(response.headers["archive-change"])
    assert archive.titles(author="Ann", text="lanterns", after_change=change) == ["Lanterns"]


def test_tag_names_are_collapsed_and_shared(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    first = ann.post(fandoms=["  Star   Trek "], freeforms=["Amélie"])
    second = ben.post(fandoms=["Star Trek"], freeforms=["AMÉLIE", "amelie"])
    assert first["fandoms"] == second["fandoms"] == [{"id": 1, "name": "Star Trek", "canonical_id": None}]
    assert [tag["name"] for tag in second["freeforms"]] == ["Amélie", "amelie"]
    assert second["freeforms"][0] == first["freeforms"][0]
    third = ben.post(fandoms=[{"id": 1}], freeforms=[{"id": first["freeforms"][0]["id"]}])
    assert third["fandoms"] == first["fandoms"]


@pytest.mark.parametrize("name", ["title", "language", "rating", "warnings", "fandoms"])
def test_what_a_work_needs(archive: TestArchive, name: str) -> None:
    ann = member(archive, "Ann")
    body = WORK | {"chapters": [{"content": TEXT}]}
    assert ann.places("POST", "/works", {key: value for key, value in body.items() if key != name}) == [
        (f"/{name}", "missing")
    ]
    empty: Any = [] if isinstance(body[name], list) else ""
    assert ann.places("POST", "/works", body | {name: empty})[0][0] == f"/{name}"


def test_what_cannot_be_posted(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"titel": "x", "words": 3}, [("/titel", "unknown-member"), ("/words", "read-only-member")]),
        ({"rating": ["teen", "mature"]}, [("/rating", "bad-value")]),
        ({"warnings": ["none"], "fandoms": [3]}, [("/warnings/0", "bad-value"), ("/fandoms/0", "wrong-type")]),
        ({"state": "published"}, [("/chapters", "chapter-needed")]),
        ({"chapters": [{"content": "<p>x</p>", "content_text": "x"}]}, [("/chapters/0/content_text", "one-content")]),
        ({"chapters": [{"title": "x"}]}, [("/chapters/0/content", "missing")]),
        ({"chapters": [{"content": "<p>short</p>"}]}, [("/chapters/0/content", "too-short")]),
        ({"summary": "x" * 1251}, [("/summary", "too-long")]),
        ({"title": "x" * 256}, [("/title", "too-long")]),
        ({"freeforms": [f"tag {n}" for n in range(75)]}, [("/freeforms", "too-many-tags")]),
        ({"fandoms": ["x" * 151]}, [("/fandoms/0", "name-too-long")]),
        ({"fandoms": [{"id": 99}]}, [("/fandoms/0/id", "unknown-tag")]),
        ({"author_ids": [99]}, [("/author_ids/0", "not-yours")]),
        ({"published_at": "2999-01-01"}, [("/published_at", "date-in-future")]),
        ({"published_at": "soon"}, [("/published_at", "bad-date")]),
        ({"language": "klingonish"}, [("/language", "bad-value")]),
        ({"chapters": [{"content": TEXT}] * 2, "state": "published", "chapters_expected": 1},
         [("/chapters_expected", "plan-below-posted")]),
        ({"related": [{"relation": "inspired_by", "url": "javascript:x"}]}, [("/related/0/url", "bad-url")]),
    ]  # fmt: skip
    for members, places in cases:
        assert ann.places("POST", "/works", WORK | members) == places
    assert ann.get("/me/works")["total"] == 0


def test_a_body_is_json_of_the_right_type(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    headers = {"Authorization": f"Bearer {ann.token}"}
    post = archive.client.post
    assert post("/v1/works", content=b"{}", headers=headers | {"Content-Type": "text/plain"}).status_code == 415
    for body, code in ((b"[]", "not-an-object"), (b"{", "bad-json"), (b'{"title": "a", "title": "b"}', "duplicate-key"),
                       (b'{"title": "a\\u0000"}', "bad-character"), (b"[" * 900 + b"]" * 900, "too-deep")):  # fmt: skip
        refused = post("/v1/works", content=body, headers=headers | {"Content-Type": "application/json"})
        assert refused.status_code == 422
        assert [error["code"] for error in refused.json()["errors"]] == [code]


def test_who_may_write(archive: TestArchive) -> None:
    ann, ben, nobody = member(archive, "Ann"), member(archive, "Ben"), guest(archive)
    reader = member(archive, "Reader", scopes=("read",))
    path = f"/works/{ann.post()['id']}"
    assert nobody.refused("POST", "/works", WORK, 401)["code"] == "unauthenticated"
    assert reader.refused("PATCH", path, {}, 403)["code"] == "insufficient-scope"
    assert ben.refused("PATCH", path, {"title": "Mine"}, 403)["code"] == "not-yours"
    assert ben.refused("POST", f"{path}/chapters", {"content": TEXT}, 403)["code"] == "not-yours"
    assert ben.refused("DELETE", f"{path}/chapters/1", None, 403)["code"] == "not-yours"
    assert ben.refused("PATCH", "/works/99", {}, 404)["code"] == "work-not-found"
    draft = ann.post(state="draft")
    cases = (("PATCH", "", {}), ("DELETE", "", None), ("PATCH", "/chapters/1", {}),
             ("PUT", "/chapters/order", {"chapter_ids": [1]}), ("POST", "/restore", None))  # fmt: skip
    for method, where, body in cases:
        assert ben.refused(method, f"/works/{draft['id']}{where}", body, 404)["code"] == "work-not-found"
    assert archive.get(f"/v1{path}")["title"] == "Lanterns"


def test_a_merge_patch(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post(summary='<p>Old</p>', gifts=['Ben'], extra={'a': {'b': 1, 'c': 2}})['id']}"
    work = ann.done(
        "PATCH", path, {"title": "New", "summary": None, "gifts": None, "extra": {"a": {"b": None}, "d": 3}}
    )
    assert (work["title"], work["summary"], work["extra"], work["version"]) == ("New", "", {"a": {"c": 2}, "d": 3}, 2)
    assert "gifts" not in work
    assert work["fandoms"][0]["name"] == "Test"
    assert work == archive.get(f"/v1{path}")
    work = ann.done("PATCH", path, {"freeforms": ["One", "Two"], "fandoms": ["Other", "Test"]})
    assert [tag["name"] for tag in work["fandoms"] + work["freeforms"]] == ["Other", "Test", "One", "Two"]
    assert ann.places("PATCH", path, {"title": None, "fandoms": [], "chapters": []}) == [
        ("/chapters", "read-only-member")
    ]
    assert ann.places("PATCH", path, {"title": None, "rating": None}) == [("/title", "needed"), ("/rating", "needed")]
    assert ann.places("PATCH", path, {"fandoms": []}) == [("/fandoms", "needed")]
    merge = ann.send("PATCH", path, {"title": "Merged"}, "*", **{"Content-Type": "application/merge-patch+json"})
    assert merge.json()["title"] == "Merged"
    assert ann.send("PATCH", path, {}, "*", **{"Content-Type": "application/xml"}).status_code == 415


def test_an_edit_says_what_it_has_seen(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post()['id']}"
    etag = ann.send("GET", path).headers["etag"]
    assert ann.refused("PATCH", path, {"title": "x"}, 428, None)["code"] == "precondition-required"
    assert ann.refused("DELETE", path, None, 428, None)["code"] == "precondition-required"
    assert ann.send("PATCH", path, {"title": "Two"}, etag).status_code == 200
    for stale in (etag, '"1"', '"abc"', '"99.0"'):
        assert ann.refused("PATCH", path, {"title": "x"}, 412, stale)["code"] == "precondition-failed"
        assert ann.refused("DELETE", path, None, 412, stale)["code"] == "precondition-failed"
    version = 2
    for good in ('"{}.other-hash"', 'W/"{}.x"', '"1.x", "{}.y"', "*"):
        assert ann.send("PATCH", path, {"title": f"More {version}"}, good.format(version)).status_code == 200
        version += 1
    assert archive.get(f"/v1{path}")["version"] == version


def test_an_import_does_not_overwrite_what_was_edited_here(archive: TestArchive) -> None:
    record = {"title": "Old", "authors": ["Ann"], "fandoms": ["Test"], "key": "k", "chapters": [{"content": TEXT}]}
    archive.add(record)
    ann = member(archive, "Ann")
    with archive.database.write() as session:
        session.connection().exec_driver_sql(f"UPDATE work_authors SET author_id = {ann.author_id}")
    ann.done("PATCH", "/works/1", {"title": "Edited here"})
    counts = archive.add(record | {"title": "Changed there"})
    assert (counts.updated, counts.unchanged) == (0, 1)
    assert "edited here" in archive.rows[0].notices[0]
    assert archive.get("/v1/works/1")["title"] == "Edited here"


def test_a_repeated_post_makes_one_work(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    body = WORK | {"state": "published", "chapters": [{"content": TEXT}]}
    first, again = (ann.send("POST", "/works", body, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("etag", "location", "archive-change"):
        assert again.headers[name] == first.headers[name]
    other = ann.send("POST", "/works", body | {"title": "Another"}, **{"Idempotency-Key": "k"})
    assert other.status_code == 422
    assert ann.get("/me/works")["total"] == 1


def test_co_authors(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    admin = operator(archive, "admin")
    work = admin.done("POST", "/works", WORK | {"author_ids": [ben.author_id, ann.author_id]})
    assert [author["name"] for author in work["authors"]] == ["Ben", "Ann"]
    path = f"/works/{work['id']}"
    assert admin.places("POST", "/works", WORK) == [("/author_ids", "missing")]
    assert admin.places("POST", "/works", WORK | {"author_ids": [99]}) == [("/author_ids/0", "not-yours")]
    assert ann.places("PATCH", path, {"author_ids": [ann.author_id]}) == [("/author_ids", "not-yours")]
    assert ann.places("PATCH", path, {"author_ids": []}) == [("/author_ids", "needed")]
    swapped = ann.done("PATCH", path, {"author_ids": [ann.author_id, ben.author_id]})
    assert [author["name"] for author in swapped["authors"]] == ["Ann", "Ben"]
    ann.done("PATCH", path, {"title": "Together", "state": "draft"})
    assert ben.get(path)["title"] == "Together"


def test_a_tag_that_only_a_secret_work_has_cannot_be_named_by_its_id(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    secret = ann.post(state="draft", freeforms=["Secret"])["freeforms"][0]
    assert ben.places("POST", "/works", WORK | {"freeforms": [{"id": secret["id"]}]}) == [
        ("/freeforms/0/id", "unknown-tag")
    ]
    assert ben.places("POST", "/works", WORK | {"fandoms": [{"id": secret["id"]}]})[0][1] == "unknown-tag"
    assert ann.post(freeforms=[{"id": secret["id"]}])["freeforms"] == [secret]


def test_a_relationship_finds_characters_that_come_after_it(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    first = ann.post(relationships=["Ada/Bea"])
    assert [one["character_id"] for one in first["relationships"][0]["members"]] == [None, None]
    characters = [tag["id"] for tag in ann.post(characters=["Ada", "Bea"])["characters"]]
    linked = archive.get(f"/v1/works/{first['id']}")["relationships"][0]["members"]
    assert [one["character_id"] for one in linked] == characters
    archive.settle()
    assert archive.get("/v1/works", relationship_with=["Bea", "Ada"])["total"] == 1


def test_a_long_chapter_fits_and_a_longer_one_does_not(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    assert ann.post({"content_text": "字" * 510_000})["words"] == 510_000
    assert ann.places("POST", "/works", WORK | {"chapters": [{"content_text": "字" * 510_001}]}) == [
        ("/chapters/0/content_text", "too-long")
    ]
