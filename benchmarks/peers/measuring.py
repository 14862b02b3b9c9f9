"""Asking all servers in turn, and what they take of memory and disk."""

from __future__ import annotations

import contextlib
import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.load import measure, request
from benchmarks.peers.agreeing import check
from benchmarks.peers.questions import OURS, PAGES, Paths, Question, body_of
from benchmarks.rounds import Ask, Measured, interleaved
from benchmarks.servers import fetch
from tests.soak.killing import children_of


@dataclass(frozen=True)
class How:
    """How many rounds there are, and how long each asks."""

    rounds: int
    seconds: float


def compare(
    folder: Path,
    started: Mapping[str, AbstractContextManager[int]],
    questions: Callable[[Mapping[str, int]], Sequence[Question]],
    how: How,
) -> dict[str, Any]:
    """Every question to all servers, and the memory that these hold at the end."""
    with contextlib.ExitStack() as stack:
        ports: dict[str, int] = {}
        processes: dict[str, int] = {}
        for name, starting in started.items():
            before = set(children_of(os.getpid()))
            ports[name] = stack.enter_context(starting)
            processes[name] = next(pid for pid in children_of(os.getpid()) if pid not in before)
        asked = questions(ports)
        for one in asked:
            if one.what == PAGES:
                check(one, ports)
        bodies = {f"{number}": body_of(one.paths["ours"](), _of(ports["ours"])) for number, one in enumerate(asked)}
        ports["bare"] = stack.enter_context(servers.bare(bodies, folder))
        rows = [_row(one, {**one.paths, "bare": _constant(number)}, ports, how) for number, one in enumerate(asked)]
        return {"rows": rows, "memory": {name: memory_mb(pid) for name, pid in processes.items()}}


def _of(port: int) -> Callable[[str], bytes]:
    return lambda path: fetch(port, path)


def _constant(number: int) -> Paths:
    return lambda: [f"/body/{number}"]


def _row(question: Question, paths: Mapping[str, Paths], ports: Mapping[str, int], how: How) -> dict[str, Any]:
    print(question.what, flush=True)
    asks = {
        name: _ask(ports[name], each, how.seconds, question.connections, question.requests.get(name, 1))
        for name, each in paths.items()
        if name in ports
    }
    found = interleaved(how.rounds, asks, "bare")
    others = [name for name in asks if name not in {*OURS, "bare"}]
    return {
        "what": question.what,
        "note": question.note,
        "rates": {name: _short(found.rate(name)) for name in asks},
        "to_bare": {name: _short(statistics.median(found.ratios(name, "bare"))) for name in asks},
        "multiples": {
            name: {ours: _short(statistics.median(found.ratios(ours, name))) for ours in OURS} for name in others
        },
    }


def _ask(port: int, paths: Paths, seconds: float, connections: int, requests: int) -> Ask:
    def ask() -> Measured:
        one = measure(port, [request(path) for path in paths()], seconds, connections)
        return Measured(one.rate / requests, one.p50 * requests, one.p99 * requests)

    return ask


def _short(number: float) -> float:
    return float(f"{number:.4g}")


def memory_mb(pid: int) -> float:
    """Of a process and all below it: each page once, those of mapped files, too."""
    kilobytes = 0
    for one in (pid, *children_of(pid)):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return round(kilobytes / 1024, 1)


def size_mb(*paths: Path) -> float:
    """Of files, and of all files in folders."""
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    return round(sum(file.stat().st_size for file in files) / 1e6, 1)


def filesystem(folder: Path) -> str:
    """The kind of the file system that a folder lies on, as Linux calls it."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    place = folder.resolve()
    return max((len(mount), kind) for mount, kind in mounts if place.is_relative_to(mount))[1]
