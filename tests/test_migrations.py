"""Migrations up, down and up again, on both databases, and a server that refuses a schema that is not its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from app.config import Settings
from app.db import migrate
from app.db.engine import Database
from app.db.revisions import head_revision
from app.errors import SchemaOutdated
from app.models import Base

BASE = "base"
FANARCHIVE = str(Path(sys.executable).with_name("fanarchive"))


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version", "sqlite_sequence"}


def test_up_down_and_up_again(settings: Settings) -> None:
    database = Database(settings)
    try:
        assert migrate.current_revision(database) == head_revision()
        assert migrate.differences(database, Base.metadata) == []
        assert tables(database) == set(Base.metadata.tables)
        migrate.downgrade(database, BASE)
        assert migrate.current_revision(database) is None
        assert tables(database) == set()
        migrate.upgrade(database)
        assert migrate.current_revision(database) == head_revision()
        assert migrate.differences(database, Base.metadata) == []
    finally:
        database.dispose()


def test_a_difference_is_seen(settings: Settings) -> None:
    database = Database(settings)
    try:
        with database.write() as session:
            session.execute(text("ALTER TABLE works ADD COLUMN surprise TEXT"))
        found = migrate.differences(database, Base.metadata)
        assert len(found) == 1
        assert "surprise" in found[0]
    finally:
        database.dispose()


def test_another_schema_is_refused(settings: Settings) -> None:
    database = Database(settings)
    try:
        migrate.check_schema(database)
        migrate.downgrade(database, BASE)
        with pytest.raises(SchemaOutdated, match="fanarchive db upgrade"):
            migrate.check_schema(database)
        with database.write() as session:
            session.execute(text("INSERT INTO alembic_version (version_num) VALUES ('9999_of_the_future')"))
        with pytest.raises(SchemaOutdated, match="newer than this program"):
            migrate.check_schema(database)
    finally:
        database.dispose()


def fanarchive(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FANARCHIVE_")}
    environment |= {"FANARCHIVE_DATA_DIR": str(data_dir), "COLUMNS": "200"}
    return subprocess.run(
        [FANARCHIVE, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_serve_refuses_an_old_schema_and_names_what_mends_it(tmp_path: Path) -> None:
    assert fanarchive(tmp_path, "db", "upgrade").returncode == 0
    assert fanarchive(tmp_path, "db", "downgrade", BASE).returncode == 0
    for arguments in (("serve", "--port", "1"), ("import", "-"), ("index", "status"), ("db", "check")):
        refused = fanarchive(tmp_path, *arguments)
        assert refused.returncode == 2, arguments
        assert "fanarchive db upgrade" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert fanarchive(tmp_path, "db", "upgrade").returncode == 0
    checked = fanarchive(tmp_path, "db", "check")
    assert checked.returncode == 0, checked.stderr
