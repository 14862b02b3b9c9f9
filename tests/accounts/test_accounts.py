"""Accounts over HTTP: registering, signing in and out, tokens, roles, suspension."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from starlette.testclient import TestClient

from app.accounts import answers
from app.accounts.commands.accounts import grant_role, invite, lift_suspension, suspend
from app.accounts.errors import WrongCredentials
from app.accounts.queries import credentials_of
from app.accounts.rules import SCOPES, Viewer
from app.accounts.schemas import Account as AccountShape
from app.accounts.schemas import NewAccount, NewToken, Session, TokenList
from app.config import Settings
from app.db.engine import Database
from app.errors import Unauthenticated
from app.main import create_app
from app.models import Account, Author, Token
from tests.accounts.people import PASSWORD, register, sign_in
from tests.conftest import PASSWORDS, TestArchive
from tests.test_migrations import FANARCHIVE, fanarchive


@contextmanager
def serving(settings: Settings, **changed: Any) -> Iterator[TestClient]:
    with TestClient(create_app(settings.model_copy(update=changed)), raise_server_exceptions=False) as client:
        yield client


def in_database(settings: Settings, act: Any) -> Any:
    database = Database(settings)
    with database.write() as session:
        result = act(session)
    database.dispose()
    return result


def hashing(settings: Settings) -> str:
    """What hashes of passwords begin with."""
    return f"$argon2id$v=19$m={settings.password_memory_kib},t={settings.password_time_cost},p=1"


def test_an_account_comes_with_a_pen_name(archive: TestArchive) -> None:
    body = {"login": "Ann", "password": PASSWORD, "email": "ann@example.org"}
    made = archive.client.post("/v1/accounts", json=body)
    assert made.status_code == 201
    account = made.json()
    assert account == {"id": 1, "login": "Ann", "authors": [{"id": 1, "name": "Ann"}]}
    assert NewAccount.model_validate(account)
    with archive.database.read() as session:
        stored = session.scalars(select(Account)).one()
        author = session.scalars(select(Author)).one()
    assert (stored.login_key, stored.email_key, stored.role) == ("ann", "ann@example.org", "member")
    assert (author.account_id, author.site) == (1, None)
    assert stored.password_hash is not None
    assert stored.password_hash.startswith(f"{hashing(archive.settings)}$")
    assert PASSWORD not in stored.password_hash
    again = archive.client.post("/v1/accounts", json=body | {"login": "aNN"})
    assert (again.status_code, again.json()["code"]) == (409, "login-taken")
    same_address = archive.client.post("/v1/accounts", json=body | {"login": "Ben"})
    assert same_address.status_code == 201


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("login", "a"), ("login", "a b"), ("login", "-a"), ("login", "ärger"), ("login", "x" * 41), ("login", 7),
        ("login", "operator"), ("password", "short"), ("password", "x" * 1001), ("password", None),
        ("email", "nobody"), ("email", "a@b\r\nBcc: c@d"), ("email", f"{'x' * 250}@example.org"), ("role", "admin"),
    ],
)  # fmt: skip
def test_a_bad_member_is_named_and_not_echoed(archive: TestArchive, member: str, value: Any) -> None:
    body = {"login": "ann", "password": PASSWORD, "email": "ann@example.org"} | {member: value}
    refused = archive.client.post("/v1/accounts", json=body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"/{member}"]
    assert len(str(value)) < 3 or member in {"role", "login"} or str(value) not in refused.text
    for missing in ("login", "password"):
        partly = {name: "ann-and-ben" for name in ("login", "password") if name != missing}
        problem = archive.client.post("/v1/accounts", json=partly).json()
        assert problem["errors"] == [{"pointer": f"/{missing}", "code": "missing", "detail": "It is needed."}]


def test_signing_in_and_out(archive: TestArchive) -> None:
    ann = register(archive.client, "ann")
    session = archive.client.post("/v1/sessions", json={"login": "ANN", "password": PASSWORD})
    assert session.headers["cache-control"] == "no-store"
    body = session.json()
    assert Session.model_validate(body)
    assert body["account"] == {"id": 1, "login": "ann", "authors": [{"id": 1, "name": "ann"}]}
    lasts = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < lasts <= timedelta(days=30)
    me = ann.call("GET", "/v1/me")
    assert AccountShape.model_validate(me)
    assert (me["login"], me["email"], me["role"]) == ("ann", None, "member")
    assert me["scopes"] == ["read", "write", "import"]
    ann.call("DELETE", "/v1/sessions/current", 204)
    ann.call("GET", "/v1/me", 401)
    assert archive.client.get("/v1/me", headers={"Authorization": f"Bearer {body['token']}"}).status_code == 200
    assert archive.client.get("/v1/me").status_code == 401


def test_nothing_says_whether_a_login_is_known(archive: TestArchive) -> None:
    register(archive.client, "ann")
    tried = [
        archive.client.post("/v1/sessions", json={"login": login, "password": password})
        for login, password in (("ann", "wrong wrong"), ("nobody", "wrong wrong"), ("nobody", PASSWORD), ("?", "x"))
    ]
    assert {answer.status_code for answer in tried} == {401}
    bodies = [{**answer.json(), "request_id": ""} for answer in tried]
    assert bodies == [bodies[0]] * 4
    assert bodies[0]["code"] == "wrong-credentials"
    headers = [dict(answer.headers) | {"x-request-id": ""} for answer in tried]
    assert headers == [headers[0]] * 4
    assert tried[0].headers["www-authenticate"].startswith("Bearer")


def test_an_unknown_login_costs_the_same_hash(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are too noisy to compare; that the same function does the same work is not."""
    register(archive.client, "ann")
    passwords = archive.client.app_state["passwords"]
    compared: list[str] = []
    verify = passwords._hasher.verify_and_update

    def note(password: str, stored: str) -> Any:
        compared.append(stored.rpartition("$")[0].rpartition("$")[0])
        return verify(password, stored)

    monkeypatch.setattr(passwords._hasher, "verify_and_update", note)
    for login in ("ann", "nobody"):
        archive.client.post("/v1/sessions", json={"login": login, "password": "wrong wrong"})
    assert compared == [hashing(archive.settings)] * 2


def test_a_deleted_account_cannot_sign_in_and_its_tokens_are_bad(archive: TestArchive) -> None:
    ann = register(archive.client, "ann")
    with archive.database.write() as session:
        session.execute(update(Account).values(deleted_at=datetime.now(UTC)))
    ann.call("GET", "/v1/me", 401)
    refused = archive.client.post("/v1/sessions", json={"login": "ann", "password": PASSWORD})
    assert refused.status_code == 401


def test_a_token_can_do_no_more_than_its_maker(archive: TestArchive) -> None:
    ann = register(archive.client, "ann")
    made = ann.call("POST", "/v1/me/tokens", 201, json={"name": "phone", "scopes": ["write", "read"]})
    assert NewToken.model_validate(made)
    assert (made["name"], made["scopes"], made["expires_at"]) == ("phone", ["read", "write"], None)
    listed = ann.call("GET", "/v1/me/tokens")
    assert TokenList.model_validate(listed)
    assert [item["kind"] for item in listed["items"]] == ["session", "personal"]
    assert made["token"] not in str(listed)
    phone = type(ann)(archive.client, "ann", made["token"])
    assert phone.call("GET", "/v1/me")["scopes"] == ["read", "write"]
    problem = phone.call("POST", "/v1/me/tokens", 403, json={"name": "x", "scopes": ["import"]})
    assert problem["code"] == "insufficient-scope"
    ann.call("POST", "/v1/me/tokens", 403, json={"name": "x", "scopes": ["wrangle"]})
    ann.call("POST", "/v1/me/tokens", 422, json={"name": "x", "scopes": ["rule"]})
    ann.call("POST", "/v1/me/tokens", 422, json={"name": "x", "scopes": ["read"], "expires_at": "2020-01-01"})
    reader = ann.call("POST", "/v1/me/tokens", 201, json={"name": "x", "scopes": ["read"], "expires_at": "2099-01-01"})
    assert reader["expires_at"] == "2099-01-01T00:00:00Z"
    only_reads = type(ann)(archive.client, "ann", reader["token"])
    only_reads.call("POST", "/v1/me/tokens", 403, json={"name": "y", "scopes": ["read"]})
    only_reads.call("DELETE", f"/v1/me/tokens/{made['id']}", 403)
    ann.call("DELETE", f"/v1/me/tokens/{made['id']}", 204)
    phone.call("GET", "/v1/me", 401)
    ann.call("DELETE", f"/v1/me/tokens/{made['id']}", 404)


def test_tokens_of_others_are_not_there(archive: TestArchive) -> None:
    ann, ben = register(archive.client, "ann"), register(archive.client, "ben")
    made = ann.call("POST", "/v1/me/tokens", 201, json={"name": "phone", "scopes": ["read"]})
    ben.call("DELETE", f"/v1/me/tokens/{made['id']}", 404)
    assert len(ben.call("GET", "/v1/me/tokens")["items"]) == 1
    assert len(ann.call("GET", "/v1/me/tokens")["items"]) == 2


def test_a_session_that_was_answered_is_not_answered_again(archive: TestArchive) -> None:
    register(archive.client, "ann")
    body, key = {"login": "ann", "password": PASSWORD}, {"Idempotency-Key": "in"}
    assert archive.client.post("/v1/sessions", json=body, headers=key).status_code == 201
    again = archive.client.post("/v1/sessions", json=body, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "already-answered")
    made = [archive.client.post("/v1/accounts", json={**body, "login": "ben"}, headers=key) for _ in range(2)]
    assert [answer.json()["code"] for answer in made] == ["idempotency-key-reused"] * 2


def test_another_password_ends_the_other_sessions(archive: TestArchive) -> None:
    here = register(archive.client, "ann")
    there = sign_in(archive.client, "ann")
    script = here.call("POST", "/v1/me/tokens", 201, json={"name": "script", "scopes": ["read"]})
    wrong = here.call("PATCH", "/v1/me", 403, json={"current_password": "wrong wrong", "password": "another one"})
    assert wrong["code"] == "wrong-password"
    there.call("GET", "/v1/me")
    here.call("PATCH", "/v1/me", json={"current_password": PASSWORD, "password": "another one"})
    there.call("GET", "/v1/me", 401)
    here.call("GET", "/v1/me")
    type(here)(archive.client, "ann", script["token"]).call("GET", "/v1/me")
    old = archive.client.post("/v1/sessions", json={"login": "ann", "password": PASSWORD})
    assert old.status_code == 401
    sign_in(archive.client, "ann", "another one")
    here.call("PATCH", "/v1/me", 422, json={"password": "another one"})
    here.call("PATCH", "/v1/me", 422, json={"current_password": PASSWORD, "login": "bob"})


def test_roles_work_at_once(archive: TestArchive) -> None:
    ann = register(archive.client, "ann")
    with archive.database.write() as session:
        assert grant_role(session, login="Ann", role="moderator")
        assert not grant_role(session, login="nobody", role="moderator")
    me = ann.call("GET", "/v1/me")
    assert (me["role"], me["scopes"]) == ("moderator", ["read", "write", "import", "wrangle", "moderate"])


def test_a_suspended_account_reads_and_writes_nothing(archive: TestArchive) -> None:
    ann = register(archive.client, "ann")
    with archive.database.write() as session:
        suspend(session, login="ann", reason="Spam.")
    assert ann.call("GET", "/v1/me")["suspended"]["reason"] == "Spam."
    refused = ann.call("POST", "/v1/me/tokens", 403, json={"name": "x", "scopes": ["read"]})
    assert refused["code"] == "account-suspended"
    ann.call("PATCH", "/v1/me", json={"current_password": PASSWORD, "password": "another one"})
    again = sign_in(archive.client, "ann", "another one")
    with archive.database.write() as session:
        lift_suspension(session, login="ann")
    again.call("POST", "/v1/me/tokens", 201, json={"name": "x", "scopes": ["read"]})


def test_an_operators_token_has_no_account(archive: TestArchive) -> None:
    ann = register(archive.client, "ann")
    with archive.database.write() as session:
        session.execute(delete(Author))
        session.execute(update(Token).values(kind="operator", account_id=None))
    for method, path in (("GET", "/v1/me"), ("GET", "/v1/me/tokens"), ("DELETE", "/v1/me/tokens/1")):
        assert ann.call(method, path, 403)["code"] == "no-account"


def test_registration_by_invitation_and_closed(settings: Settings) -> None:
    code = in_database(settings, lambda session: invite(session, days=1))
    late = in_database(settings, lambda session: invite(session, days=-1))
    body = {"login": "ann", "password": PASSWORD}
    with serving(settings, registration="invite") as client:
        for invitation in ({}, {"invitation": "x"}, {"invitation": late}):
            refused = client.post("/v1/accounts", json=body | invitation)
            assert (refused.status_code, refused.json()["code"]) == (403, "registration-closed")
        taken = client.post("/v1/accounts", json=body | {"invitation": code, "login": "ann"})
        assert taken.status_code == 201
        used = client.post("/v1/accounts", json=body | {"invitation": code, "login": "ben"})
        assert used.status_code == 403
    with serving(settings, registration="closed") as client:
        assert client.post("/v1/accounts", json=body | {"login": "cem"}).status_code == 403


def test_old_hashes_are_made_anew_at_sign_in(settings: Settings) -> None:
    with serving(settings, password_time_cost=1, password_memory_kib=1024) as client:
        register(client, "ann")
    costs = {name: Settings.model_fields[name].default for name in PASSWORDS}
    with serving(settings, **costs) as client:
        sign_in(client, "ann")
        sign_in(client, "ann")
    stored = in_database(settings, lambda session: session.scalars(select(Account.password_hash)).one())
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_command_makes_grants_suspends_and_invites(tmp_path: Path) -> None:
    def with_password(password: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"FANARCHIVE_DATA_DIR": str(tmp_path), "COLUMNS": "200", "PATH": "/usr/bin"}
        command = [FANARCHIVE, "account", "create", *arguments, "--password-stdin"]
        return subprocess.run(
            command, input=password, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    assert with_password(PASSWORD + "\n", "--login", "root", "--role", "admin").returncode == 0
    assert with_password(PASSWORD, "--login", "root").returncode == 2
    assert with_password("short", "--login", "ann").returncode == 2
    assert with_password(PASSWORD, "--login", "ann", "--role", "king").returncode == 2
    assert with_password(PASSWORD, "--login", "ann").returncode == 0
    assert fanarchive(tmp_path, "account", "grant", "ann", "--role", "wrangler").returncode == 0
    assert fanarchive(tmp_path, "account", "grant", "nobody", "--role", "wrangler").returncode == 2
    assert fanarchive(tmp_path, "account", "suspend", "ann", "--reason", "Spam.").returncode == 0
    settings = Settings(data_dir=tmp_path)
    rows = in_database(
        settings, lambda s: s.execute(select(Account.login, Account.role, Account.suspended_reason)).all()
    )
    assert [tuple(row) for row in rows] == [("root", "admin", None), ("ann", "wrangler", "Spam.")]
    assert fanarchive(tmp_path, "account", "restore", "ann").returncode == 0
    invited = fanarchive(tmp_path, "account", "invite", "--count", "2").stdout.splitlines()
    assert len(set(invited)) == 2


def test_a_sign_in_that_a_new_password_overtakes_fails(archive: TestArchive) -> None:
    ann = register(archive.client, "ann")
    with archive.database.reading() as connection:
        known = credentials_of(connection, "ann")
    assert known is not None
    step = answers.sign_in(archive.settings, known, None)
    ann.call("PATCH", "/v1/me", json={"current_password": PASSWORD, "password": "another one"})
    with pytest.raises(WrongCredentials), archive.database.write() as session:
        step(session)


def test_a_token_that_was_ended_meanwhile_makes_no_others(archive: TestArchive) -> None:
    register(archive.client, "ann")
    viewer = Viewer(signed_in=True, account_id=1, token_id=1, role="member", scopes=frozenset(SCOPES), name="ann")
    step = answers.issue(viewer, {"name": "x", "scopes": ["read"]})
    with archive.database.write() as session:
        session.execute(delete(Token))
    with pytest.raises(Unauthenticated), archive.database.write() as session:
        step(session)


def test_one_of_many_gets_the_login(archive: TestArchive) -> None:
    body = {"login": "ann", "password": PASSWORD}
    with ThreadPoolExecutor(8) as pool:
        answered = list(pool.map(lambda _: archive.client.post("/v1/accounts", json=body).status_code, range(8)))
    assert sorted(answered) == [201] + [409] * 7
    with archive.database.read() as session:
        assert len(session.scalars(select(Author)).all()) == 1
