"""A database that is there and says nothing more, as when its machine is gone: requests end, and later work again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app.config import Settings
from app.db import patience
from app.db.engine import Database
from app.main import create_app
from tests.conftest import TestArchive
from tests.faults.asking import until
from tests.faults.freezing import Way, way_to
from tests.writing import WORK, Caller, member

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
BODY = WORK | {"state": "published", "chapters": [{"content": "<p>Lanterns over the water.</p>"}]}
CALLERS = 12
"""Three times as many as there are threads: those that wait for a thread are told, too."""
LONG_ENOUGH = 30.0


@pytest.fixture
def way(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """A way to the database."""
    monkeypatch.setattr(patience, "PING_SECONDS", 0.3)
    url = make_url(settings.database_url)
    with way_to(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}") as way:
        yield way


def _by(way: Way, settings: Settings) -> Settings:
    """The same settings, but the database is reached that way."""
    url = make_url(settings.database_url).set(host="127.0.0.1", port=way.port, query={"connect_timeout": "2"})
    changes = {"database_url": url.render_as_string(hide_password=False), "database_wait": 0.5}
    return settings.model_copy(update=changes)


def test_requests_end_while_the_database_is_silent(archive: TestArchive, way: Way) -> None:
    token = member(archive, "ann").token
    settings = _by(way, archive.settings)
    with TestClient(create_app(settings)) as client, ThreadPoolExecutor(CALLERS) as callers:
        ann = Caller(TestArchive(settings, archive.database, archive.indexer, client), token)

        def ask(number: int) -> tuple[int, bool]:
            reads = (None, "/v1/works/1", "/readyz")[number % 3]
            answer = client.get(reads) if reads else ann.send("POST", "/works", BODY)
            return answer.status_code, "retry-after" in answer.headers

        def ask_all() -> set[tuple[int, bool]]:
            return {one.result(LONG_ENOUGH) for one in [callers.submit(ask, number) for number in range(CALLERS)]}

        assert ask(0) == (201, False)
        assert ask_all() == {(200, False), (201, False)}
        way.freeze()
        assert ask_all() == {(503, True)}
        way.thaw()
        until(lambda: ask(0) == (201, False), "writes work again", LONG_ENOUGH)
        assert ask_all() == {(200, False), (201, False)}


def test_guests_read_from_a_replica_while_the_primary_is_silent(archive: TestArchive, way: Way) -> None:
    token = member(archive, "ann").token
    settings = _by(way, archive.settings).model_copy(update={"read_database_url": archive.settings.database_url})
    with TestClient(create_app(settings)) as client, ThreadPoolExecutor(CALLERS) as callers:
        ann = Caller(TestArchive(settings, archive.database, archive.indexer, client), token)
        work = ann.post()["id"]
        archive.settle()
        way.freeze()
        written = [callers.submit(ann.send, "POST", "/works", BODY) for _ in range(CALLERS // 2)]
        for path in (f"/v1/works/{work}", "/v1/works", "/readyz"):
            assert callers.submit(client.get, path).result(LONG_ENOUGH).status_code == 200
        assert {one.result(LONG_ENOUGH).status_code for one in written} == {503}


def test_a_statement_that_is_not_answered_is_given_up(settings: Settings, way: Way) -> None:
    database = Database(_by(way, settings))
    database.answer_within(0.3)
    with database.write() as session:
        session.execute(text("CREATE TABLE scratch (one integer)"))
    assert _is_given_up(database)
    sleeping = "pg_stat_activity WHERE wait_event = 'PgSleep'"
    until(lambda: _count(database, sleeping) == 0, "the server has cancelled it", LONG_ENOUGH)
    assert _is_given_up(database, way)  # now it does not even hear that nobody waits any more
    way.thaw()
    assert _count(database, "scratch") == 0
    database.dispose()


def _count(database: Database, what: str) -> int:
    with database.reading() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())


def _is_given_up(database: Database, way: Way | None = None) -> bool:
    """Whether a statement that takes long ends with its connection; on a way that is frozen in between."""
    with pytest.raises(OperationalError) as raised, database.write() as session:  # noqa: PT012  one transaction
        session.execute(text("INSERT INTO scratch VALUES (1)"))
        if way is not None:
            way.freeze()
        session.execute(text("SELECT pg_sleep(60)"))
    return raised.value.connection_invalidated
