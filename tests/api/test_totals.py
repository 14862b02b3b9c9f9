"""Totals of lists that the database counts: kept while nothing changes, and right once something has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, text

from app.db import totals
from tests.conftest import TestArchive, works
from tests.writing import guest, member


@contextmanager
def counting(archive: TestArchive) -> Iterator[list[str]]:
    """The counts of whole tables that are asked for meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT count(*)"):
            found.append(statement)

    engine = archive.client.app_state["archive"].database.read_engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def in_series(title: str) -> dict[str, Any]:
    series = [{"title": f"S {title}", "position": 1}]
    return {"title": title, "key": title, "authors": [f"by {title}"], "series": series}


@pytest.mark.parametrize("path", ["/v1/authors", "/v1/series"])
def test_a_total_is_counted_once_until_something_changes(archive: TestArchive, path: str) -> None:
    archive.add(in_series("a"), in_series("b"))
    with counting(archive) as counted:
        assert [archive.get(path, limit=1)["total"] for _ in range(3)] == [2, 2, 2]
        assert len(counted) == 1
        archive.add_rows(in_series("c"))
        assert [archive.get(path)["total"] for _ in range(2)] == [3, 3]
        assert len(counted) == 2
    if path == "/v1/authors":
        assert archive.get(path, q="by c")["total"] == 1


def test_a_transaction_that_ends_after_a_later_one_is_counted(archive: TestArchive) -> None:
    if archive.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    archive.add(in_series("a"), in_series("b"))
    with archive.database.write() as early:
        early.execute(text("UPDATE works SET state = 'hidden' WHERE id = 1"))
        archive.add(*works("c"))
        assert archive.get("/v1/authors")["total"] == 3
    assert archive.get("/v1/authors")["total"] == 2


def test_members_have_totals_of_their_own(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    ann.post(title="Open")
    ben.post(title="Closed", visibility="registered")
    ann.done("POST", "/series", {"title": "Empty"})
    for path, totals_of in (("/authors", (1, 2, 2)), ("/series", (0, 1, 0))):
        for _ in range(2):
            assert tuple(caller.get(path)["total"] for caller in (guest(archive), ann, ben)) == totals_of


def test_what_takes_long_to_count_is_told_for_a_while(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "QUICK", -1.0)
    monkeypatch.setattr(totals, "PAUSE", 1e9)
    archive.add(in_series("a"))
    assert archive.get("/v1/authors")["total"] == archive.get("/v1/series")["total"] == 1
    archive.add(in_series("b"))
    assert archive.get("/v1/authors")["total"] == archive.get("/v1/series")["total"] == 1
    with archive.database.reading() as connection:
        newest = connection.execute(text("SELECT max(seq) FROM changes")).scalar_one()
    # Who waits for a change of their own is told what is so after it.
    assert archive.get("/v1/series", after_change=newest)["total"] == 2
    assert [one["name"] for one in archive.get("/v1/authors")["items"]] == ["by a", "by b"]


def test_only_the_totals_that_were_asked_for_last_are_kept(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "MOST_KEPT", 2)
    archive.add(in_series("a"))
    with counting(archive) as counted:
        for q in ("a", "b", "c", "c", "a"):
            archive.get("/v1/authors", q=q)
    assert len(counted) == 4


def test_who_asks_while_a_total_is_counted_waits_for_it(archive: TestArchive) -> None:
    kept, begun, go_on = totals.Totals(), Event(), Event()

    def count() -> int:
        begun.set()
        assert go_on.wait(10)
        return 7

    def ask(how: Callable[[], int]) -> int:
        with archive.database.reading() as connection:
            return kept.of(connection, "all", how)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(ask, count)
        assert begun.wait(10)
        second = threads.submit(ask, lambda: 8)
        go_on.set()
        assert first.result() == second.result() == 7
