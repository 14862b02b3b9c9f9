"""Edits and acts that leave all as it was: no version, no date, no change in the log, nothing told twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from app.accounts.commands.accounts import grant_role
from app.jobs.changes import newest_number
from app.models import Chapter
from tests.conftest import TestArchive
from tests.writing import TEXT, Caller, member, moderator, operator


def number(archive: TestArchive) -> int:
    with archive.database.reading() as connection:
        return newest_number(connection)


def unchanged(caller: Caller, path: str, *bodies: dict[str, Any]) -> None:
    """Send edits that change nothing."""
    before = caller.send("GET", path)
    etag, change = before.headers["etag"], number(caller.archive)
    for body in bodies:
        response = caller.send("PATCH", path, body, etag)
        assert response.status_code == 200, response.text
        assert response.json() == before.json(), body
        assert int(response.headers.get("archive-change", change)) == number(caller.archive) == change, body
        assert response.headers.get("etag", etag) == etag
    after = caller.send("GET", path)
    assert (after.headers["etag"], after.json()) == (etag, before.json())


def test_a_work(archive: TestArchive) -> None:
    ann, admin = member(archive, "Ann"), operator(archive, "admin")
    work = ann.post("One", "Two", characters=["Rin", "Io"], freeforms=["Fluff"], summary="<p>Of lamps.</p>",
                    gifts=["Ben"], extra={"mood": {"of": ["rain"]}}, consent={"podfic": "yes"})  # fmt: skip
    path, shown = f"/works/{work['id']}", ann.get(f"/works/{work['id']}")
    names = ("title", "summary", "notes", "language", "rating", "warnings", "categories", "status", "chapters_expected",
             "published_at", "visibility", "anonymous", "state", "gifts", "extra", "consent")  # fmt: skip
    same = {name: shown[name] for name in names}
    tags = {"characters": ["rin", {"id": shown["characters"][1]["id"]}], "fandoms": ["Test"]}
    bodies = [{}, {"state": "published"}, same, tags, same | tags, {"author_ids": [ann.author_id]}, {"extra": {}}]
    unchanged(ann, path, *bodies)
    unchanged(admin, path, *bodies[:3])
    assert admin.get("/moderation/log")["total"] == 0
    assert ann.refused("PATCH", path, {}, 412, '"9.x"')["code"] == "precondition-failed"
    assert ann.refused("PATCH", path, {}, 428, None)["code"] == "precondition-required"
    assert ann.done("PATCH", path, same | {"title": "Others"})["version"] == shown["version"] + 1
    assert [tag["name"] for tag in ann.done("PATCH", path, {"characters": ["Io", "Rin"]})["characters"]] == [
        "Io",
        "Rin",
    ]


def test_chapters(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    work = ann.post({"title": "One", "content": TEXT, "notes": "Once."}, "Two")
    path = f"/works/{work['id']}/chapters/1"
    shown = ann.get(path)
    same = {
        name: shown[name] for name in ("title", "summary", "notes", "end_notes", "content", "state", "published_at")
    }
    unchanged(ann, path, {}, same, {"content_text": "Lanterns over the water, and nobody to see them."})
    unchanged(ann, f"/chapters/{shown['id']}", {}, same)
    assert ann.get(f"{path}/revisions")["total"] == 1
    assert ann.get(f"/works/{work['id']}") == work


def test_a_date_that_is_said_again_is_chosen_only_to_publish_at(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    draft = {"title": "Two", "content": TEXT, "state": "draft"}
    work = ann.post("One", draft, {**draft, "title": "Three"})["id"]
    with archive.database.write() as session:
        session.execute(update(Chapter).values(published_at=datetime(2020, 1, 2, 3, 4, 5, 678, tzinfo=UTC)))
    shown = "2020-01-02T03:04:05Z"
    two, three = (f"/works/{work}/chapters/{position}" for position in (2, 3))
    ann.done("PATCH", two, {"title": "Second", "published_at": shown})
    assert ann.done("PATCH", two, {"state": "published"})["published_at"] > shown
    assert ann.done("PATCH", three, {"state": "published", "published_at": shown})["published_at"] == shown


def test_series_and_pen_names(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    work = ann.post()["id"]
    series = ann.done("POST", "/series", {"title": "Nights", "summary": "<p>Of lamps.</p>"})
    path = f"/series/{series['id']}"
    assert ann.send("PUT", f"{path}/works", {"work_ids": [work]}).status_code == 200
    same = {"title": "Nights", "summary": "<p>Of lamps.</p>", "author_ids": [ann.author_id]}
    unchanged(ann, path, {}, same)
    assert ann.done("PATCH", path, {"summary": "Of seas."})["version"] == ann.get(path)["version"] == 3
    archive.settle()
    author = f"/authors/{ann.author_id}"
    edited = ann.send("PATCH", author, {"bio": "<p>Writes.</p>"})
    assert edited.headers["etag"] == ann.send("GET", author).headers["etag"]
    unchanged(ann, author, {}, {"name": "Ann", "bio": "<p>Writes.</p>"})


def test_tags(archive: TestArchive) -> None:
    op = operator(archive, "wrangle")
    fandom = op.send("POST", "/tags", {"type": "fandom", "name": "Test", "canonical": True}).json()["id"]
    tag = op.send("POST", "/tags", {"type": "character", "name": "Rin", "canonical": True, "parents": [fandom]}).json()
    archive.settle()
    same = {"name": "Rin", "canonical": True, "parents": [fandom], "add_parents": [fandom], "canonical_id": None}
    unchanged(op, f"/tags/{tag['id']}", {}, same)
    assert op.get(f"/tags/{tag['id']}/history")["total"] == 1


def test_acts_of_moderation(archive: TestArchive) -> None:
    ann, mod, admin = member(archive, "Ann"), moderator(archive), operator(archive, "admin")
    work = ann.post()["id"]
    account = ann.get("/me")["id"]
    for _ in range(2):
        change = number(archive)
        mod.done("POST", f"/works/{work}/hide", {"reason": "Copied"}, 204)
    assert number(archive) == change
    assert ann.get(f"/works/{work}")["version"] == 2
    for act, body in (("suspend", {"reason": "Spam"}), ("suspend", {"reason": " Spam"}), ("unsuspend", None)) * 2:
        assert mod.send("POST", f"/moderation/accounts/{account}/{act}", body).status_code == 204
    for _ in range(2):
        assert mod.send("POST", f"/moderation/accounts/{account}/unsuspend").status_code == 204
        with archive.database.write() as session:
            assert grant_role(session, login="ann", role="wrangler")
    assert [one["kind"] for one in ann.get("/me/notices")["items"]] == ["work-hidden"]
    acts = [one["act"] for one in admin.get("/moderation/log")["items"]]
    assert acts == ["grant-role", *["unsuspend", "suspend"] * 2, "hide"]
