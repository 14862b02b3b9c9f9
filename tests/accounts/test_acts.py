"""``Idempotency-Key``: done once, answered again byte for byte, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fastapi import Request
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.testclient import TestClient

from app.accounts.acts import Done, Step, act
from app.accounts.commands import issue_token
from app.accounts.deps import viewer_of
from app.config import Settings
from app.db.engine import Database
from app.errors import Conflict
from app.main import create_app
from app.models import ArchiveFact, IdempotencyKey


class Slow:
    """Lets a test hold a write in the middle of its transaction."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.fails = False


def note_fact(body: dict[str, Any], slow: Slow) -> Step:
    def step(session: Session) -> Done:
        number = (
            session.scalar(select(func.count()).where(ArchiveFact.name.not_in(["archive_id", "compatible_from"]))) or 0
        )
        session.add(ArchiveFact(name=f"fact {number}", value=body["value"]))
        session.flush()
        slow.begun.set()
        assert slow.go_on.wait(20)
        if slow.fails:
            raise Conflict("Not now.")
        text = orjson.dumps({"number": number, "text": "ü" * 2000})
        return Done(201, text, {"Location": f"/v1/facts/{number}"}, secret=body.get("secret", False))

    return step


@contextmanager
def serving(settings: Settings, slow: Slow | None = None) -> Iterator[TestClient]:
    app = create_app(settings)
    held = slow or Slow()

    async def post(request: Request) -> Response:
        viewer = await viewer_of(request)
        return await act(request, viewer, note_fact, orjson.loads(await request.body()), held)

    app.add_api_route("/v1/facts", post, methods=["POST"], operation_id="postFact")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def facts(settings: Settings) -> int:
    database = Database(settings)
    with database.read() as session:
        count = (
            session.scalar(select(func.count()).where(ArchiveFact.name.not_in(["archive_id", "compatible_from"]))) or 0
        )
    database.dispose()
    return count


KEY = {"Idempotency-Key": "order-1"}


def test_a_repeat_gets_the_first_answer_also_after_a_restart(settings: Settings) -> None:
    with serving(settings) as client:
        first = client.post("/v1/facts", json={"value": "a"}, headers=KEY)
        again = client.post("/v1/facts", json={"value": "a"}, headers=KEY)
    with serving(settings) as client:
        later = client.post("/v1/facts", json={"value": "a"}, headers=KEY)
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    for repeat in (again, later):
        assert (repeat.status_code, repeat.content) == (201, first.content)
        assert repeat.headers["location"] == first.headers["location"] == "/v1/facts/0"
        assert repeat.headers["content-type"] == first.headers["content-type"]
        assert repeat.headers["idempotency-replayed"] == "true"
    assert facts(settings) == 1


def test_without_a_key_each_request_counts(settings: Settings) -> None:
    with serving(settings) as client:
        for number in range(3):
            assert client.post("/v1/facts", json={"value": "a"}).json()["number"] == number


def test_another_request_under_the_key_is_refused(settings: Settings) -> None:
    with serving(settings) as client:
        client.post("/v1/facts", json={"value": "a"}, headers=KEY)
        for path, body in (("/v1/facts", {"value": "b"}), ("/v1/facts?x=1", {"value": "a"})):
            refused = client.post(path, json=body, headers=KEY)
            assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
            assert refused.json()["errors"][0]["parameter"] == "Idempotency-Key"
        bad = client.post("/v1/facts", json={"value": "a"}, headers={"Idempotency-Key": "k" * 256})
        assert (bad.status_code, bad.json()["errors"][0]["code"]) == (422, "bad-key")
    assert facts(settings) == 1


def test_keys_are_the_callers_own(settings: Settings) -> None:
    database = Database(settings)
    with database.write() as session:
        texts = [issue_token(session, kind="operator", name="t", scopes=["write"]).text for _ in range(2)]
    database.dispose()
    with serving(settings) as client:
        callers = [{}, *({"Authorization": f"Bearer {text}"} for text in texts)]
        answers = [client.post("/v1/facts", json={"value": "a"}, headers=KEY | caller) for caller in callers]
    assert [answer.json()["number"] for answer in answers] == [0, 1, 2]


def test_a_secret_is_not_kept(settings: Settings) -> None:
    with serving(settings) as client:
        first = client.post("/v1/facts", json={"value": "a", "secret": True}, headers=KEY)
        again = client.post("/v1/facts", json={"value": "a", "secret": True}, headers=KEY)
        other = client.post("/v1/facts", json={"value": "b"}, headers=KEY)
    assert (first.status_code, first.headers["cache-control"]) == (201, "no-store")
    assert (again.status_code, again.json()["code"]) == (409, "already-answered")
    assert other.json()["code"] == "idempotency-key-reused"
    database = Database(settings)
    with database.read() as session:
        assert session.scalars(select(IdempotencyKey.body)).all() == [None]
    database.dispose()


def test_while_the_first_runs_a_second_is_told_so(settings: Settings) -> None:
    slow = Slow()
    slow.go_on.clear()
    with serving(settings, slow) as client, ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.post, "/v1/facts", json={"value": "a"}, headers=KEY)
        assert slow.begun.wait(20)
        second = client.post("/v1/facts", json={"value": "a"}, headers=KEY)
        assert (second.status_code, second.json()["code"]) == (409, "request-running")
        slow.go_on.set()
        assert first.result(20).status_code == 201
        assert client.post("/v1/facts", json={"value": "a"}, headers=KEY).headers["idempotency-replayed"] == "true"
    assert facts(settings) == 1


def test_two_processes_do_it_once(settings: Settings) -> None:
    """On PostgreSQL the second is told at once, on SQLite it waits for the first and repeats its answer."""
    slow = Slow()
    slow.go_on.clear()
    with serving(settings, slow) as one, serving(settings) as other, ThreadPoolExecutor(2) as pool:
        first = pool.submit(one.post, "/v1/facts", json={"value": "a"}, headers=KEY)
        assert slow.begun.wait(20)
        second = pool.submit(other.post, "/v1/facts", json={"value": "a"}, headers=KEY)
        if settings.database_url.startswith("postgresql"):
            assert second.result(20).json()["code"] == "request-running"
            slow.go_on.set()
        else:
            slow.go_on.set()
            assert second.result(20).headers["idempotency-replayed"] == "true"
            assert second.result().content == first.result(20).content
        assert first.result(20).status_code == 201
    assert facts(settings) == 1


def test_a_failure_is_not_kept(settings: Settings) -> None:
    slow = Slow()
    slow.fails = True
    with serving(settings, slow) as client:
        assert client.post("/v1/facts", json={"value": "a"}, headers=KEY).status_code == 409
        assert facts(settings) == 0
        slow.fails = False
        assert client.post("/v1/facts", json={"value": "a"}, headers=KEY).status_code == 201


def test_after_a_day_a_key_is_new(settings: Settings) -> None:
    database = Database(settings)
    with serving(settings) as client:
        client.post("/v1/facts", json={"value": "a"}, headers=KEY)
        with database.write() as session:
            session.execute(update(IdempotencyKey).values(created_at=datetime.now(UTC) - timedelta(hours=24)))
        assert client.post("/v1/facts", json={"value": "b"}, headers=KEY).json()["number"] == 1
        assert client.post("/v1/facts", json={"value": "b"}, headers=KEY).headers["idempotency-replayed"] == "true"
    database.dispose()


@pytest.mark.parametrize("fails_at", ["step", "commit"])
def test_a_failing_commit_keeps_no_answer(settings: Settings, fails_at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    with serving(settings, slow) as client:
        with monkeypatch.context() as patched:
            if fails_at == "commit":
                patched.setattr(Session, "commit", Session.rollback)
            else:
                slow.fails = True
            client.post("/v1/facts", json={"value": "a"}, headers=KEY)
        slow.fails = False
        assert facts(settings) == 0
        done = client.post("/v1/facts", json={"value": "a"}, headers=KEY)
        assert "idempotency-replayed" not in done.headers
    assert facts(settings) == 1
