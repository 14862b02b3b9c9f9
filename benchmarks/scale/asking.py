"""P3, P12, P13: reads at every size, each round asking every archive in turn."""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.demo.made import write_made
from app.demo.made_tables import tables
from benchmarks import servers
from benchmarks.load import asking, measure, request
from benchmarks.rounds import Ask, Rounds, interleaved
from benchmarks.scale.archives import Archive
from benchmarks.searching import BEYOND, FACETS
from benchmarks.servers import fetch, fetch_json, quoted
from benchmarks.serving import Measuring, forms
from benchmarks.table import Row, row

KINDS = {
    "work": "a work",
    "chapter": "a chapter of 5,000 words",
    "page": "20 works of a fandom by `-kudos`",
    "words": "20 works with a word by `-kudos`",
    "facets": "six facets of the largest fandom, exact, uncached",
    "facets_of_all": "six facets over all works, exact, uncached",
    "facets_kept": "six facets over all works, kept",
    "autocomplete": "names for the beginnings of words",
    "authors": "the list of authors",
}
"""What is asked at one connection of a server that keeps no answers."""
BARS = {"work": 1.5, "chapter": 1.5, "page": 2.5, "words": 4.0}
STARTED = 2.0
"""Seconds in which the command of an import has started and stores works."""
Paths = Callable[[], Sequence[str]]


def asked(size: int, chapters: Sequence[int]) -> dict[str, Paths]:
    """The paths of each kind; of some they are others each time, so that no answer can be a kept one."""
    chance, numbers, t = random.Random(5), itertools.count(BEYOND), tables()
    facets = ",".join(FACETS)
    works = [f"/v1/works/{chance.randrange(1, size + 1)}" for _ in range(400)]
    words = t.vocabulary[100 : len(t.vocabulary) : len(t.vocabulary) // 24]

    def fresh(**more: str) -> Paths:
        return lambda: [
            f"/v1/works?{quoted(words_max=next(numbers), facets=facets, sort='-kudos', **more)}" for _ in range(2_000)
        ]

    def typed() -> list[str]:
        starts = [f"{chance.choice(t.vocabulary)} {chance.choice(t.vocabulary)[:2]}" for _ in range(2_000)]
        return [f"/v1/tags/autocomplete?{quoted(q=one)}" for one in starts]

    return {
        "work": lambda: works,
        "chapter": lambda: [f"/v1/works/{one}/chapters/1" for one in chapters],
        "page": pages,
        "words": lambda: [f"/v1/works?{quoted(q=word, sort='-kudos')}" for word in words],
        "facets": fresh(fandom=t.fandoms[0]),
        "facets_of_all": fresh(),
        "facets_kept": lambda: [f"/v1/works?{quoted(facets=facets)}"],
        "autocomplete": typed,
        "authors": lambda: ["/v1/authors?limit=20"],
    }


def pages() -> list[str]:
    """Forty fandoms, the largest first."""
    return [f"/v1/works?{quoted(fandom=one, sort='-kudos', limit=20)}" for one in tables().fandoms[:40]]


def with_text(port: int) -> list[int]:
    """The works with chapters."""
    found = fetch_json(port, "/v1/works?has_text=true&sort=-words&limit=20&fields=id")["items"]
    return [one["id"] for one in found]


def growth(ports: Mapping[int, int], how: Measuring) -> dict[str, Rounds]:
    """Every kind of request, by the sizes in turn."""
    paths = {size: asked(size, with_text(port)) for size, port in ports.items()}

    def ask(size: int, kind: str) -> Ask:
        return lambda: measure(ports[size], [request(path) for path in paths[size][kind]()], how.seconds, 1)

    smallest = str(min(ports))
    return {kind: interleaved(how.rounds, {str(size): ask(size, kind) for size in ports}, smallest) for kind in KINDS}


def growth_rows(found: Mapping[str, Rounds], sizes: Sequence[int]) -> list[Row]:
    """P13: the median times of the largest archive over those of the smallest."""
    smallest, largest = str(min(sizes)), str(max(sizes))
    rows = []
    for kind, bar in BARS.items():
        rounds = found[kind]
        detail = f"{rounds.p50(largest):.2f} of {rounds.p50(smallest):.2f} ms"
        what, of = f"{KINDS[kind]}, {max(sizes):,} works", f"{min(sizes):,} works"
        rows.append(row("P13", what, of, rounds.times(largest, smallest), bar, at_most=True, detail=detail))
    return rows


def page_rows(archive: Archive, kept: int, afresh: int, folder: Path, how: Measuring) -> list[Row]:
    """P3: pages against the bare server, over sixteen connections."""
    bodies = sorted((fetch(kept, path) for path in pages()), key=len)
    requests = [request(path) for path in pages()]
    with servers.bare({"page": bodies[len(bodies) // 2]}, folder) as bare:
        found = interleaved(
            how.rounds,
            {
                "ours": asking(kept, requests, how.seconds),
                "afresh": asking(afresh, requests, how.seconds),
                "bare": asking(bare, [request("/body/page")], how.seconds),
            },
            "bare",
        )
    rows = []
    for name, what in forms(f"20 works of one of 40 fandoms by `-kudos`, {archive.size:,} works", kept=True):
        detail = f"{found.rate(name):,.0f} of {found.rate('bare'):,.0f} answers/s"
        rows.append(row("P3", what, "bare, same size", found.ratios(name, "bare"), 0.15, detail=detail))
    return rows


def import_rows(archive: Archive, count: int, seed: int, how: Measuring) -> list[Row]:
    """P12: the slowest pages with an import beside them, measured just before it and in it."""
    works = archive.folder / "beside.ndjson"
    requests = [request(path) for path in pages()]
    alone, beside = [], []
    with archive.served() as server:
        measure(server.port, requests, how.seconds)
        for number in range(how.rounds):
            with works.open("wb") as out:
                write_made(count, seed + number, out, wrangled=True)
            before = measure(server.port, requests, how.seconds)
            process = archive.start("import", str(works))
            time.sleep(STARTED)
            during = measure(server.port, requests, how.seconds)
            if process.poll() is None:  # else it was over before the measuring was
                alone.append(before.p99)
                beside.append(during.p99)
            process.communicate()
    works.unlink()
    if not beside:
        return []
    ratios = [one / before for one, before in zip(beside, alone, strict=True)]
    detail = f"{statistics.median(beside) * 1000:.0f} of {statistics.median(alone) * 1000:.0f} ms"
    what = f"p99 of pages while an import runs, {archive.size:,} works"
    return [row("P12", what, "p99 without it", ratios, 4.0, at_most=True, detail=detail)]
