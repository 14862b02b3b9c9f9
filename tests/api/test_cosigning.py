"""Signing a work together: nobody is put on a byline, or taken off it, but by themselves."""

from __future__ import annotations

from typing import Any

from app.works.schemas import BylineInvitation, BylineInvitations
from tests.conftest import TestArchive
from tests.writing import Caller, guest, member


def invite(caller: Caller, work_id: int, author_id: int, status: int = 201) -> Any:
    response = caller.send("POST", f"/works/{work_id}/invitations", {"author_id": author_id})
    assert response.status_code == status, response.text
    return response.json()


def byline(caller: Caller, work_id: int) -> list[str]:
    return [author["name"] for author in caller.get(f"/works/{work_id}")["authors"]]


def test_who_accepts_signs_and_may_edit(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    work = ann.post(title="Together")["id"]
    made = invite(ann, work, ben.author_id)
    assert BylineInvitation.model_validate(made)
    assert invite(ann, work, ben.author_id)["id"] == made["id"], "asking again is the same invitation"
    assert byline(ann, work) == ["Ann"]
    assert ann.get(f"/works/{work}/invitations") == {"items": [made], "total": 1}
    assert BylineInvitations.model_validate(ben.get("/me/invitations")).total == 1
    assert [(one["kind"], one["text"]) for one in ben.get("/me/notices")["items"]] == [("byline-invited", "Ann")]
    assert ben.send("PATCH", f"/works/{work}", {"title": "Mine"}, "*").status_code == 403
    accepted = ben.send("POST", f"/me/invitations/{made['id']}/accept")
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["version"] == 2
    assert byline(guest(archive), work) == ["Ann", "Ben"]
    assert ben.get("/me/invitations")["total"] == 0
    assert [one["kind"] for one in ann.get("/me/notices")["items"]] == ["byline-accepted"]
    ben.done("PATCH", f"/works/{work}", {"title": "Ours"})
    archive.settle()
    assert archive.titles(author="Ben") == ["Ours"]
    assert invite(ann, work, ben.author_id, 409)["code"] == "already-signed"


def test_who_is_not_asked_has_no_say(archive: TestArchive) -> None:
    ann, ben, cy = member(archive, "Ann"), member(archive, "Ben"), member(archive, "Cy")
    work = ann.post(title="Draft", state="draft")["id"]
    made = invite(ann, work, ben.author_id)
    accept = f"/me/invitations/{made['id']}/accept"
    for caller, status in ((cy, 404), (guest(archive), 401)):
        assert caller.send("POST", accept).status_code == status
        assert caller.send("DELETE", f"/me/invitations/{made['id']}").status_code == status
    assert cy.send("GET", f"/works/{work}/invitations").status_code == 404
    assert cy.send("POST", f"/works/{work}/invitations", {"author_id": cy.author_id}).status_code == 404
    assert ben.send("GET", f"/works/{work}").status_code == 404, "an invitation opens no draft"
    assert ann.send("DELETE", f"/works/{work}/invitations/{made['id'] + 1}").status_code == 404
    assert ann.send("DELETE", f"/works/{work}/invitations/{made['id']}").status_code == 204
    assert ben.send("POST", accept).status_code == 404
    made = invite(ann, work, ben.author_id)
    assert ben.send("DELETE", f"/me/invitations/{made['id']}").status_code == 204
    assert byline(ann, work) == ["Ann"]
    problem = ann.refused("PATCH", f"/works/{work}", {"author_ids": [ann.author_id, ben.author_id]}, 422)
    assert "invite" in problem["errors"][0]["detail"]


def test_an_imported_author_has_nobody_to_ask(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    work = ann.post()["id"]
    archive.add({"title": "Brought", "authors": ["Zed"], "fandoms": ["Test"]})
    zed = archive.get("/v1/authors", q="Zed")["items"][0]["id"]
    assert invite(ann, work, zed, 409)["code"] == "not-invitable"
    assert invite(ann, work, 10**9, 409)["code"] == "not-invitable"


def test_a_name_is_taken_off_by_whose_it_is(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    work = ann.post()["id"]
    assert ann.send("DELETE", f"/works/{work}/authors/{ann.author_id}").json()["code"] == "last-author"
    ben.send("POST", f"/me/invitations/{invite(ann, work, ben.author_id)['id']}/accept")
    assert ben.send("DELETE", f"/works/{work}/authors/{ann.author_id}").status_code == 404
    ann.done("DELETE", f"/works/{work}/authors/{ann.author_id}")
    assert byline(guest(archive), work) == ["Ben"]
    assert ann.send("PATCH", f"/works/{work}", {"title": "Mine"}, "*").status_code == 403


def test_who_leaves_is_asked_no_longer(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    work = ann.post(anonymous=True)["id"]
    invite(ann, work, ben.author_id)
    ann.done("DELETE", f"/works/{work}")
    assert ben.get("/me/invitations")["total"] == 0
