"""What a worker does while its database is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.imports import work as working
from app.imports.work import Worker
from app.models import ImportUnit
from tests.conftest import TestArchive
from tests.faults.asking import until
from tests.imports.jobs import ndjson, send
from tests.writing import operator


def test_a_unit_that_could_not_be_given_back_is_not_held_by_the_heartbeat(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = operator(archive, "import")
    assert send(op, ndjson({"title": "One", "key": "1"})).status_code == 202
    worker = Worker(archive.database, archive.settings)

    def gone(*_arguments: Any, **_options: Any) -> None:
        raise OperationalError("UPDATE", None, Exception("server closed the connection"))

    with monkeypatch.context() as away:
        away.setattr(worker, "_work", gone)
        away.setattr(working, "release", gone)
        assert worker.step()
    with archive.database.write() as session:
        assert session.scalar(select(ImportUnit.worker).where(ImportUnit.worker.is_not(None))) == worker.name
    monkeypatch.setattr(working, "HEARTBEAT", 0.01)
    beats: list[Any] = []
    monkeypatch.setattr(working, "renew", lambda *given: beats.append(given))
    stop = Event()
    heart = Thread(target=worker._beat, args=(stop,))
    heart.start()
    stop.wait(0.1)
    stop.set()
    heart.join()
    assert not beats
    with archive.database.write() as session:
        session.execute(update(ImportUnit).values(leased_until=datetime.now(UTC) - timedelta(seconds=1)))
    other = Worker(archive.database, archive.settings)
    until(lambda: not other.step(), "nothing is left")
    with archive.database.read() as session:
        assert session.scalar(select(ImportUnit.number).where(~ImportUnit.finished)) is None


@pytest.mark.parametrize(("ahead", "taken"), [(-1, True), (10, False), (3_600, True)])
def test_a_lease_from_before_the_clock_was_put_back_holds_nobody_up(
    archive: TestArchive, ahead: int, *, taken: bool
) -> None:
    assert send(operator(archive, "import"), ndjson({"title": "One", "key": "1"})).status_code == 202
    with archive.database.write() as session:
        end = datetime.now(UTC) + timedelta(seconds=ahead)
        session.execute(update(ImportUnit).values(worker="elsewhere:7:abc", leased_until=end))
    assert Worker(archive.database, archive.settings).step() is taken
