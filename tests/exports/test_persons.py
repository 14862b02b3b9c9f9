"""Everything that the archive knows of a person, and nothing of anybody else."""

from __future__ import annotations

from typing import Any

import orjson

from app.formats.record import parse_record
from tests.accounts.people import PASSWORD, register
from tests.conftest import TestArchive
from tests.writing import TEXT, guest, member, moderator, operator


def test_a_person_gets_all_that_is_theirs(archive: TestArchive) -> None:
    ann, ben, mod = member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    shown = ann.post("One", title="Shown")["id"]
    ann.done("PATCH", f"/works/{shown}/chapters/1", {"content": f"{TEXT}<p>More.</p>"})
    ann.done("POST", f"/works/{shown}/chapters", {"title": "Draft", "content": TEXT, "state": "draft"})
    hidden = ann.post(title="Hidden", consent={"download": "no"})["id"]
    gone = ann.post(title="Gone")["id"]
    ann.post(title="Veiled", anonymous=True)
    mod.done("POST", f"/works/{hidden}/hide", {"reason": "Why"}, 204)
    ann.done("DELETE", f"/works/{gone}")
    ann.done("POST", "/series", {"title": "Mine"})
    other = ben.post(title="Of another")["id"]
    archive.settle()
    ann.done("POST", f"/works/{other}/kudos", None, 204)
    ann.send("POST", "/reports", {"subject": "work", "subject_id": other, "reason": "Spam"})
    ben.send("POST", f"/works/{other}/invitations", {"author_id": ann.author_id})
    response = ann.send("GET", "/me/export")
    assert response.status_code == 200, response.text
    assert "attachment" in response.headers["content-disposition"]
    found: dict[str, Any] = response.json()
    assert (found["account"]["login"], found["account"]["role"]) == ("Ann", "member")
    assert [work["title"] for work in found["works"]] == ["Shown", "Hidden", "Gone", "Veiled"]
    first = found["works"][0]
    assert [chapter["state"] for chapter in first["chapters"]] == ["published", "draft"]
    assert [(one["position"], one["revision"]) for one in first["revisions"]] == [(1, 1)]
    assert [one["name"] for one in found["works"][3]["authors"]] == ["Ann"]
    for section, count in {"authors": 1, "tokens": 1, "series": 1, "kudos": 1, "reports": 1, "invitations": 1}.items():
        assert len(found[section]) == count, section
    assert [one["kind"] for one in found["notices"]] == ["work-hidden", "byline-invited"]
    assert "Of another" not in response.text
    for work in found["works"]:
        members = {name: value for name, value in work.items() if name not in {"revisions", "state"}}
        assert parse_record(orjson.dumps(members)).title == work["title"]


def test_secrets_are_not_in_it(archive: TestArchive) -> None:
    ann = register(archive.client, "ann", email="ann@example.org")
    response = archive.client.get("/v1/me/export", headers={"Authorization": f"Bearer {ann.token}"})
    assert response.json()["account"]["email"] == "ann@example.org"
    assert PASSWORD not in response.text
    assert "argon2" not in response.text
    assert "hash" not in response.text


def test_it_is_for_accounts(archive: TestArchive) -> None:
    assert guest(archive).send("GET", "/me/export").status_code == 401
    assert operator(archive, "admin").send("GET", "/me/export").json()["code"] == "no-account"


def test_acts_under_a_shared_name_are_told_to_nobody_who_could_not_read_them(archive: TestArchive) -> None:
    work = member(archive, "Ann").post()["id"]
    operator(archive, "moderate").done("POST", f"/works/{work}/hide", {"reason": "Secret"}, 204)
    namesake, mod = member(archive, "op"), moderator(archive)
    assert "Secret" not in namesake.send("GET", "/me/export").text
    assert "privileged_acts" not in namesake.get("/me/export")
    mod.done("POST", f"/works/{work}/unhide", None, 204)
    assert [act["act"] for act in mod.get("/me/export")["privileged_acts"]] == ["unhide"]
