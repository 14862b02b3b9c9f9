"""How many statements a request costs, and that a failed commit is told as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.db.engine import Database
from app.models import ArchiveFact
from app.web.middleware import Observe
from app.web.problems import add_error_handlers
from tests.conftest import TestArchive


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement not in {"BEGIN", "BEGIN IMMEDIATE"}:
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/v1/works?fandom=Test&sort=-kudos", 1),
        ("/v1/works?fandom=Test&facets=fandom,freeform,rating", 1),
        ("/v1/works/1", 1),
        ("/v1/works/1?include=chapters", 2),
        ("/v1/works/1/chapters/1", 1),
        ("/v1/works/1/chapters", 2),
        ("/v1/chapters/1", 1),
        ("/v1/passages?text=word", 1),
        ("/v1/works?ids=1,2,3", 1),
        ("/v1/tags/autocomplete?q=te", 0),
        ("/v1/tags", 1),
    ],
)
def test_a_request_costs_no_more_statements(archive: TestArchive, path: str, most: int) -> None:
    archive.add(
        *(
            {"title": f"W{n}", "key": str(n), "fandoms": ["Test"], "chapters": [{"content": "<p>word</p>"}]}
            for n in range(25)
        )
    )
    with counted() as statements:
        assert archive.client.get(path).status_code == 200
    assert len(statements) == most, statements


def test_a_failing_commit_gives_no_success(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that commits inside its handler: what the client is told comes after."""
    database: Database = archive.database
    app = FastAPI()

    @app.post("/write", status_code=201)
    def write() -> dict[str, bool]:
        with database.write() as session:
            session.add(ArchiveFact(name="test", value="1"))
        return {"written": True}

    add_error_handlers(app)
    app.add_middleware(Observe)

    def fail(_session: Session) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    with TestClient(app, raise_server_exceptions=False) as client:
        with monkeypatch.context() as patched:
            patched.setattr(Session, "commit", fail)
            response = client.post("/write")
        assert response.status_code == 503
        assert response.headers["retry-after"]
        with database.read() as session:
            assert session.get(ArchiveFact, "test") is None
        assert client.post("/write").status_code == 201
