"""Servers that are started while the database is away: they say so, and work once it is there."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import make_url
from starlette.testclient import TestClient
from uvicorn import Config
from uvicorn.supervisors import multiprocess

from app import cli
from app.config import Settings
from app.db.engine import Database
from app.main import create_app
from app.web import starting
from app.web.logs import configure_logs
from app.web.starting import SchemaCheck
from app.web.workers import Workers
from tests.conftest import TestArchive
from tests.e2e.running import free_port
from tests.faults.asking import until
from tests.faults.freezing import way_to

ON_POSTGRESQL = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Who starts workers takes signals; give them back."""
    before = {number: signal.getsignal(number) for number in signal.Signals if number not in {9, 19}}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def _elsewhere(settings: Settings, database: str | None = None) -> tuple[Settings, str, int]:
    """The same settings with the database at a port where nothing listens; where it is, and the port."""
    url, port = make_url(settings.database_url), free_port()
    away = url.set(host="127.0.0.1", port=port, query={}, database=database or url.database)
    changed = settings.model_copy(update={"database_url": away.render_as_string(hide_password=False)})
    return changed, f"{url.query['host']}/.s.PGSQL.{url.port or 5432}", port


@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_a_command_without_its_database_says_so_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["fanarchive", command])
    monkeypatch.setenv("FANARCHIVE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FANARCHIVE_DATABASE_URL", f"postgresql+psycopg://a@127.0.0.1:{free_port()}/a")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("error: The database cannot be used: connection failed")


@ON_POSTGRESQL
def test_an_application_starts_without_its_database(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "LOOK_SECONDS", 0.05)
    settings, target, port = _elsewhere(archive.settings)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        for path in ("/readyz", "/v1/works/1", "/v1/works?after_change=1"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
            assert "retry-after" in answer.headers
        with way_to(target, port):
            until(lambda: client.get("/readyz").status_code == 200, "it is ready")
            assert client.get("/v1/works/1").status_code == 404


@ON_POSTGRESQL
def test_a_schema_that_does_not_fit_is_noticed_later(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "LOOK_SECONDS", 0.05)
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *to: told.append(to))
    elsewhere, target, port = _elsewhere(settings, "postgres")  # which has no tables
    configure_logs(elsewhere)  # or it would log to what another test has closed
    database = Database(elsewhere)
    check = SchemaCheck(database)
    try:
        check.start()
        with way_to(target, port):
            until(lambda: told == [(os.getpid(), signal.SIGTERM)], "it is told to end")
    finally:
        check.stop()
        database.dispose()


def _be_asked(asked: Connection) -> None:
    """A worker that is killed when it is asked whether it lives."""
    asked.poll(60)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_dies_while_it_is_asked_is_started_again_at_once(
    monkeypatch: pytest.MonkeyPatch, handlers: None
) -> None:
    config = Config("app.main:create_app", factory=True, workers=2, log_config=None, timeout_worker_healthcheck=3_600)
    workers = Workers(config, sockets=[])
    dying = multiprocess.Process(config, [])
    context: Any = multiprocessing.get_context("spawn")
    dying.process = context.Process(target=_be_asked, args=(dying.child_conn,))
    dying.start()
    workers.processes = [dying]
    monkeypatch.setattr(multiprocess, "Process", Mock())
    workers.keep_subprocess_alive()
    assert workers.processes != [dying]


def test_the_first_process_holds_the_port_no_longer_than_its_workers(handlers: None) -> None:
    config = Config("app.main:create_app", factory=True, port=free_port(), workers=2, log_config=None)
    workers = Workers(config, sockets=[config.bind_socket()])
    workers.sockets[0].listen()
    workers.terminate_all()
    assert workers.sockets[0].fileno() == -1
