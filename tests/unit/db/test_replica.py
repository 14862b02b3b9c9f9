"""How far a replica lags, by where the primary's log stood."""

from __future__ import annotations

from collections import deque

import pytest

from app.db.replica import Lag


def test_nothing_lags_where_nothing_is_lacking() -> None:
    lag = Lag(deque())
    assert lag.seconds(100.0, 5_000, 5_000, idle=86_400.0) == 0.0
    assert lag.seconds(4_000.0, 5_000, 5_000, idle=90_000.0) == 0.0, "an idle primary is no lag"


def test_it_lags_since_the_first_that_it_lacks() -> None:
    lag = Lag(deque())
    assert lag.seconds(10.0, 1_000, 1_000, idle=0.0) == 0.0
    assert lag.seconds(11.0, 1_100, 1_000, idle=0.5) == pytest.approx(0.5)
    assert lag.seconds(12.0, 1_200, 1_000, idle=1.5) == pytest.approx(1.5)
    assert lag.seconds(20.0, 1_300, 1_150, idle=0.1) == pytest.approx(8.0), "it has what was there until 11"
    assert lag.seconds(21.0, 1_300, 1_300, idle=0.1) == 0.0


def test_the_first_look_takes_the_worst_for_true() -> None:
    assert Lag(deque()).seconds(10.0, 1_000, 900, idle=3_600.0) == pytest.approx(3_600.0)
    assert Lag(deque()).seconds(10.0, 1_000, 900, idle=None) == float("inf")


def test_without_the_primary_it_lags_by_what_was_known() -> None:
    lag = Lag(deque([(5.0, 1_000)]))
    assert lag.seconds(9.0, None, 900, idle=1.0) == pytest.approx(4.0)
    assert lag.seconds(9.5, None, 1_000, idle=1.0) == 0.0
