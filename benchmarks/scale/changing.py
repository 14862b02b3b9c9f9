"""P14, P15, P17, P18: what changes, how a server starts, and what memory it holds."""

from __future__ import annotations

import http.client
import itertools
import json
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.demo.made_tables import tables
from benchmarks.load import measure, request
from benchmarks.scale.archives import Archive, indexer, memory
from benchmarks.scale.asking import Paths, asked
from benchmarks.servers import Running, fetch_json, quoted
from benchmarks.serving import Measuring
from benchmarks.table import Row, row

JSON = {"Content-Type": "application/json"}
SMALL = 900
"""The rank of a fandom with few works."""
EMPTY = ("page", "words", "facets", "facets_of_all", "autocomplete", "authors")
"""What an archive without works answers, too."""
GUESTS = itertools.count(2)


def send(port: int, method: str, path: str, body: Any = None, source: str = "127.0.0.1", **headers: str) -> Any:
    """One request from an address of this machine; what is answered, which has to be a success or 503 (as None)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    said = response.read()
    connection.close()
    if response.status == 503:
        return None
    if response.status >= 300:
        raise SystemExit(f"{method} {path}: {response.status} {said.decode()[:300]}")
    return json.loads(said) if said else {}


def kudos(port: int, times: int) -> list[float]:
    """P14: seconds from a guest's kudos until the work is no longer the first of those with fewest."""
    seconds = []
    for fandom in itertools.islice(itertools.cycle(tables().fandoms[:40]), times + 1):
        path = f"/v1/works?{quoted(fandom=fandom, sort='kudos', limit=2)}"
        items = fetch_json(port, path)["items"]
        if len(items) < 2 or items[0]["stats"]["kudos"] != items[1]["stats"]["kudos"]:
            continue
        guest = next(GUESTS)
        started = time.perf_counter()
        send(port, "POST", f"/v1/works/{items[0]['id']}/kudos", source=f"127.0.{guest // 250}.{guest % 250 + 2}")
        while fetch_json(port, path)["items"][0]["id"] == items[0]["id"]:
            time.sleep(0.01)
        seconds.append(time.perf_counter() - started)
    return seconds[1:]  # the first one may have waited for the indexer to start


def merges(archive: Archive, server: Running, rounds: int, raw: Callable[[], float]) -> dict[str, Any]:
    """P15: the largest fandom into the second, and a small one into another; each is undone again.

    ``raw`` measures the bare engine, just before each of the large ones.
    """
    token = archive.command("token", "create", "--scope", "wrangle").out.split()[-1]
    names, small = tables().fandoms, min(SMALL, archive.size // 20)
    found: dict[str, Any] = {}
    for _ in range(rounds):
        for kind, first in (("small", small), ("large", 0)):
            if kind == "large":
                found.setdefault("raw", []).append(raw())
            one = _merge(server.port, token, names[first], names[first + 1])
            for name, value in one.items():
                found.setdefault(kind, {}).setdefault(name, []).append(value)
    found["indexer"] = memory(indexer(archive, server.pid))
    return found


def _merge(port: int, token: str, name: str, target: str) -> dict[str, float]:
    headers = {"Authorization": f"Bearer {token}", **JSON}
    asked_for = [fetch_json(port, f"/v1/works?{quoted(fandom=one, limit=1)}") for one in (name, target)]
    ids = [one["applied"][0]["id"] for one in asked_for]
    started = time.perf_counter()
    body = {"acts": [{"tag_id": ids[1], "canonical": True}, {"tag_id": ids[0], "canonical_id": ids[1]}]}
    done = send(port, "POST", "/v1/tags/wrangle", body, **headers)
    answered = time.perf_counter() - started
    shown = _once(port, fandom=target, limit=20, facets="fandom", after_change=done["change"])
    settled = time.perf_counter() - started
    _check(shown, ids)
    again = _once(port, fandom=target, limit=20, facets="fandom", crossover="false", after_change=done["change"])
    written = time.perf_counter() - started
    _check(again, ids)
    undone = send(port, "POST", f"/v1/tags/acts/{done['results'][-1]['act_id']}/undo", **headers)
    _once(port, limit=1, crossover="false", after_change=undone["change"])
    return {"works": asked_for[0]["total"], "answered": answered, "settled": settled, "written": written}


def _once(port: int, **params: Any) -> Any:
    """A list from the moment on at which it shows a change."""
    while (found := send(port, "GET", f"/v1/works?{quoted(**params)}")) is None:
        pass
    return found


def _check(shown: Any, ids: list[int]) -> None:
    """That a list of the tag merged into shows the merge: in its total, its facet and its cards."""
    counts = {row["id"]: row["count"] for row in shown["facets"]["fandom"]}
    kept = {tag["id"]: tag["canonical_id"] for item in shown["items"] for tag in item["fandoms"]}
    if counts.get(ids[1]) != shown["total"] or ids[0] in counts or kept.get(ids[0], ids[1]) != ids[1]:
        raise SystemExit("A merge is not shown where it is said to be.")


def merge_rows(found: Mapping[str, Any]) -> list[Row]:
    """The largest merge against the small one of the same round, and against what the works take the bare engine."""
    large, small = found["large"], found["small"]
    answers = [one / other for one, other in zip(large["answered"], small["answered"], strict=True)]
    works = large["works"][0]
    allowed = [works / (0.5 * rate) for rate in found["raw"]]
    times = [one / bar for one, bar in zip(large["settled"], allowed, strict=True)]
    detail = f"{_ms(large['answered'])} of {_ms(small['answered'])} ms; {works:,} works and {small['works'][0]:,}"
    settled = (
        f"{statistics.median(large['settled']):.2f} s, {works:,} works; the bar is {statistics.median(allowed):.1f} s;"
        f" every document written anew after {statistics.median(large['written']):.1f} s"
    )
    return [
        row("P15", "merging the largest fandom, answered", "a small one", answers, 1.5, at_most=True, detail=detail),
        row("P15", "the same, settled: shown by filters, totals, facets and cards",
            "works at half the rate of a raw index build", times, 1.0, at_most=True, detail=settled),
    ]  # fmt: skip


def _ms(times: list[float]) -> str:
    return f"{statistics.median(times) * 1000:.0f}"


def kudos_row(size: int, seconds: list[float]) -> list[Row]:
    """P14, in seconds: the one bar that is a time."""
    if not seconds:
        return []
    what = f"kudos until seen in the sort, {size:,} works"
    detail = f"{statistics.median(seconds):.2f} s, at most {max(seconds):.2f}; {len(seconds)} of them"
    return [row("P14", what, "a second", seconds, 2.0, at_most=True, detail=detail)]


def start_rows(large: Archive, empty: Archive, rounds: int) -> list[Row]:
    """P17: from the start of the process to its first list."""
    seconds: dict[Archive, list[float]] = {empty: [], large: []}
    for _ in range(rounds + 1):
        for archive, found in seconds.items():
            with archive.served() as server:
                found.append(server.seconds)
    ours, reference = seconds[large][1:], seconds[empty][1:]  # the first ones read files that the system had forgotten
    ratios = [one / other for one, other in zip(ours, reference, strict=True)]
    detail = f"{statistics.median(ours):.2f} of {statistics.median(reference):.2f} s"
    what = f"start to first answer, {large.size:,} works"
    return [row("P17", what, "an empty archive", ratios, 1.5, at_most=True, detail=detail)]


def memory_rows(large: Archive, empty: Archive, how: Measuring) -> list[Row]:
    """P18: a server's own memory after the same load over sixteen connections; files that it maps are said beside."""
    found = {}
    for archive in (empty, large):
        with archive.served() as server:
            paths: dict[str, Paths] = asked(max(archive.size, 1), [])
            for kind in EMPTY:
                measure(server.port, [request(path) for path in paths[kind]()], how.seconds)
            found[archive] = memory(server.pid)
    ours, reference = found[large], found[empty]
    detail = (
        f"{ours['own']:.0f} of {reference['own']:.0f} MB, and {ours['mapped']:.0f} of {reference['mapped']:.0f} mapped"
    )
    what = f"memory of a server after load, {large.size:,} works"
    return [row("P18", what, "an empty archive", [ours["own"] / reference["own"]], 2.0, at_most=True, detail=detail)]
