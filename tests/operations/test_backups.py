"""A backup of a served SQLite archive is the archive of one moment, and is put back whole or not at all."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from app import cli
from app.backups import making
from app.backups.errors import BackupRefused
from app.backups.making import back_up, prune
from app.backups.restoring import check_backup, restore
from app.config import Settings
from app.db.engine import Database
from app.doctor.examining import examine
from app.doctor.finding import Examination
from app.formats.record import parse_record
from app.imports.runner import ImportRun, import_manuscripts
from app.models import Base
from app.search.index import WriterLock
from app.search.indexer import Indexer
from tests.e2e.running import Server


class Source:
    """An archive that is written to."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder, threads=2)
        self.path = folder / "fanarchive.db"
        self.database = Database(self.settings)
        self.works = 0

    def write(self, count: int = 1) -> None:
        """Some works, each import a transaction."""
        numbers = range(self.works, self.works + count)
        self.works += count
        records = (
            {"title": f"Work {n}", "key": str(n), "fandoms": ["Fables"], "chapters": [{"content": f"<p>{n}</p>" * 9}]}
            for n in numbers
        )
        run = ImportRun(self.database, self.settings, lambda _row: None)
        import_manuscripts(run, (parse_record(orjson.dumps(record)) for record in records), "test")


@pytest.fixture
def source(sqlite_template: Path, tmp_path: Path) -> Iterator[Source]:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "fanarchive.db")
    source = Source(folder)
    source.settings.secret()
    yield source
    source.database.dispose()


def rows_of(path: Path, works: int) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the first works, and of whatever belongs to no work."""
    found = {}
    with closing(sqlite3.connect(path)) as connection:
        for table in Base.metadata.sorted_tables:
            column = "id" if table.name == "works" else "work_id" if "work_id" in table.c else None
            where = f" WHERE {column} <= {works} OR {column} IS NULL" if column else ""
            found[table.name] = sorted(connection.execute(f"SELECT * FROM {table.name}{where}"), key=repr)
    return found


def test_writes_go_on_and_the_copy_is_of_one_moment(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PAGES", 64)
    source.write(60)
    steps: list[int] = []

    def write_more(left: int, _total: int) -> None:
        steps.append(left)
        source.write()

    folder = back_up(source.settings, source.path, tmp_path / "backups", write_more)
    assert len(steps) > 2
    assert source.works == 60 + len(steps)
    manifest = check_backup(folder)
    assert manifest.works == 60
    assert [file.name for file in manifest.files] == ["fanarchive.db", "secret.key"]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert list((tmp_path / "backups").iterdir()) == [folder]
    there = tmp_path / "restored" / "data"
    settings = Settings(data_dir=there, threads=2)
    restore(settings, there / "fanarchive.db", folder, force=False)
    assert settings.secret() == source.settings.secret()
    with closing(sqlite3.connect(there / "fanarchive.db")) as connection:
        assert connection.execute("SELECT max(id) FROM works").fetchone() == (60,)
    assert rows_of(there / "fanarchive.db", 60) == rows_of(source.path, 60)
    served(there)
    examined(settings)


def served(data_dir: Path) -> None:
    server = Server(data_dir)
    server.start()
    try:
        assert server.get("/v1/works", fandom="Fables", limit=1)["total"] == 60
        assert server.get("/v1/works/60/chapters/1")["content"] == "<p>59</p>" * 9
    finally:
        server.stop()


def examined(settings: Settings) -> None:
    database = Database(settings)
    try:
        found = [one for one in examine(Examination(database, settings, lambda: None)) if one.state == "problem"]
        assert not found
    finally:
        database.dispose()


def test_what_was_there_is_replaced_only_when_asked(source: Source, tmp_path: Path) -> None:
    source.write(3)
    folder = back_up(source.settings, source.path, tmp_path / "backups")
    source.write(4)
    indexer = Indexer(source.database, source.settings.index_dir)
    indexer.open()
    indexer.close()
    with pytest.raises(BackupRefused, match="--force"):
        restore(source.settings, source.path, folder, force=False)
    lock = WriterLock(source.settings.index_dir)
    assert lock.acquire()
    with pytest.raises(BackupRefused, match="stop it first"):
        restore(source.settings, source.path, folder, force=True)
    lock.release()
    wal = source.path.with_name("fanarchive.db-wal")
    assert wal.stat().st_size > 0, "a log that would be played into whatever database stands beside it"
    restore(source.settings, source.path, folder, force=True)
    assert not wal.exists()
    assert not source.settings.index_dir.exists()
    with closing(sqlite3.connect(source.path)) as connection:
        assert connection.execute("SELECT count(*) FROM works").fetchone() == (3,)


def spoil(folder: Path, how: str) -> None:
    database, manifest = folder / "fanarchive.db", folder / "manifest.json"
    said = orjson.loads(manifest.read_bytes())
    if how == "flipped":
        body = bytearray(database.read_bytes())
        body[len(body) // 2] ^= 1
        database.write_bytes(body)
    elif how == "missing":
        (folder / "secret.key").unlink()
    elif how == "newer":
        manifest.write_bytes(orjson.dumps(said | {"revision": "9999"}))
    elif how == "format":
        manifest.write_bytes(orjson.dumps(said | {"format": 2}))
    elif how == "names":
        manifest.write_bytes(orjson.dumps(said | {"files": [{"name": "../x", "bytes": 1, "sha256": ""}]}))
    else:
        manifest.write_bytes(how.encode())


def test_what_is_not_whole_is_not_put_back(source: Source, tmp_path: Path) -> None:
    source.write(2)
    whole = back_up(source.settings, source.path, tmp_path / "backups")
    told = {
        "flipped": "is not what was backed up",
        "missing": "is missing",
        "newer": "newer than this program",
        "format": "is of format 2",
        "names": "other files",
        "{": "cannot be read",
        "[]": "cannot be read",
        '{"format": 1, "files": [1]}': "cannot be read",
    }
    before = source.path.read_bytes()
    for number, (how, text) in enumerate(told.items()):
        folder = shutil.copytree(whole, tmp_path / str(number))
        spoil(folder, how)
        with pytest.raises(BackupRefused, match=text):
            restore(source.settings, source.path, folder, force=True)
    with pytest.raises(BackupRefused, match="is no backup"):
        restore(source.settings, source.path, tmp_path, force=True)
    assert source.path.read_bytes() == before


def test_a_damaged_database_gives_no_backup(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    path = tmp_path / "fanarchive.db"
    path.write_bytes(b"not a database at all" * 999)
    with pytest.raises(BackupRefused, match="cannot be copied"):
        back_up(settings, path, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_older_backups_are_removed_and_nothing_else(source: Source, tmp_path: Path) -> None:
    into = tmp_path / "backups"
    folders = [back_up(source.settings, source.path, into) for _ in range(3)]
    (into / "of somebody else").mkdir()
    assert prune(into, 2) == folders[:1]
    assert sorted(into.iterdir()) == sorted([*folders[1:], into / "of somebody else"])


def test_the_commands(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANARCHIVE_DATA_DIR", str(source.settings.data_dir))
    source.write(2)
    run = CliRunner()
    made = run.invoke(cli.app, ["backup", str(tmp_path / "backups"), "--keep", "3"])
    assert made.exit_code == 0
    folder = made.stdout.strip()
    refused = run.invoke(cli.app, ["restore", folder])
    assert refused.exit_code == 2
    monkeypatch.setenv("FANARCHIVE_DATA_DIR", str(tmp_path / "elsewhere"))
    restored = run.invoke(cli.app, ["restore", folder])
    assert restored.stdout.startswith("2 works as of ")
    monkeypatch.setenv("FANARCHIVE_DATABASE_URL", "postgresql+psycopg://somewhere/archive")
    other = run.invoke(cli.app, ["backup", str(tmp_path / "backups")])
    assert other.exit_code == 2
    assert "by its own tools" in other.stderr
