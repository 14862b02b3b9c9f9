"""Programs and schemas of neighbouring versions, as they meet while hosts are renewed one after another."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, make_url, text

from app.config import Settings
from app.db import migrate, revisions
from app.db.engine import Database
from app.errors import SchemaOutdated
from tests.architecture.expanding import BEFORE_THE_RULE, Migration, objections
from tests.e2e.running import Server
from tests.hosts.client import Client, sign_up, work
from tests.hosts.fleet import PATIENCE, end

ROOT = Path(__file__).resolve().parents[1]
NEXT = '''
"""A column, a table and an index more."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "{head}", None, None
compatible_from = "{head}"


def upgrade():
    op.add_column("works", sa.Column("mood", sa.Text(), nullable=True))
    op.add_column("works", sa.Column("weight", sa.Integer(), nullable=False, server_default="1"))
    op.create_table("moods", sa.Column("id", sa.BigInteger(), primary_key=True))
    if op.get_context().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            op.create_index("ix_works_mood", "works", ["mood"], postgresql_concurrently=True)
'''
CONTRACT = """
revision, down_revision, branch_labels, depends_on = "9002", "9001", None, None
compatible_from = "9001"


def upgrade():
    from alembic import op
    op.drop_table("moods")
"""


@contextmanager
def statements_of(url: str) -> Iterator[list[str]]:
    """What is sent to a database, by whichever engine."""
    name, sent = make_url(url).database, []

    def note(connection: Any, _cursor: Any, statement: str, *_rest: object) -> None:
        if connection.engine.url.database == name:
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    """An empty database on the tests' PostgreSQL."""
    name = f"old_{uuid.uuid4().hex}"
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def chain() -> list[Any]:
    """The migrations, the oldest first."""
    return list(ScriptDirectory(str(revisions.migrations_dir())).walk_revisions())[::-1]


def test_no_migration_locks_out_the_version_before(empty_url: str) -> None:
    database = Database(Settings(database_url=empty_url, threads=1))
    before: list[str] = []
    compatible = ""
    for script in chain():
        said = getattr(script.module, revisions.FACT, None)
        with statements_of(empty_url) as sent:
            migrate.upgrade(database, script.revision)
        if script.revision not in BEFORE_THE_RULE:
            found = Migration(script.revision, before[-1], said, sent)
            assert objections(found, before, compatible) == [], script.revision
        before.append(script.revision)
        compatible = said or script.revision
        assert any("lock_timeout" in statement for statement in sent)
    with database.reading() as connection:
        assert revisions.compatible_from(connection) == compatible
    database.dispose()


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("ALTER TABLE works RENAME COLUMN title TO name", "renames"),
        ("ALTER TABLE works DROP COLUMN title", "raise compatible_from"),
        ("ALTER TABLE works ALTER COLUMN title SET NOT NULL", "raise compatible_from"),
        ("ALTER TABLE works ALTER COLUMN words TYPE BIGINT", "changes a type"),
        ("ALTER TABLE works ADD COLUMN mood TEXT NOT NULL", "give it a default"),
        ("ALTER TABLE works ADD CONSTRAINT c CHECK (words > 0)", "raise compatible_from"),
        ("CREATE INDEX ix ON works (words)", "concurrently"),
        ("CREATE UNIQUE INDEX CONCURRENTLY ix ON works (words)", "raise compatible_from"),
        ("ALTER TABLE works ADD COLUMN mood TEXT NOT NULL DEFAULT ''", ""),
        ("CREATE INDEX CONCURRENTLY ix ON works (words)", ""),
        ("CREATE TABLE new (id INT NOT NULL, CONSTRAINT c CHECK (id > 0))", ""),
        ("UPDATE works SET words = 0", ""),
    ],
)
def test_what_the_rule_objects_to(statement: str, part: str) -> None:
    found = objections(Migration("3", "2", "1", [statement]), ["1", "2"], "1")
    assert (part in " ".join(found)) if part else found == []
    taken = objections(Migration("3", "2", "2", ["DROP TABLE old"]), ["1", "2"], "1")
    assert taken == []
    assert objections(Migration("3", "2", "3", []), ["1", "2"], "1") == [
        "compatible_from is 3: it has to be one of the revisions before"
    ]


def test_an_index_on_a_table_of_its_own_needs_no_care() -> None:
    sent = ["CREATE TABLE new (id INT)", "CREATE INDEX ix ON new (id)", "ALTER TABLE new ADD CONSTRAINT c UNIQUE (id)"]
    assert objections(Migration("3", "2", "2", sent), ["1", "2"], "1") == []


def upgrade_as_later_versions(settings: Settings, folder: Path, *sources: str) -> None:
    """What the command of a later version does: migrations that this program does not know."""
    shutil.copytree(revisions.migrations_dir(), folder)
    for number, source in enumerate(sources, start=9001):
        (folder / "versions" / f"{number}.py").write_text(source.format(head=revisions.head_revision()))
    config = migrate.alembic_config(make_url(settings.database_url))
    config.set_main_option("script_location", str(folder))
    migrate.command.upgrade(config, "head")


def test_a_program_goes_on_with_a_newer_schema_that_says_so(settings: Settings, tmp_path: Path) -> None:
    database = Database(settings)
    try:
        upgrade_as_later_versions(settings, tmp_path / "expanded", NEXT)
        assert migrate.current_revision(database) == "9001"
        migrate.check_schema(database)
        upgrade_as_later_versions(settings, tmp_path / "contracted", NEXT, CONTRACT)
        with pytest.raises(SchemaOutdated, match="9002, which is newer than this program"):
            migrate.check_schema(database)
    finally:
        database.dispose()


def git(*arguments: str) -> bytes | None:
    """What git says in this checkout; ``None`` where it knows nothing."""
    if shutil.which("git") is None:
        return None
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def code_before_the_newest_migration(folder: Path) -> str:
    """Unpack the commit before the newest migration came; its newest revision. Skips where that cannot be had."""
    if git("rev-parse", "--is-shallow-repository") != b"false\n":
        pytest.skip("there is no git history here, or not all of it")
    newest = Path(chain()[-1].module.__file__).name
    added = git("log", "--diff-filter=A", "--format=%H", "--", f"migrations/versions/{newest}")
    if not added:
        pytest.skip(f"{newest} is not in git yet")
    archive = git("archive", f"{added.split()[-1].decode()}^", "app", "migrations")
    assert archive is not None
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    heads = ScriptDirectory(str(folder / "migrations")).get_heads()
    if len(heads) != 1:
        pytest.skip("the commit before the newest migration is in the middle of a merge")
    return heads[0]


def test_the_version_before_reads_and_writes_the_newest_schema(tmp_path: Path) -> None:
    """The program of before is told its own revision, so that this holds for versions that knew no mark, too."""
    head = code_before_the_newest_migration(tmp_path / "before")
    data_dir = tmp_path / "data"
    database = Database(Settings(data_dir=data_dir))
    migrate.upgrade(database)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    database.dispose()
    server = Server(data_dir)
    server.patience = PATIENCE
    server.environment |= {"PYTHONPATH": str(tmp_path / "before"), "FANARCHIVE_IMPORT_WORKERS": "0"}
    with contextlib.ExitStack() as stack:
        stack.callback(end, server)
        server.start()
        guest = Client("127.0.0.1", server.port)
        stack.callback(guest.close)
        client = Client("127.0.0.1", server.port, sign_up(guest))
        stack.callback(client.close)
        posted = client.ask("POST", "/v1/works", work("By the version before"))
        assert posted.status == 201, posted.body
        assert guest.get("/v1/works", fandom="Fables", after_change=posted.change).body["total"] == 1
        assert guest.get(f"/v1/works/{posted.body['id']}/chapters/1").status == 200
        etag = posted.headers["etag"]
        edited = client.ask("PATCH", f"/v1/works/{posted.body['id']}", {"title": "Edited"}, If_Match=etag)
        assert (edited.status, edited.body["title"]) == (200, "Edited")
        assert guest.ask("POST", f"/v1/works/{posted.body['id']}/kudos").status == 204
