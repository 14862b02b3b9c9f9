"""Rate limits: what is counted together, what is told, that processes share, and that nobody locks others out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.accounts.commands import issue_token
from app.accounts.guessing import TRIES, UNDER_ATTACK, Guess, count_failure
from app.accounts.limits import MINUTE
from app.config import Settings
from app.db.engine import Database
from app.jobs.rate_counts import Bucket, add_to_count, counts_of, drop_old_counts
from app.main import create_app
from app.models import RateCount, Token
from tests.accounts.people import PASSWORD, register

WORK = "/v1/works/1"
"""A read; there is no such work, which costs as much."""


@contextmanager
def serving(settings: Settings, address: str = "192.0.2.1", **changed: Any) -> Iterator[TestClient]:
    limited = settings.model_copy(update={"rate_limits": "on", **changed})
    with TestClient(create_app(limited), raise_server_exceptions=False, client=(address, 50000)) as client:
        yield client


def from_address(client: TestClient, address: str) -> TestClient:
    """Another client of the same server."""
    other = copy(client)
    other._transport = copy(client._transport)
    other._transport.client = (address, 50000)  # type: ignore[attr-defined]
    return other


@pytest.fixture(autouse=True)
def _a_minute_with_time_left() -> None:
    """Counts begin anew each minute: a test does not run across that."""
    left = MINUTE - time.time() % MINUTE
    if left < 10:
        time.sleep(left + 0.1)


def test_a_limit_is_told_and_held(settings: Settings) -> None:
    with serving(settings, rate_limit_read=3) as client:
        for left in (2, 1, 0):
            answer = client.get(WORK)
            assert answer.status_code == 404
            assert answer.headers["ratelimit-policy"] == '"read";q=3;w=60'
            assert re.fullmatch(rf'"read";r={left};t=[0-9]+', answer.headers["ratelimit"])
        refused = client.get(WORK)
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["ratelimit"] == f'"read";r=0;t={refused.headers["retry-after"]}'
        assert client.get("/healthz").status_code == 200
        assert "ratelimit" not in client.get("/healthz").headers
        assert client.get("/v1/works?q=x").status_code != 429, "searches are counted for themselves"
        assert from_address(client, "192.0.2.2").get(WORK).status_code == 404


def test_classes(settings: Settings) -> None:
    with serving(settings) as client:
        assert '"search"' in client.get("/v1/works?facets=rating").headers["ratelimit"]
        assert '"search"' in client.get("/v1/passages?text=x").headers["ratelimit"]
        assert '"read"' in client.get("/v1/works?fandom=X").headers["ratelimit"]
        assert '"sign-in"' in client.post("/v1/sessions", json={"login": "x", "password": "x"}).headers["ratelimit"]
        ann = register(client, "ann")
        made = client.post("/v1/me/tokens", json={"name": "x", "scopes": ["read"]}, headers=ann.bearer)
        assert made.headers["ratelimit-policy"] == '"write";q=600;w=60'


def test_reports_have_a_limit_of_their_own(settings: Settings) -> None:
    report = {"subject": "work", "subject_id": 1, "reason": "spam"}
    with serving(settings, rate_limit_report=2, rate_limit_sign_in=3) as client:
        for left in (1, 0):
            answer = client.post("/v1/reports", json=report)
            assert answer.headers["ratelimit-policy"] == '"report";q=2;w=60'
            assert answer.headers["ratelimit"].startswith(f'"report";r={left};')
        assert client.post("/v1/reports", json=report).status_code == 429
        tried = client.post("/v1/sessions", json={"login": "x", "password": "x"})
        assert (tried.status_code, tried.headers["ratelimit"][:13]) == (401, '"sign-in";r=2')
        assert client.get(WORK).status_code == 404


def test_a_household_is_one_caller(settings: Settings) -> None:
    with serving(settings, "2001:db8:1:1::1", rate_limit_read=1) as client:
        assert client.get(WORK).status_code == 404
        assert from_address(client, "2001:db8:1:1:ffff::9").get(WORK).status_code == 429
        assert from_address(client, "2001:db8:1:2::1").get(WORK).status_code == 404
        assert from_address(client, "::ffff:192.0.2.7").get(WORK).status_code == 404
        assert from_address(client, "192.0.2.7").get(WORK).status_code == 429


def test_tokens_are_counted_by_account_and_bad_ones_by_address(settings: Settings) -> None:
    database = Database(settings)
    with database.write() as session:
        token = issue_token(session, kind="operator", name="t", scopes=["read"]).text
    database.dispose()
    with serving(settings, rate_limit_read=2) as client:
        bad = {"Authorization": "Bearer " + "x" * 57}
        good = {"Authorization": f"Bearer {token}"}
        for _ in range(2):
            assert client.get(WORK).status_code == 404
            assert from_address(client, "192.0.2.9").get(WORK, headers=good).status_code == 404
        assert client.get(WORK, headers=good).status_code == 429
        assert client.get(WORK).status_code == 429
        assert client.get(WORK, headers=bad).status_code == 401, "no database was asked"
        revoked = {"Authorization": f"Bearer {token}"}
        with client.app_state["database"].write() as session:
            session.delete(session.get_one(Token, 1))
        assert client.get(WORK, headers=revoked).status_code == 429


def test_processes_share_a_limit(settings: Settings) -> None:
    with serving(settings, rate_limit_read=20) as one, serving(settings, rate_limit_read=20) as other:
        passed = 0
        for _ in range(20):
            for client in (one, other):
                passed += client.get(WORK).status_code == 404
                settle(client)
        assert 20 <= passed <= 22
    with serving(settings, rate_limit_read=20) as later:
        answers = []
        for _ in range(2):
            answers.append(later.get(WORK).status_code)
            settle(later)
        assert answers == [404, 429], "a restart forgets nothing but what was not yet told"


def settle(client: TestClient) -> None:
    counts = [count for policy in client.app_state["limits"]._policies for count in policy.counts.values()]
    deadline = time.monotonic() + 10
    while any(count.settling for count in counts) and time.monotonic() < deadline:
        time.sleep(0.002)


def test_no_address_is_stored(settings: Settings) -> None:
    with serving(settings, rate_limit_read=20) as client:
        client.get(WORK)
        settle(client)
        with client.app_state["database"].read() as session:
            names = session.scalars(select(RateCount.bucket)).all()
    assert len(names) == 1
    assert "192.0.2.1" not in names[0]


def test_counts_add_up_and_end(settings: Settings) -> None:
    database = Database(settings)
    now = int(time.time())
    old, new = Bucket("a", now - 120, 60), Bucket("a", now, 60)
    with database.write() as session:
        assert [add_to_count(session, new, 2), add_to_count(session, new, 3), add_to_count(session, old, 1)] == [
            2,
            5,
            1,
        ]
        drop_old_counts(session)
    with database.reading() as connection:
        assert counts_of(connection, [new, old, Bucket("b", now, 60)]) == [5, 0, 0]
    database.dispose()


def try_in(client: TestClient, login: str, password: str) -> Any:
    return client.post("/v1/sessions", json={"login": login, "password": password})


@pytest.mark.parametrize("login", ["ann", "nobody"])
def test_an_address_has_so_many_wrong_tries_at_a_login(settings: Settings, login: str) -> None:
    with serving(settings, rate_limit_sign_in=1000) as client:
        register(client, "ann")
        for _ in range(TRIES):
            assert try_in(client, login, "wrong wrong").status_code == 401
        refused = try_in(client, login, PASSWORD)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 900
        assert try_in(from_address(client, "198.51.100.7"), "ann", PASSWORD).status_code == 201, "nobody is locked out"
        assert try_in(client, "someone else", "wrong wrong").status_code == 401


def test_a_login_that_many_guess_at_stays_open_for_its_owner(settings: Settings) -> None:
    with serving(settings, rate_limit_sign_in=1000) as client:
        register(client, "ann")
        secret, database = client.app_state["archive"].secret, client.app_state["database"]
        for number in range(UNDER_ATTACK):
            count_failure(database, secret, Guess("ANN", f"203.0.113.{number}"))
        attacker = from_address(client, "203.0.113.250")
        answers = [try_in(attacker, "ann", "wrong wrong").status_code for _ in range(4)]
        assert answers == [401, 401, 429, 429]
        assert try_in(client, "ann", "mistyped it").status_code == 401
        assert try_in(client, "ann", PASSWORD).status_code == 201


def test_the_current_password_cannot_be_guessed_either(settings: Settings) -> None:
    with serving(settings, rate_limit_sign_in=1000) as client:
        ann = register(client, "ann")
        change = {"current_password": "wrong wrong", "password": "another one"}
        for _ in range(TRIES):
            ann.call("PATCH", "/v1/me", 403, json=change)
        ann.call("PATCH", "/v1/me", 429, json=change | {"current_password": PASSWORD})


def test_off_is_off(settings: Settings) -> None:
    with serving(settings, rate_limits="off", rate_limit_read=1) as client:
        assert {client.get(WORK).status_code for _ in range(3)} == {404}
        assert "ratelimit" not in client.get(WORK).headers
