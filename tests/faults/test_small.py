"""What kills and full disks need of the program, each by itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db.failures import is_full
from app.jobs.children import end_with_parent
from tests.conftest import TestArchive
from tests.faults.asking import until
from tests.writing import WORK, member


def _serve(told: Connection) -> None:
    serving = threading.Event()
    serving.set()
    end_with_parent(serving)
    told.send(os.getpid())
    signal.pause()


def _supervise(told: Connection) -> None:
    context = multiprocessing.get_context("spawn")
    context.Process(target=_serve, args=(told,)).start()
    signal.pause()


def test_a_worker_does_not_outlive_what_started_it() -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    parent = context.Process(target=_supervise, args=(theirs,))
    parent.start()
    assert ours.poll(60)
    worker = ours.recv()
    assert Path(f"/proc/{worker}").exists()
    parent.kill()
    parent.join()
    until(lambda: not _is_alive(worker), "the worker ends")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _full_sqlite() -> Exception:
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA max_page_count = 2")
    connection.execute("CREATE TABLE one (text)")
    try:
        connection.execute("INSERT INTO one VALUES (?)", ("x" * 100_000,))
    except sqlite3.OperationalError as error:
        return error
    finally:
        connection.close()
    raise AssertionError("there was room")


@pytest.mark.parametrize("said", [_full_sqlite(), psycopg.errors.DiskFull("could not extend file")])
def test_a_write_without_room_is_507_and_leaves_nothing(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch, said: Exception
) -> None:
    ann = member(archive, "ann")
    body = WORK | {"state": "published", "chapters": [{"content": "<p>Lanterns over the water.</p>"}]}

    def fail(_session: Session) -> None:
        raise OperationalError("COMMIT", None, said)

    with monkeypatch.context() as full:
        full.setattr(Session, "commit", fail)
        assert ann.refused("POST", "/works", body, 507)["code"] == "storage-full"
    assert ann.get("/me/works")["total"] == 0
    assert ann.send("POST", "/works", body).status_code == 201


def test_other_failures_are_not_taken_for_a_full_disk() -> None:
    assert not is_full(OperationalError("SELECT", None, sqlite3.OperationalError("database is locked")))
    assert not is_full(OperationalError("SELECT", None, psycopg.errors.AdminShutdown("terminating connection")))
