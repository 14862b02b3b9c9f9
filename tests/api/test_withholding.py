"""Deleting and restoring works, hiding and unhiding them, and the lists of one's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.models import Withholding
from app.works.schemas import SimilarWorks
from tests.conftest import TestArchive
from tests.writing import TEXT, guest, member, moderator, operator


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({}, 410, "work-gone"),
        ({"visibility": "registered"}, 404, "work-not-found"),
        ({"state": "draft"}, 404, "work-not-found"),
    ],
)
def test_a_deleted_work_is_gone_for_those_who_could_know_it(
    archive: TestArchive, members: dict[str, str], status: int, code: str
) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    work = ann.post(**members)
    path = f"/works/{work['id']}"
    ann.done("DELETE", path)
    for caller in (guest(archive), ben):
        for where in ("", "/chapters", "/chapters/1"):
            assert caller.get(path + where, status)["code"] == code
    shown = ann.get(path)
    assert shown["state"] == "deleted"
    assert shown["restorable_until"] > datetime.now(UTC).isoformat()
    assert [item["id"] for item in ann.get("/me/works?state=deleted")["items"]] == [work["id"]]
    archive.settle()
    assert archive.titles() == []
    assert ann.refused("PATCH", path, {"title": "x"}, 409)["code"] == "wrong-state"
    assert ann.refused("POST", f"{path}/chapters", {"content": TEXT}, 409)["code"] == "wrong-state"
    assert ben.refused("POST", f"{path}/restore", None, status)["code"] == code
    restored = ann.done("POST", f"{path}/restore", status=200)
    assert restored == work | {"version": 3}
    assert ann.refused("POST", f"{path}/restore", None, 409)["code"] == "wrong-state"
    archive.settle()
    assert archive.titles() == (["Lanterns"] if not members else [])


def test_a_work_can_be_restored_for_30_days(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    path = f"/works/{ann.post()['id']}"
    for days, status in ((29, 200), (31, 409)):
        ann.done("DELETE", path)
        with archive.database.write() as session:
            session.execute(update(Withholding).values(at=datetime.now(UTC) - timedelta(days=days)))
        assert ann.send("POST", f"{path}/restore").status_code == status
    assert guest(archive).get(path, 410)


def test_a_hidden_work_is_for_its_authors_and_moderators(archive: TestArchive) -> None:
    ann, ben, mod, admin = (
        member(archive, "Ann"),
        member(archive, "Ben"),
        moderator(archive),
        operator(archive, "admin"),
    )
    path = f"/works/{ann.post()['id']}"
    assert ann.refused("POST", f"{path}/hide", {"reason": "x"}, 403)["code"] == "insufficient-scope"
    assert mod.places("POST", f"{path}/hide", {"reason": "  "}) == [("/reason", "missing")]
    assert mod.places("POST", f"{path}/hide", {}) == [("/reason", "missing")]
    mod.done("POST", f"{path}/hide", {"reason": "Plagiarised"}, 204)
    for caller in (guest(archive), ben):
        for where in ("", "/chapters", "/chapters/1"):
            assert caller.get(path + where, 404)["code"] == "work-not-found"
    for insider in (ann, mod, admin):
        assert insider.get(path)["hidden_reason"] == "Plagiarised"
        assert insider.get(f"{path}/chapters/1")["words"] == 9
    archive.settle()
    assert archive.titles() == []
    assert archive.get("/v1/tags")["total"] == 0
    assert ann.done("PATCH", path, {"title": "Mended"})["state"] == "hidden"
    for state in ("published", "draft"):
        assert ann.refused("PATCH", path, {"state": state}, 409)["code"] == "wrong-state"
    ann.done("DELETE", path)
    assert mod.refused("POST", f"{path}/unhide", None, 409)["code"] == "wrong-state"
    assert ann.done("POST", f"{path}/restore", status=200)["state"] == "hidden"
    mod.done("POST", f"{path}/unhide", status=204)
    archive.settle()
    assert archive.titles() == ["Mended"]
    assert "hidden_reason" not in ann.get(path)
    assert mod.refused("POST", f"{path}/unhide", None, 409)["code"] == "wrong-state"
    assert mod.refused("POST", "/works/99/hide", {"reason": "x"}, 404)["code"] == "work-not-found"


def test_own_works_in_every_state(archive: TestArchive) -> None:
    ann, ben, mod = member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    ids = {title: ann.post(title=title)["id"] for title in ("published", "hidden", "deleted", "anonymous")}
    ids["draft"] = ann.post(title="draft", state="draft")["id"]
    ben.post(title="other")
    mod.done("POST", f"/works/{ids['hidden']}/hide", {"reason": "x"}, 204)
    ann.done("DELETE", f"/works/{ids['deleted']}")
    ann.done("PATCH", f"/works/{ids['anonymous']}", {"anonymous": True})
    for state in ("draft", "hidden", "deleted"):
        assert [item["title"] for item in ann.get(f"/me/works?state={state}")["items"]] == [state]
    whole = ann.get("/me/works")
    assert [item["title"] for item in whole["items"]] == ["draft", "anonymous", "deleted", "hidden", "published"]
    assert {item["authors"][0]["name"] for item in whole["items"]} == {"Ann"}
    first = ann.get("/me/works?limit=2&fields=id")
    assert first["items"] == [{"id": ids["draft"]}, {"id": ids["anonymous"]}]
    second = ann.get(f"/me/works?limit=2&cursor={first['next']}")
    assert [item["title"] for item in second["items"]] == ["deleted", "hidden"]
    assert ben.send("GET", f"/me/works?limit=2&cursor={first['next']}").status_code == 422
    assert guest(archive).get("/me/works", 401)
    assert ann.send("GET", "/me/works?state=drafty").status_code == 422


def test_an_anonymous_work(archive: TestArchive) -> None:
    ann, ben, mod = member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    work = ann.post(anonymous=True)
    path = f"/works/{work['id']}"
    self = [{"id": ann.author_id, "name": "Ann"}]
    assert work["authors"] == ann.get(path)["authors"] == mod.get(path)["authors"] == self
    assert ann.get(f"/works?ids={work['id']}")["items"][0]["authors"] == self
    for caller in (guest(archive), ben):
        assert caller.get(path)["authors"] == [{"id": None, "name": "Anonymous"}]
        assert caller.get(f"/works?ids={work['id']}")["items"][0]["authors"] == [{"id": None, "name": "Anonymous"}]
    archive.settle()
    for caller in (guest(archive), ben, ann):
        assert caller.get("/works?author=Ann")["total"] == 0
        assert caller.get("/works?author=Anonymous")["total"] == 1


def test_works_by_id_are_what_the_caller_may_read(archive: TestArchive) -> None:
    ann, ben, mod = member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    for title in ("public", "registered", "hidden", "draft"):
        ann.post(title=title, state="draft" if title == "draft" else "published",
                 visibility="registered" if title == "registered" else "public")  # fmt: skip
    mod.done("POST", "/works/3/hide", {"reason": "x"}, 204)
    missing = {"guest": [2, 3, 4], "Ben": [3, 4], "Ann": [], "mod": []}
    for caller, name in ((guest(archive), "guest"), (ben, "Ben"), (ann, "Ann"), (mod, "mod")):
        assert caller.get("/works?ids=1,2,3,4")["missing"] == missing[name], name
    archive.settle()
    totals = [caller.get("/works?q=Public OR Registered OR Hidden OR Draft")["total"] for caller in
              (guest(archive), ben, ann)]  # fmt: skip
    assert totals == [1, 2, 2]


def test_similar_works(archive: TestArchive) -> None:
    ann, nobody = member(archive, "Ann"), guest(archive)
    base = ann.post(title="base", freeforms=["Rare", "Common"])
    ann.post(title="rare", fandoms=["Other"], freeforms=["Rare"])
    ann.post(title="common", fandoms=["Other"], freeforms=["Common"])
    ann.post(title="both", freeforms=["Rare", "Common"])
    ann.post(title="registered", freeforms=["Rare", "Common"], visibility="registered")
    ann.post(title="draft", freeforms=["Rare", "Common"], state="draft")
    ann.post(title="unlike", fandoms=["Another"])
    for n in range(3):
        ann.post(title=f"common {n}", fandoms=["Other"], freeforms=["Common"])
    archive.settle()
    path = f"/works/{base['id']}/similar"
    found = nobody.get(path)
    assert [item["work"]["title"] for item in found["items"]][:3] == ["both", "rare", "common 2"]
    assert {item["work"]["title"] for item in found["items"]}.isdisjoint({"base", "unlike", "draft", "registered"})
    assert [tag["name"] for tag in found["items"][0]["shared_tags"]] == ["Test", "Rare", "Common"]
    assert [tag["name"] for tag in found["items"][1]["shared_tags"]] == ["Rare"]
    assert len(ann.get(f"{path}?limit=2")["items"]) == 2
    assert {item["work"]["title"] for item in ann.get(path)["items"]} >= {"registered"}
    assert nobody.get(f"/works/{base['id'] + 5}/similar", 404)["code"] == "work-not-found"
    SimilarWorks.model_validate(found)


def test_a_work_that_became_public_while_it_was_hidden_is_gone_when_deleted(archive: TestArchive) -> None:
    ann, mod = member(archive, "Ann"), moderator(archive)
    path = f"/works/{ann.post(visibility='registered')['id']}"
    mod.done("POST", f"{path}/hide", {"reason": "x"}, 204)
    ann.done("PATCH", path, {"visibility": "public"})
    mod.done("POST", f"{path}/unhide", status=204)
    assert guest(archive).get(path)["title"] == "Lanterns"
    ann.done("DELETE", path)
    assert guest(archive).get(path, 410)["code"] == "work-gone"
