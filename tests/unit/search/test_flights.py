"""Identical computations at once are one; what is kept is kept, and failures are not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.search.flights import Flights


def test_those_who_come_while_it_is_made_wait_for_it() -> None:
    flights, made, begun, going_on = Flights(), [], threading.Event(), threading.Event()

    def make() -> int:
        made.append(1)
        begun.set()
        assert going_on.wait(10)
        return 7

    with ThreadPoolExecutor(5) as threads:
        first = threads.submit(flights.once, "a", make, keep=True)
        assert begun.wait(10)
        others = [threads.submit(flights.once, "a", make, keep=True) for _ in range(4)]
        assert flights.once("b", lambda: 8, keep=False) == 8
        going_on.set()
        assert [one.result(10) for one in (first, *others)] == [7] * 5
    assert len(made) == 1


def test_it_is_kept_only_where_that_is_asked() -> None:
    flights, numbers = Flights(), iter(range(10))
    assert [flights.once("a", lambda: next(numbers), keep=False) for _ in range(3)] == [0, 1, 2]
    assert [flights.once("b", lambda: next(numbers), keep=True) for _ in range(3)] == [3, 3, 3]


def test_a_failure_is_not_kept() -> None:
    flights = Flights()
    with pytest.raises(ZeroDivisionError):
        flights.once("a", lambda: 1 // 0, keep=True)
    assert flights.once("a", lambda: 1, keep=True) == 1
