"""P1, P2, P5, P7 and words: requests against the bare server and the plain service.

The requests of a measurement repeat, so that pages and chapters come from what was kept. The same is measured of a
server that keeps nothing: what an answer costs that nobody has asked for before.
"""

from __future__ import annotations

import random
import statistics
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.demo.made_tables import tables
from benchmarks import servers
from benchmarks.load import asking, request
from benchmarks.rounds import interleaved
from benchmarks.servers import fetch, fetch_json, quoted
from benchmarks.table import Row, row

WORDS = 24


@dataclass(frozen=True)
class Compared:
    """One kind of request: what we are asked, what the plain service is, and the bars."""

    name: str
    code: str
    what: str
    ours: list[str]
    plain: list[str]
    bar: float
    multiple: float
    kept: bool = True
    """Whether answers of the kind are kept."""


@dataclass(frozen=True)
class Measuring:
    """How long each measurement takes, and how many rounds there are."""

    rounds: int
    seconds: float


def serving_rows(folder: Path, how: Measuring) -> list[Row]:
    """All of them, over the archive and the plain database of a folder."""
    archive = folder / "archive"
    with (
        servers.ours(archive, folder) as ours,
        servers.ours(archive, folder, keeping=False) as afresh,
        servers.plain(folder / "plain.db", folder) as plain,
    ):
        asked = _asked(ours)
        bodies = {one.name: _usual_body(ours, one.ours) for one in asked}
        with servers.bare(bodies, folder) as bare:
            rows = [found for one in asked for found in _compare(one, ours, afresh, bare, plain, how)]
            rows.append(_unchanged(ours, bare, asked[0].ours[0], how))
        rows += _words(ours, afresh, plain, how)
    return rows


def some_fandoms(port: int) -> list[str]:
    """The most used fandoms, largest first."""
    return [tag["name"] for tag in fetch_json(port, "/v1/tags?type=fandom&limit=40")["items"]]


def _asked(port: int) -> list[Compared]:
    chance = random.Random(5)
    total = fetch_json(port, "/v1/works?limit=1")["total"]
    ids = [chance.randrange(1, total) for _ in range(400)]
    fandoms = some_fandoms(port)
    longest: Any = fetch_json(port, "/v1/works?has_text=true&sort=-words&limit=20&fields=id")["items"]
    return [
        Compared("work", "P1", "`GET /v1/works/{id}`", [f"/v1/works/{one}" for one in ids],
                 [f"/works/{one}" for one in ids], 0.20, 5.0, kept=False),
        Compared("page", "P2", "20 works of one of 40 fandoms by `-kudos`, exact total",
                 [f"/v1/works?{quoted(fandom=one, sort='-kudos', limit=20)}" for one in fandoms],
                 [f"/works?{quoted(tag=one)}" for one in fandoms], 0.20, 30.0),
        Compared("largest", "P2", "the same of the largest fandom",
                 [f"/v1/works?{quoted(fandom=fandoms[0], sort='-kudos', limit=20)}"],
                 [f"/works?{quoted(tag=fandoms[0])}"], 0.20, 30.0),
        Compared("chapter", "P5", "a chapter of 5,000 words",
                 [f"/v1/works/{one['id']}/chapters/1" for one in longest],
                 [f"/chapters/{number}" for number in range(1, 21)], 0.25, 3.0),
    ]  # fmt: skip


def _usual_body(port: int, paths: list[str]) -> bytes:
    """The body of median length among forty: what the bare server answers."""
    return sorted((fetch(port, path) for path in paths[:40]), key=len)[min(40, len(paths)) // 2]


def _compare(one: Compared, ours: int, afresh: int, bare: int, plain: int, how: Measuring) -> list[Row]:
    requests = [request(path) for path in one.ours]
    compared = {"ours": asking(ours, requests, how.seconds)}
    if one.kept:
        compared["afresh"] = asking(afresh, requests, how.seconds)
    compared["bare"] = asking(bare, [request(f"/body/{one.name}")], how.seconds)
    compared["plain"] = asking(plain, [request(path) for path in one.plain], how.seconds)
    found = interleaved(how.rounds, compared, "bare")
    rows = []
    for name, what in forms(one.what, kept=one.kept):
        detail = f"{found.rate(name):,.0f} of {found.rate('bare'):,.0f} answers/s"
        against = f"{found.rate(name):,.0f} to {found.rate('plain'):,.1f} answers/s"
        rows += [
            row(one.code, what, "bare, same size", found.ratios(name, "bare"), one.bar, detail=detail),
            row(one.code, what, "plain (multiple)", found.ratios(name, "plain"), one.multiple, detail=against),
        ]
    return rows


def forms(what: str, *, kept: bool) -> list[tuple[str, str]]:
    """What was asked, by the name of its measurement."""
    return [("ours", f"{what}, asked again"), ("afresh", f"{what}, nothing kept")] if kept else [("ours", what)]


def _unchanged(ours: int, bare: int, path: str, how: Measuring) -> Row:
    with urllib.request.urlopen(f"http://127.0.0.1:{ours}{path}") as response:
        etag = str(response.headers["ETag"])
    found = interleaved(
        how.rounds,
        {
            "ours": asking(ours, [request(path, If_None_Match=etag)], how.seconds),
            "bare": asking(bare, [request("/unchanged")], how.seconds),
        },
        "bare",
    )
    detail = f"{found.rate('ours'):,.0f} of {found.rate('bare'):,.0f} answers/s"
    ratios = found.ratios("ours", "bare")
    return row("P7", "the same work, conditional, answered 304", "bare, empty 304", ratios, 0.25, detail=detail)


def _words(ours: int, afresh: int, plain: int, how: Measuring) -> list[Row]:
    """Words of every tenth of the vocabulary, frequent to rare; both sides count all that match and sort by kudos."""
    vocabulary = tables().vocabulary
    words = vocabulary[100 : len(vocabulary) : len(vocabulary) // WORDS]
    totals = [fetch_json(ours, f"/v1/works?{quoted(q=word, limit=1)}")["total"] for word in words]
    requests = [request(f"/v1/works?{quoted(q=word, sort='-kudos')}") for word in words]
    found = interleaved(
        how.rounds,
        {
            "ours": asking(ours, requests, how.seconds),
            "afresh": asking(afresh, requests, how.seconds),
            "plain": asking(plain, [request(f"/works?{quoted(q=word)}") for word in words], how.seconds),
        },
        "plain",
    )
    rows = []
    for name, what in forms("a word in titles, summaries (ours: tags and authors, too)", kept=True):
        rates = f"{found.rate(name):,.0f} to {found.rate('plain'):,.1f} answers/s"
        detail = f"{rates}; {statistics.median(totals):,.0f} works match"
        rows.append(row("-", what, "plain (multiple)", found.ratios(name, "plain"), 15.0, detail=detail))
    return rows
