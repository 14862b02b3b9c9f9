"""Claiming an imported author: asked for, shown, decided by a moderator, and then one's own."""

from __future__ import annotations

from typing import Any

import pytest

from app.moderation.schemas import Claim, ClaimList
from tests.conftest import TestArchive, works
from tests.writing import TEXT, Caller, guest, member, moderator

SOURCE = {"site": "example.org", "id": "1"}


def brought(archive: TestArchive, **members: Any) -> int:
    """Two works of an imported author, one of them with another; the author's id."""
    archive.add(
        *works("Alone", authors=["Zed"], source=SOURCE, chapters=[{"content": TEXT}], **members),
        *works("Together", authors=["Zed", "Yan"], source={"site": "example.org", "id": "2"}),
    )
    found: int = archive.get("/v1/authors", q="Zed")["items"][0]["id"]
    return found


def claim(caller: Caller, author_id: int, status: int = 201, **members: Any) -> Any:
    body = {"author_id": author_id, "evidence": "My mail there"} | members
    response = caller.send("POST", "/claims", body)
    assert response.status_code == status, response.text
    return response.json()


def test_a_trial_shows_what_a_claim_would_do(archive: TestArchive) -> None:
    zed, ann = brought(archive), member(archive, "Ann")
    trial = claim(ann, zed, 200, dry_run=True, works="delete")
    assert Claim.model_validate(trial, strict=True, extra="forbid")
    assert (trial["state"], trial["works_count"], trial["author"]["site"]) == ("trial", 2, "example.org")
    assert [one["title"] for one in trial["examples"]] == ["Together", "Alone"]
    assert ann.get("/me/claims")["total"] == 0


def test_a_granted_author_is_a_pen_name_and_an_import_leaves_its_works(archive: TestArchive) -> None:
    zed, ann, mod = brought(archive), member(archive, "Ann"), moderator(archive)
    made = claim(ann, zed)
    assert claim(ann, zed, 409)["code"] == "claimed-already"
    waiting = mod.get("/moderation/claims?state=open")
    assert ClaimList.model_validate(waiting, strict=True, extra="forbid")
    assert [(one["by"], one["evidence"]) for one in waiting["items"]] == [("Ann", "My mail there")]
    assert mod.get(f"/moderation/claims/{made['id']}")["works_count"] == 2
    for caller, status in ((guest(archive), 401), (ann, 403)):
        assert caller.send("POST", f"/moderation/claims/{made['id']}/grant", {}).status_code == status
        assert caller.send("GET", "/moderation/claims").status_code == status
    granted = mod.send("POST", f"/moderation/claims/{made['id']}/grant", {"note": "Welcome"})
    assert (granted.status_code, granted.json()["state"]) == (200, "granted"), granted.text
    assert [author["name"] for author in ann.get("/me")["authors"]] == ["Ann", "Zed"]
    assert [author["name"] for author in ann.post()["authors"]] == ["Ann"], "the name of her own is still the first"
    ann.done("PATCH", "/works/1", {"title": "Mine"})
    assert [(one["kind"], one["text"]) for one in ann.get("/me/notices")["items"]] == [("claim-granted", "Welcome")]
    logged = mod.get("/moderation/log")["items"][0]
    assert (logged["act"], logged["subject"], logged["subject_id"]) == ("claim-granted", "author", zed)
    archive.add(*works("Alone again", authors=["Zed"], source=SOURCE))
    assert archive.rows[0].outcome == "unchanged"
    assert archive.get("/v1/works/1")["title"] == "Mine"
    assert claim(ann, zed, 409)["code"] == "not-claimable"
    again = mod.send("POST", f"/moderation/claims/{made['id']}/refuse", {})
    assert again.json()["code"] == "claim-decided"


@pytest.mark.parametrize("what", ["orphan", "delete"])
def test_works_can_be_let_go(archive: TestArchive, what: str) -> None:
    zed, ann, mod = brought(archive), member(archive, "Ann"), moderator(archive)
    made = claim(ann, zed, works=what)
    done = mod.send("POST", f"/moderation/claims/{made['id']}/grant", {})
    assert done.status_code == 200, done.text
    assert int(done.headers["archive-change"]) > 0
    archive.settle()
    assert [author["name"] for author in archive.get("/v1/works/2")["authors"]] == ["Yan"]
    if what == "delete":
        assert guest(archive).send("GET", "/works/1").status_code == 410
        archive.add(*works("Alone", authors=["Zed"], source=SOURCE))
        assert (archive.rows[0].problem or {})["code"] == "withdrawn"
    else:
        assert [author["name"] for author in archive.get("/v1/works/1")["authors"]] == ["orphan_account"]


def test_a_refused_or_dropped_claim_changes_nothing(archive: TestArchive) -> None:
    zed, ann, ben, mod = brought(archive), member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    dropped, refused = claim(ann, zed), claim(ben, zed)
    assert ben.send("DELETE", f"/me/claims/{dropped['id']}").status_code == 404
    assert ann.send("DELETE", f"/me/claims/{dropped['id']}").status_code == 204
    done = mod.send("POST", f"/moderation/claims/{refused['id']}/refuse", {"note": "No proof"})
    assert (done.json()["state"], done.json()["note"]) == ("refused", "No proof")
    assert ben.send("DELETE", f"/me/claims/{refused['id']}").json()["code"] == "claim-decided"
    assert [one["state"] for one in ben.get("/me/claims")["items"]] == ["refused"]
    assert [author["name"] for author in ben.get("/me")["authors"]] == ["Ben"]
    assert claim(ann, ben.author_id, 404)["code"], "nobody knows of a pen name without works"
    ben.post()
    archive.settle()
    assert claim(ann, ben.author_id, 409)["code"] == "not-claimable"


def test_secret_works_are_not_told_to_whoever_claims(archive: TestArchive) -> None:
    zed, ann, mod = brought(archive), member(archive, "Ann"), moderator(archive)
    mod.done("POST", "/works/1/hide", {"reason": "x"}, 204)
    assert claim(ann, zed, 200, dry_run=True)["works_count"] == 1
    assert mod.get(f"/moderation/claims/{claim(ann, zed)['id']}")["works_count"] == 2
