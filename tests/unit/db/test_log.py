"""SQLite's log stays short, also while somebody always reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from app.config import Settings
from app.db import engine
from app.db.engine import Database

MOST = 1_000_000


@contextmanager
def always_read(database: Database) -> Iterator[None]:
    """Two who read in turn, so that one of them is always in the middle of it."""
    done = threading.Event()
    turns = threading.Semaphore(1)

    def read() -> None:
        while not done.is_set():
            with database.reading() as connection:
                connection.execute(text("SELECT count(*) FROM things")).scalar()
                turns.release()
                turns.acquire(timeout=0.05)
                done.wait(0.02)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        done.set()
        for reader in readers:
            reader.join()


def test_the_log_stays_short_while_somebody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOG_MOST", MOST)
    monkeypatch.setattr(engine, "LOG_PAUSE", 0.0)
    database = Database(Settings(data_dir=tmp_path, threads=4))
    with database.write() as session:
        session.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, body BLOB)"))
    sizes = []
    with always_read(database):
        for _ in range(60):
            with database.write() as session:
                session.execute(text("INSERT INTO things (body) VALUES (zeroblob(200000))"))
            sizes.append((tmp_path / "fanarchive.db-wal").stat().st_size)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar() == 60
    database.dispose()
    assert max(sizes) < 3 * MOST


def test_a_reader_who_stays_holds_nobody_up_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOG_MOST", MOST)
    monkeypatch.setattr(engine, "LOG_PATIENCE_MS", 10)
    database = Database(Settings(data_dir=tmp_path, threads=4))
    with database.write() as session:
        session.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, body BLOB)"))
    with database.reading() as connection:
        before = connection.execute(text("SELECT count(*) FROM things")).scalar()
        for _ in range(20):
            with database.write() as session:
                session.execute(text("INSERT INTO things (body) VALUES (zeroblob(200000))"))
        assert connection.execute(text("SELECT count(*) FROM things")).scalar() == before
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar() == 20
    database.dispose()
