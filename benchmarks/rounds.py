"""Measuring in turn: every round asks each of the compared things once, so that foreign load meets all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

QUIET = 0.85
"""A round counts as quiet while its reference reaches this share of the reference's best round."""


@dataclass(frozen=True)
class Measured:
    """Answers a second, and the median and 99th percentile of the seconds of one."""

    rate: float
    p50: float
    p99: float


Ask = Callable[[], Measured]


@dataclass(frozen=True)
class Rounds:
    """What was measured, by name, a value a round."""

    by_name: dict[str, list[Measured]]

    def ratios(self, ours: str, other: str) -> list[float]:
        """How many answers a second of ours come on one of the other, round by round."""
        return [
            one.rate / reference.rate for one, reference in zip(self.by_name[ours], self.by_name[other], strict=True)
        ]

    def times(self, ours: str, other: str) -> list[float]:
        """How many median times of the other one of ours takes, round by round."""
        return [one.p50 / reference.p50 for one, reference in zip(self.by_name[ours], self.by_name[other], strict=True)]

    def p50(self, name: str) -> float:
        """The median over the rounds, in milliseconds."""
        return statistics.median(one.p50 for one in self.by_name[name]) * 1000

    def p99(self, name: str) -> float:
        """The median over the rounds of the 99th percentiles, in milliseconds."""
        return statistics.median(one.p99 for one in self.by_name[name]) * 1000

    def rate(self, name: str) -> float:
        """The median over the rounds."""
        return statistics.median(one.rate for one in self.by_name[name])


def interleaved(count: int, asked: Mapping[str, Ask], reference: str) -> Rounds:
    """``count`` rounds after one that warms up.

    Rounds in which the reference was slowed by something else are repeated (at most ``2 * count`` more); those in which
    it was fastest are kept. That never favours us: load slows the bare reference more than it slows us.
    """
    for ask in asked.values():
        ask()
    found: list[dict[str, Measured]] = []
    while len(found) < 3 * count:
        found.append({name: ask() for name, ask in asked.items()})
        found.sort(key=lambda one: -one[reference].rate)
        if len(found) >= count and found[count - 1][reference].rate >= QUIET * found[0][reference].rate:
            break
    return Rounds({name: [one[name] for one in found[:count]] for name in asked})


def calling(function: Callable[[], object], seconds: float) -> Ask:
    """Measure a function of this process by calling it again and again."""

    def ask() -> Measured:
        times = []
        started = now = time.perf_counter()
        while now < started + seconds:
            function()
            before, now = now, time.perf_counter()
            times.append(now - before)
        return summed_up(times, now - started)

    return ask


def summed_up(times: list[float], took: float) -> Measured:
    """The measured times of single answers, and how long all of them took."""
    times.sort()
    return Measured(len(times) / took, times[len(times) // 2], times[int(len(times) * 0.99)])
