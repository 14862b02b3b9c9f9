"""The database: its tables, the library or server that keeps it, a replica."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, make_url, text

from app.db.engine import Database
from app.db.migrate import check_schema, differences
from app.doctor.finding import Examination, Finding, Wrong
from app.errors import SchemaOutdated
from app.models import Base

MIB = 1024 * 1024
SAFE_SQLITE = (3, 51, 3)
"""From here on two checkpoints at once cannot damage a database in WAL mode."""
MENDED_SQLITE = {(3, 50): 7, (3, 44): 6}
"""Older lines that got the same correction."""
LARGEST_WAL = 1024 * MIB
SMALLEST_POSTGRESQL = 140_000

_UNSAFE = {
    "fsync": ("on", "problem", "a crash of the machine can destroy the database"),
    "full_page_writes": ("on", "problem", "a crash of the machine can destroy pages"),
    "synchronous_commit": ("on", "warning", "a crash can lose writes that clients were told of"),
    "autovacuum": ("on", "problem", "tables grow without end"),
    "track_counts": ("on", "problem", "autovacuum does nothing without it"),
    "server_encoding": ("UTF8", "problem", "texts cannot be stored"),
}


def check_the_schema(examination: Examination) -> Iterator[Finding]:
    """The tables are those of this program's newest migration."""
    try:
        check_schema(examination.database)
    except SchemaOutdated as error:
        yield Finding("schema", "problem", error.detail, 1)
        return
    differing = differences(examination.database, Base.metadata)
    wrong = Wrong()
    wrong.add(*differing)
    yield wrong.finding("schema", "tables or columns that are not as they should be", "at the newest revision")


def check_database(examination: Examination) -> Iterator[Finding]:
    """The library or the server, and its settings."""
    if examination.database.is_sqlite:
        yield from _check_sqlite(examination)
        return
    with examination.database.reading() as connection:
        yield from _check_postgresql(connection, 3 * examination.settings.threads)


def _check_sqlite(examination: Examination) -> Iterator[Finding]:
    version = sqlite3.sqlite_version_info
    fine = version >= SAFE_SQLITE or version[2] >= MENDED_SQLITE.get(version[:2], 1_000)
    said = f"SQLite {sqlite3.sqlite_version}"
    danger = "two checkpoints in the same moment can damage the database; from 3.51.3 on they cannot"
    yield Finding("database", "ok" if fine else "warning", said if fine else f"{said}: {danger}", int(not fine))
    path = Path(examination.database.url.database or "")
    wal = path.with_name(f"{path.name}-wal")
    size = wal.stat().st_size if wal.exists() else 0
    if size > LARGEST_WAL:
        yield Finding("database", "warning", f"{wal.name} has {size // MIB:,} MiB: a reader holds it open", 1)
    if examination.thorough:
        yield _check_pages(examination)


def _check_pages(examination: Examination) -> Finding:
    """A table a statement, so that no reader holds up checkpoints for long."""
    wrong = Wrong()
    for table in Base.metadata.sorted_tables:
        with examination.database.reading() as connection:
            rows = connection.execute(text(f"PRAGMA integrity_check({table.name})")).scalars()
            wrong.add(*(f"{table.name}: {row}" for row in rows if row != "ok"))
    return wrong.finding("database", "damaged places (restore a backup)", "no page is damaged")


def _check_postgresql(connection: Connection, needed: int) -> Iterator[Finding]:
    def setting(name: str) -> str:
        return str(connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one())

    version, number = setting("server_version"), int(setting("server_version_num"))
    old = number < SMALLEST_POSTGRESQL
    yield Finding("database", "problem" if old else "ok", f"PostgreSQL {version}{': too old' if old else ''}", int(old))
    for name, (right, state, why) in _UNSAFE.items():
        value = setting(name)
        if value != right and not (name == "synchronous_commit" and value != "off"):
            yield Finding("database", "problem" if state == "problem" else "warning", f"{name} is {value}: {why}", 1)
    most = int(setting("max_connections"))
    if most < needed:
        told = f"max_connections is {most}; one server process of this archive may open {needed}"
        yield Finding("database", "warning", told, 1)
    if setting("archive_mode") == "off":
        yield Finding("database", "warning", "archive_mode is off: there is no restoring to a point in time", 1)


def check_replica(examination: Examination) -> Iterator[Finding]:
    """The replica for reads is one, and how far it lags."""
    url = examination.settings.read_database_url
    if not url or make_url(url) == examination.database.url:
        return
    query = text("SELECT pg_is_in_recovery(), extract(epoch FROM now() - pg_last_xact_replay_timestamp())")
    both = Database(examination.settings)
    try:
        with both.reading() as connection:
            replica, lag = connection.execute(query).one()
    finally:
        both.dispose()
    if not replica:
        yield Finding("replica", "problem", "the database for reads is no replica", 1)
    else:
        yield Finding("replica", "ok", f"a replica; its newest transaction is {float(lag or 0):.1f} s old")
