"""Reports and their decisions, the log of privileged acts, notices, and suspending over the API."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.commands.accounts import grant_role
from app.moderation.schemas import Log, NoticeList, Receipt, ReportList
from tests.accounts.people import register
from tests.conftest import TestArchive
from tests.writing import Caller, guest, member, moderator, operator


def report(caller: Caller, subject: str, subject_id: int, status: int = 201, reason: str = " Spam ") -> Any:
    body = {"subject": subject, "subject_id": subject_id, "reason": reason}
    response = caller.send("POST", "/reports", body)
    assert response.status_code == status, response.text
    return response.json()


def account_id(caller: Caller) -> int:
    found: int = caller.get("/me")["id"]
    return found


def logged(caller: Caller) -> list[tuple[str, str, str, int, str]]:
    """The log, oldest first."""
    page = caller.get("/moderation/log?limit=100")
    Log.model_validate(page, strict=True, extra="forbid")
    return [tuple(item[name] for name in ("by", "act", "subject", "subject_id", "reason")) for item in
            reversed(page["items"])]  # fmt: skip


def test_a_report_is_made_read_and_decided_once(archive: TestArchive) -> None:
    ann, ben, mod = member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    work = ann.post()
    chapter = ann.get(f"/works/{work['id']}/chapters")["items"][0]["id"]
    archive.settle()
    receipt = report(ben, "work", work["id"])
    Receipt.model_validate(receipt, strict=True, extra="forbid")
    assert (receipt["reason"], receipt["subject_id"]) == ("Spam", work["id"])
    report(guest(archive), "chapter", chapter)
    report(guest(archive), "author", ann.author_id)
    page = mod.get("/moderation/reports?state=open")
    ReportList.model_validate(page, strict=True, extra="forbid")
    assert [(one["subject"], one["by"]) for one in page["items"]] == [
        ("author", None),
        ("chapter", None),
        ("work", "Ben"),
    ]
    path = f"/moderation/reports/{receipt['id']}/close"
    for caller, status in ((guest(archive), 401), (ben, 403)):
        assert caller.refused("POST", path, {"decision": "upheld"}, status)
        assert caller.get("/moderation/reports", status)
        assert caller.get("/moderation/log", status)
    assert mod.places("POST", path, {"decision": "uphelt"}) == [("/decision", "bad-value")]
    closed = mod.send("POST", path, {"decision": "upheld", "note": "Seen"}).json()
    assert (closed["state"], closed["decision"], closed["note"], closed["closed_by"]) == (
        "closed", "upheld", "Seen", "mod",
    )  # fmt: skip
    assert mod.refused("POST", path, {"decision": "dismissed"}, 409)["code"] == "report-closed"
    assert mod.refused("POST", "/moderation/reports/99/close", {"decision": "dismissed"}, 404)["code"] == "not-found"
    assert [one["id"] for one in mod.get("/moderation/reports?state=closed")["items"]] == [receipt["id"]]
    assert mod.get("/moderation/reports")["total"] == 3
    assert logged(mod) == [("mod", "report-upheld", "report", receipt["id"], "Seen")]


def test_only_what_the_caller_may_read_can_be_reported(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    draft, closed = ann.post(state="draft"), ann.post(visibility="registered")
    chapter = ann.get(f"/works/{draft['id']}/chapters")["items"][0]["id"]
    archive.settle()
    for caller in (guest(archive), ben):
        assert report(caller, "work", draft["id"], 404)["code"] == "work-not-found"
        assert report(caller, "chapter", chapter, 404)
        assert report(caller, "series", 99, 404)
        assert report(caller, "author", ben.author_id + 1, 404)
    assert report(guest(archive), "work", closed["id"], 403)["code"] == "registered-only"
    assert report(guest(archive), "author", ann.author_id, 404)
    report(ben, "author", ann.author_id)
    report(ben, "work", closed["id"])
    assert ben.places("POST", "/reports", {"subject": "tag", "subject_id": 0, "reason": "  "}) == [
        ("/subject", "bad-value"),
        ("/subject_id", "out-of-range"),
        ("/reason", "empty"),
    ]
    assert member(archive, "Cat", scopes=("read",)).refused(
        "POST", "/reports", {"subject": "work", "subject_id": closed["id"], "reason": "x"}, 403
    )


def test_a_report_of_a_closed_account_stays_and_is_nobodys(archive: TestArchive) -> None:
    ann, mod = member(archive, "Ann"), moderator(archive)
    work = ann.post()["id"]
    ben = register(archive.client, "Ben")
    ben.call("POST", "/v1/reports", 201, json={"subject": "work", "subject_id": work, "reason": "x"})
    assert mod.get("/moderation/reports")["items"][0]["by"] == "Ben"
    ben.call("DELETE", "/v1/me", 204)
    assert mod.get("/moderation/reports")["items"][0]["by"] is None


def test_authors_are_told_when_a_work_is_hidden_and_shown(archive: TestArchive) -> None:
    ann, ben, mod = member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    work = ann.post()["id"]
    mod.done("POST", f"/works/{work}/hide", {"reason": "Plagiarised"}, 204)
    mod.done("POST", f"/works/{work}/hide", {"reason": "Copied"}, 204)
    mod.done("POST", f"/works/{work}/unhide", status=204)
    assert mod.refused("POST", f"/works/{work}/unhide", None, 409)
    page = ann.get("/me/notices")
    NoticeList.model_validate(page, strict=True, extra="forbid")
    assert [(one["kind"], one["work_id"], one["text"]) for one in page["items"]] == [
        ("work-shown", work, ""),
        ("work-hidden", work, "Copied"),
        ("work-hidden", work, "Plagiarised"),
    ]
    assert ben.get("/me/notices") == {"items": [], "total": 0, "next": None}
    assert guest(archive).get("/me/notices", 401)
    assert operator(archive, "admin").get("/me/notices", 403)["code"] == "no-account"
    first = ann.get("/me/notices?limit=2")
    second = ann.get(f"/me/notices?limit=2&cursor={first['next']}")
    assert [one["text"] for one in second["items"]] == ["Plagiarised"]
    assert ben.send("GET", f"/me/notices?cursor={first['next']}").status_code == 422
    assert logged(mod) == [
        ("mod", "hide", "work", work, "Plagiarised"),
        ("mod", "hide", "work", work, "Copied"),
        ("mod", "unhide", "work", work, ""),
    ]


def test_a_suspended_account_reads_and_writes_nothing(archive: TestArchive) -> None:
    ann, mod = member(archive, "Ann"), moderator(archive)
    work, who = ann.post()["id"], account_id(ann)
    path = f"/moderation/accounts/{who}"
    assert ann.refused("POST", f"{path}/suspend", {"reason": "x"}, 403)["code"] == "insufficient-scope"
    assert mod.places("POST", f"{path}/suspend", {}) == [("/reason", "missing")]
    assert mod.send("POST", f"{path}/suspend", {"reason": "Spam"}).status_code == 204
    assert ann.get("/me")["suspended"]["reason"] == "Spam"
    assert ann.get(f"/works/{work}")["id"] == work
    assert ann.refused("PATCH", f"/works/{work}", {"title": "x"}, 403)["code"] == "account-suspended"
    assert report(ann, "work", work, 403)["code"] == "account-suspended"
    assert mod.send("POST", f"{path}/unsuspend").status_code == 204
    assert ann.done("PATCH", f"/works/{work}", {"title": "Mended"})["title"] == "Mended"
    assert mod.refused("POST", "/moderation/accounts/999/suspend", {"reason": "x"}, 404)
    assert logged(mod) == [("mod", "suspend", "account", who, "Spam"), ("mod", "unsuspend", "account", who, "")]


@pytest.mark.parametrize("act", ["suspend", "unsuspend"])
def test_moderators_are_suspended_by_admins_alone(archive: TestArchive, act: str) -> None:
    mod, other, admin = moderator(archive), moderator(archive, "other"), operator(archive, "admin")
    body = {"reason": "x"} if act == "suspend" else None
    for who in (account_id(mod), account_id(other)):
        refused = mod.refused("POST", f"/moderation/accounts/{who}/{act}", body, 403)
        assert refused["code"] == "not-suspendable"
    assert logged(admin) == []
    assert admin.send("POST", f"/moderation/accounts/{account_id(other)}/{act}", body).status_code == 204
    # Who is not suspended is not let go either.
    assert [row[:2] for row in logged(admin)] == ([("op", act)] if act == "suspend" else [])


def test_what_an_admin_changes_of_others_is_logged(archive: TestArchive) -> None:
    ann, admin = member(archive, "Ann"), operator(archive, "admin")
    work = ann.post()["id"]
    ann.done("PATCH", f"/works/{work}", {"title": "Mine"})
    assert logged(admin) == []
    admin.done("PATCH", f"/works/{work}", {"title": "Theirs"})
    assert admin.refused("PATCH", f"/works/{work}", {"title": "Stale"}, 412, '"1.x"')
    assert admin.send("PATCH", f"/authors/{ann.author_id}", {"name": "Anna"}).status_code == 200
    series = ann.done("POST", "/series", {"title": "Nights"})["id"]
    admin.done("PATCH", f"/series/{series}", {"title": "Days"})
    with archive.database.write() as session:
        assert grant_role(session, login="ann", role="wrangler")
    assert logged(admin) == [
        ("op", "change-work", "work", work, ""),
        ("op", "change-author", "author", ann.author_id, ""),
        ("op", "change-series", "series", series, ""),
        ("command line", "grant-role", "account", account_id(ann), "wrangler"),
    ]
