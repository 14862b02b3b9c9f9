"""P8: autocomplete over many tags, against the bare server. Answers are kept while the index stays as it is."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import orjson

from app.demo.made_tables import tables
from benchmarks import servers
from benchmarks.bulk import command
from benchmarks.load import asking, request
from benchmarks.rounds import interleaved
from benchmarks.servers import fetch, fetch_json, quoted
from benchmarks.serving import Measuring
from benchmarks.table import Row, row

A_WORK = 40
CANONICAL = 4
"""Every fourth tag is canonical, as an archive that has been wrangled for a while."""


def tagging_rows(folder: Path, count: int, how: Measuring) -> list[Row]:
    """P8 over ``count`` tags of two or three words; what is typed is the first letters of a word."""
    archive = folder / "tags"
    if not archive.exists():
        _make(folder, archive, count)
    with servers.ours(archive, folder) as ours:
        typed = _typed()
        paths = [f"/v1/tags/autocomplete?{quoted(q=one)}" for one in typed]
        found = [len(fetch_json(ours, path)["items"]) for path in paths]
        bodies = sorted((fetch(ours, path) for path in paths), key=len)
        with servers.bare({"tags": bodies[len(bodies) // 2]}, folder) as bare:
            rounds = interleaved(
                how.rounds,
                {
                    "ours": asking(ours, [request(path) for path in paths], how.seconds),
                    "bare": asking(bare, [request("/body/tags")], how.seconds),
                },
                "bare",
            )
    detail = (
        f"{rounds.rate('ours'):,.0f} of {rounds.rate('bare'):,.0f} answers/s;"
        f" {sum(found) / len(found):.0f} names an answer, cached"
    )
    ratios = rounds.ratios("ours", "bare")
    return [row("P8", f"autocomplete over {count:,} tags", "bare, same size", ratios, 0.20, detail=detail)]


def _typed() -> list[str]:
    """From two letters to whole words and the beginning of a second one."""
    chance = random.Random(8)
    words = [word for word in tables().vocabulary if len(word) > 4]
    typed = [word[: 2 + number % 5] for number, word in enumerate(chance.sample(words, 60))]
    return typed + [f"{chance.choice(words)} {chance.choice(words)[:2]}" for _ in range(20)]


def _names(count: int) -> Iterator[str]:
    words = tables().vocabulary
    chance = random.Random(9)
    seen: set[str] = set()
    while len(seen) < count:
        name = " ".join(chance.choice(words) for _ in range(chance.randint(2, 3))).title()
        if name not in seen:
            seen.add(name)
            yield name


def _make(folder: Path, archive: Path, count: int) -> None:
    path = folder / "tags.ndjson"
    names = _names(count)
    with path.open("wb") as out:
        for number in range(count // A_WORK):
            freeforms = list(itertools.islice(names, A_WORK))
            work = {"key": str(number), "title": f"Work {number}", "fandoms": ["Many Tags"], "freeforms": freeforms}
            out.write(orjson.dumps(work, option=orjson.OPT_APPEND_NEWLINE))
    command(archive, "import", str(path))
    with sqlite3.connect(archive / "fanarchive.db") as database:
        database.execute(f"UPDATE tags SET canonical = 1 WHERE id % {CANONICAL} = 0")
    command(archive, "index", "rebuild")
