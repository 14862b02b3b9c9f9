"""Operators' tokens: who they make a caller, what they open, and that a revoked one is worthless at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.commands import issue_token, revoke_operator_token
from app.accounts.commands.accounts import invite
from app.accounts.errors import AccountSuspended, EmailUnconfirmed, InsufficientScope
from app.accounts.rules import GUEST, ROLES, SCOPES, Viewer, has_right, is_admin, is_moderator, require_scope
from app.accounts.tokens import hash_token, make_token
from app.config import Settings
from app.db.engine import Database
from app.errors import Unauthenticated
from app.models import Invitation, PrivilegedAct, Token
from tests.conftest import TestArchive
from tests.test_migrations import fanarchive

REGISTERED = {
    "title": "For members",
    "key": "r",
    "fandoms": ["Test"],
    "visibility": "registered",
    "chapters": [{"content": "<p>Lanterns.</p>"}],
}


def token(archive: TestArchive, *scopes: str, **members: Any) -> str:
    with archive.database.write() as session:
        return issue_token(session, kind="operator", name="ops", scopes=scopes or ["read"], **members).text


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_a_token_is_checked_before_the_database_is_asked() -> None:
    made = make_token()
    assert re.fullmatch(r"ffa_pat_[A-Za-z0-9_-]{49}", made)
    assert hash_token(made) is not None
    assert hash_token(made[:-1]) is None
    swapped = ("x" if made[20] != "x" else "y").join((made[:20], made[21:]))
    assert hash_token(swapped) is None
    assert make_token() != made


def test_what_is_for_registered_readers_opens_with_a_token(archive: TestArchive) -> None:
    archive.add(REGISTERED)
    text = token(archive)
    paths = ["/v1/works/1", "/v1/works/1/chapters", "/v1/works/1/chapters/1", "/v1/chapters/1", "/v1/series?limit=1"]
    for path in paths[:-1]:
        assert archive.client.get(path).status_code == 403
    for path in paths:
        answer = archive.client.get(path, headers=bearer(text))
        assert answer.status_code == 200, path
        assert "Authorization" in answer.headers["vary"]
    for path in (
        "/v1/works",
        "/v1/passages?text=lanterns",
        "/v1/tags",
        "/v1/authors",
        "/v1/fandoms",
        "/v1/works?ids=1",
    ):
        assert len(archive.client.get(path, headers=bearer(text)).json()["items"]) == 1, path
        assert not archive.get(path)["items"], path
    found = archive.client.post("/v1/works/search", json={}, headers=bearer(text)).json()
    assert found["total"] == 1


@pytest.mark.parametrize(
    "header",
    [
        "Basic YTpi",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "ffa_pat_x",
        "Bearer ffa_pat_\xff",
        "Bearer of a token unknown here",
    ],
)
def test_a_bad_token_is_never_a_guest(archive: TestArchive, header: str) -> None:
    header = header.replace("of a token unknown here", make_token())
    for path in ("/v1/works", "/v1/tags", "/metrics"):
        refused = archive.client.get(path, headers={"Authorization": header.encode("latin-1")})
        assert refused.status_code == 401, path
        assert refused.json()["code"] == "unauthenticated"
        assert refused.headers["www-authenticate"] == 'Bearer realm="fanarchive", error="invalid_token"'
        assert header.encode("latin-1")[-8:] not in refused.content or len(header) < 10


def test_revoked_and_expired_tokens_are_bad_at_once(archive: TestArchive) -> None:
    text, late = token(archive), token(archive, expires_at=datetime.now(UTC) + timedelta(days=1))
    for one in (text, late):
        assert archive.client.get("/v1/works", headers=bearer(one)).status_code == 200
    other_process = Database(archive.settings)
    with other_process.write() as session:
        assert revoke_operator_token(session, token_id=1)
        assert not revoke_operator_token(session, token_id=1)
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(Token).where(Token.id == 2).values(expires_at=past))
    other_process.dispose()
    for one in (text, late):
        assert archive.client.get("/v1/works", headers=bearer(one)).status_code == 401


def test_the_scheme_is_not_case_sensitive(archive: TestArchive) -> None:
    text = token(archive)
    assert archive.client.get("/v1/works", headers={"Authorization": f"bEARER  {text}"}).status_code == 200


def test_use_is_noted_once_an_hour(archive: TestArchive) -> None:
    text = token(archive)
    uses = archive.client.app_state["token_uses"]
    archive.client.get("/v1/works", headers=bearer(text))
    uses.write()
    first = last_used(archive)
    assert first is not None
    archive.client.get("/v1/works", headers=bearer(text))
    uses.write()
    assert last_used(archive) == first
    with archive.database.write() as session:
        session.execute(update(Token).values(last_used_at=first - timedelta(hours=2)))
    archive.client.get("/v1/works", headers=bearer(text))
    uses.write()
    again = last_used(archive)
    assert again is not None
    assert again > first


def last_used(archive: TestArchive) -> datetime | None:
    with archive.database.read() as session:
        return session.scalars(select(Token.last_used_at)).one()


def test_metrics_are_for_admins(archive: TestArchive) -> None:
    refused = archive.client.get("/metrics")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    lacking = archive.client.get("/metrics", headers=bearer(token(archive, "read", "moderate")))
    assert (lacking.status_code, lacking.json()["code"]) == (403, "insufficient-scope")
    assert 'error="insufficient_scope", scope="admin"' in lacking.headers["www-authenticate"]
    shown = archive.client.get("/metrics", headers=bearer(token(archive, "admin")))
    assert shown.status_code == 200
    assert "fanarchive_requests_total" in shown.text


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("held", SCOPES)
def test_a_right_is_scope_and_role(role: str | None, scope: str, held: str) -> None:
    viewer = Viewer(signed_in=True, account_id=role and 1, token_id=1, role=role, scopes=frozenset({held}))
    rank = {"wrangle": 1, "moderate": 2, "admin": 3}
    role_holds = role is None or ROLES.index(role) >= rank.get(scope, 0)
    full = held == "admin" and (role is None or role == "admin")
    assert has_right(viewer, scope) == (role_holds and (held == scope or full))
    assert is_moderator(viewer) == has_right(viewer, "moderate")
    assert is_admin(viewer) == has_right(viewer, "admin")


def test_who_may_not_is_told_why() -> None:
    with pytest.raises(Unauthenticated):
        require_scope(GUEST, "read")
    member = Viewer(signed_in=True, account_id=1, role="member", scopes=frozenset({"write", "wrangle"}))
    require_scope(member, "write")
    with pytest.raises(InsufficientScope, match="the role `wrangler`"):
        require_scope(member, "wrangle")
    for barred, error in (("suspended", AccountSuspended), ("unconfirmed", EmailUnconfirmed)):
        held = Viewer(signed_in=True, account_id=1, role="admin", scopes=frozenset(SCOPES), barred=barred)  # type: ignore[arg-type]
        require_scope(held, "read")
        with pytest.raises(error):
            require_scope(held, "write")
        assert not is_moderator(held)
        assert not is_admin(held)


def test_the_command_makes_lists_and_revokes(tmp_path: Path) -> None:
    made = fanarchive(tmp_path, "token", "create", "--scope", "write", "--scope", "read", "--name", "nightly")
    assert made.returncode == 0, made.stderr
    text = made.stdout.splitlines()[-1]
    assert hash_token(text) is not None
    listed = fanarchive(tmp_path, "token", "list").stdout
    assert "nightly" in listed
    assert "read write" in listed
    assert text not in listed
    database = Database(Settings(data_dir=tmp_path))
    with database.read() as session:
        row = session.scalars(select(Token)).one()
        assert (row.hash, row.scopes, row.expires_at) == (hash_token(text), ["read", "write"], None)
    database.dispose()
    assert fanarchive(tmp_path, "token", "create", "--scope", "rule").returncode == 2
    assert fanarchive(tmp_path, "token", "create").returncode == 2
    assert fanarchive(tmp_path, "token", "revoke", "1").returncode == 0
    assert fanarchive(tmp_path, "token", "revoke", "1").returncode == 2
    assert "revoked" in fanarchive(tmp_path, "token", "list").stdout


def test_what_has_ended_goes(archive: TestArchive) -> None:
    now = datetime.now(UTC)
    with archive.database.write() as session:
        for days in (-31, -29, 1):
            issue_token(
                session, kind="operator", name=str(days), scopes=["read"], expires_at=now + timedelta(days=days)
            )
        issue_token(session, kind="operator", name="for ever", scopes=["read"])
        invite(session, days=-1)
        invite(session, days=1)
    archive.client.app_state["token_uses"].tidy()
    with archive.database.read() as session:
        assert session.scalars(select(Token.name).order_by(Token.id)).all() == ["-29", "1", "for ever"]
        assert len(session.scalars(select(Invitation.id)).all()) == 1


def test_revoking_an_operators_token_is_logged(archive: TestArchive) -> None:
    with archive.database.write() as session:
        made = issue_token(session, kind="operator", name="nightly", scopes=["read"])
        assert revoke_operator_token(session, token_id=made.id)
    with archive.database.read() as session:
        act = session.scalars(select(PrivilegedAct)).one()
    assert (act.act, act.subject, act.subject_id, act.by) == ("revoke-token", "token", made.id, "command line")
