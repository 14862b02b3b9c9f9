"""P1 to P7: requests against the bare server, the plain service, and the engine without HTTP; rounds interleaved."""

from __future__ import annotations

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tantivy

from app.search.index import current_path, open_generation
from benchmarks.bulk import FANARCHIVE
from benchmarks.load import Measured, measure, request
from benchmarks.table import Row

FACETS = "fandom,character,relationship,freeform,rating,language"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], port: int, path: str, folder: Path, **environment: str) -> Iterator[None]:
    """A server, from its first answer on."""
    log = (folder / f"{port}.log").open("wb")
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        for _ in range(200):
            try:
                fetch(port, path)
                break
            except OSError:
                time.sleep(0.1)
        yield
    except Exception:
        print(Path(log.name).read_text()[-2_000:], file=sys.stderr)
        raise
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def fetch(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as response:
        body: bytes = response.read()
        return body


def quoted(**params: Any) -> str:
    return urllib.parse.urlencode(params)


class Bench:
    """The three servers, and what is asked of them."""

    def __init__(self, data_dir: Path, folder: Path, rounds: int, seconds: float) -> None:
        self.data_dir, self.folder = data_dir, folder
        self.rounds, self.seconds = rounds, seconds
        self.ours, self.bare, self.plain = free_port(), free_port(), free_port()
        self.chance = random.Random(5)
        self.rows: list[Row] = []

    def run(self) -> list[Row]:
        serve = [FANARCHIVE, "serve", "--port", str(self.ours)]
        with running(
            serve,
            self.ours,
            "/readyz",
            self.folder,
            FANARCHIVE_DATA_DIR=str(self.data_dir),
            FANARCHIVE_RATE_LIMITS="off",
        ):
            paths = self._paths()
            bodies = {name: fetch(self.ours, asked[0]).decode() for name, asked in paths.items()}
            (self.folder / "bodies.json").write_text(json.dumps(bodies))
            module = [sys.executable, "-m", "benchmarks.bare", str(self.bare)]
            root = str(Path(__file__).parent.parent)
            database = str(self.folder / "plain.db")
            plain = [sys.executable, "-m", "benchmarks.plain_service", str(self.plain)]
            with (
                running(module, self.bare, "/body/work", self.folder, PYTHONPATH=root),
                running(plain, self.plain, "/works/1", self.folder, PYTHONPATH=root, PLAIN_DB=database),
            ):
                self._requests(paths)
                self._facets()
                self._passages()
        return self.rows

    def _paths(self) -> dict[str, list[str]]:
        tags = json.loads(fetch(self.ours, "/v1/tags?type=fandom&limit=40"))["items"]
        self.tags = [tag["name"] for tag in tags]
        longest = json.loads(fetch(self.ours, "/v1/works?has_text=true&sort=-words&limit=20&fields=id"))["items"]
        total = json.loads(fetch(self.ours, "/v1/works?limit=1"))["total"]
        self.total = total
        return {
            "work": [f"/v1/works/{self.chance.randrange(1, total)}" for _ in range(400)],
            "page": [f"/v1/works?{quoted(fandom=tag, sort='-kudos', limit=20)}" for tag in self.tags],
            "chapter": [f"/v1/works/{work['id']}/chapters/1" for work in longest],
        }

    def _rounds(self, *asked: tuple[int, list[bytes]], connections: int = 16) -> list[list[Measured]]:
        """Interleaved: a round asks each in turn."""
        found: list[list[Measured]] = [[] for _ in asked]
        for number in range(self.rounds + 1):
            for place, (port, requests) in enumerate(asked):
                measured = measure(port, requests, self.seconds, connections)
                if number:  # the first round warms up
                    found[place].append(measured)
        return found

    def _ratio(self, ours: list[Measured], other: list[Measured]) -> float:
        return statistics.median(one.rate / reference.rate for one, reference in zip(ours, other, strict=True))

    def _requests(self, paths: dict[str, list[str]]) -> None:
        etag = self._etag(paths["work"][0])
        plain = {
            "work": [f"/works/{path.rpartition('/')[2]}" for path in paths["work"]],
            "page": [f"/works?{quoted(tag=tag)}" for tag in self.tags],
            "chapter": [f"/chapters/{number}" for number in range(1, 20)],
        }
        bars = {"work": ("P1", 0.20, 5.0), "page": ("P2", 0.20, 30.0), "chapter": ("P5", 0.25, 3.0)}
        whats = {
            "work": "GET a work",
            "page": "a page of a fandom by -kudos, exact total",
            "chapter": "a chapter of 5,000 words",
        }
        for name, (code, bar, multiple) in bars.items():
            ours, bare, other = self._rounds(
                (self.ours, [request(path) for path in paths[name]]),
                (self.bare, [request(f"/body/{name}")]),
                (self.plain, [request(path) for path in plain[name]]),
            )
            rate = f"{statistics.median(one.rate for one in ours):,.0f}/s"
            self.rows.append(Row(code, whats[name], "bare, same size", self._ratio(ours, bare), bar, detail=rate))
            self.rows.append(Row(code, whats[name], "plain (multiple)", self._ratio(ours, other), multiple))
        ours, bare = self._rounds(
            (self.ours, [request(paths["work"][0], If_None_Match=etag)]), (self.bare, [request("/unchanged")])
        )
        self.rows.append(Row("P7", "a conditional GET answered 304", "bare empty 304", self._ratio(ours, bare), 0.25))
        words = ["grioshourn", "wiath", "tiade", "lor", "grom", "riar", "skioband", "flam"]
        ours, other = self._rounds(
            (self.ours, [request(f"/v1/works?{quoted(q=word, sort='-kudos')}") for word in words]),
            (self.plain, [request(f"/works?{quoted(q=word)}") for word in words]),
        )
        self.rows.append(
            Row("P2b", "words in titles and summaries", "plain (multiple)", self._ratio(ours, other), 15.0)
        )

    def _etag(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ours}{path}") as response:
            return str(response.headers["ETag"])

    def _facets(self) -> None:
        """P4: uncached, by asking for another range each time; the largest fandom is some 5 % of the works."""
        numbers = iter(range(1, 10_000_000))
        tag = self.tags[0]

        def asked(facets: str) -> list[bytes]:
            more = {"facets": facets} if facets else {}
            return [
                request(f"/v1/works?{quoted(fandom=tag, sort='-kudos', words_max=10**9 + next(numbers), **more)}")
                for _ in range(300)
            ]

        generation = open_generation(current_path(self.data_dir / "index"))
        searcher, schema = generation.indexes["works"].searcher(), generation.schemas["works"]
        tag_id = json.loads(fetch(self.ours, f"/v1/works?{quoted(fandom=tag, limit=1)}"))["applied"][0]["id"]
        query = tantivy.Query.term_query(schema, "tag", tag_id, "basic")
        fields = {name: f"facet_{name}" for name in FACETS.split(",")[:4]} | {
            "rating": "rating",
            "language": "language",
        }
        wanted = {name: {"terms": {"field": field, "size": 10}} for name, field in fields.items()}
        with_facets, without, other = self._rounds(
            (self.ours, asked(FACETS)),
            (self.ours, asked("")),
            (self.plain, [request(f"/works?{quoted(tag=tag, facets='true')}")]),
            connections=1,
        )
        raw = _median_seconds(lambda: searcher.aggregate(query, wanted))
        added = statistics.median(one.p50 for one in with_facets) - statistics.median(one.p50 for one in without)
        what = "six exact facets of that page, uncached: added time"
        detail = f"{added * 1000:.2f} of {raw * 1000:.2f} ms"
        self.rows.append(Row("P4", what, "raw index aggregation", added / raw, 1.3, at_most=True, detail=detail))
        multiple = statistics.median(one.p50 for one in other) / statistics.median(one.p50 for one in with_facets)
        self.rows.append(
            Row("P4", "the whole page with six exact facets, uncached", "plain (multiple)", multiple, 40.0)
        )

    def _passages(self) -> None:
        """P6: phrases of two words against the same query and snippets of the engine, whose index stores the texts."""
        texts = [body for _, body in self._some_bodies()]
        phrases = []
        for _ in range(60):
            words = self.chance.choice(texts)[1_000:9_000].replace(".", "").replace(",", "").lower().split()
            at = self.chance.randrange(len(words) - 3)
            phrases.append(f'"{words[at]} {words[at + 1]}"')
        ours, other = self._rounds(
            (self.ours, [request(f"/v1/passages?{quoted(text=phrase)}") for phrase in phrases]),
            (self.plain, [request(f"/passages?{quoted(q=phrase)}") for phrase in phrases]),
            connections=1,
        )
        p50 = statistics.median(one.p50 for one in ours)
        raw = self._raw_passages(texts, phrases)
        detail = f"{p50 * 1000:.2f} of {raw * 1000:.2f} ms"
        what = "passages: a phrase, 20 snippets"
        self.rows.append(Row("P6", what, "raw query and snippets", p50 / raw, 2.0, at_most=True, detail=detail))
        multiple = statistics.median(one.p50 for one in other) / p50
        self.rows.append(Row("P6", what, "plain (multiple)", multiple, 2.0))

    def _some_bodies(self) -> list[tuple[str, str]]:
        with (self.folder / "bodies.ndjson").open() as lines:
            records = [json.loads(line) for line in lines]
        return [
            (record["key"], chapter["content"].replace("<p>", "").replace("</p>", "\n"))
            for record in records
            for chapter in record["chapters"]
        ]

    def _raw_passages(self, texts: list[str], phrases: list[str]) -> float:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("body", stored=True)
        schema = builder.build()
        index = tantivy.Index(schema)
        writer = index.writer(256_000_000, 2)
        for body in texts:
            writer.add_document(tantivy.Document.from_dict({"body": body}, schema))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        searcher = index.searcher()
        turn = iter(phrases * 100)

        def ask() -> None:
            query = tantivy.Query.phrase_query(schema, "body", next(turn).strip('"').split())
            snippets = tantivy.SnippetGenerator.create(searcher, query, schema, "body")
            for _, address in searcher.search(query, 20).hits:
                snippets.snippet_from_doc(searcher.doc(address)).to_html()

        return _median_seconds(ask)


def _median_seconds(ask: Callable[[], object], times: int = 200) -> float:
    found = []
    for _ in range(times):
        started = time.perf_counter()
        ask()
        found.append(time.perf_counter() - started)
    return statistics.median(found)
