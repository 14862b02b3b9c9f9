"""P4 and P6: facets and passages against the engine's own Python interface, without HTTP."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tantivy

from app.search.index import current_path, open_generation
from app.search.schema import VIS_REGISTERED
from benchmarks import servers
from benchmarks.load import asking, measure, request
from benchmarks.rounds import Ask, Measured, calling, interleaved
from benchmarks.servers import fetch_json, quoted
from benchmarks.serving import Measuring, forms, some_fandoms
from benchmarks.table import Row, row

FACETS = ("fandom", "character", "relationship", "freeform", "rating", "language")
BEYOND = 10**9
PHRASES = 60
HITS = 20


def searching_rows(folder: Path, how: Measuring) -> list[Row]:
    """Both, over the archive and the plain database of a folder."""
    archive = folder / "archive"
    with (
        servers.ours(archive, folder) as ours,
        servers.ours(archive, folder, keeping=False) as afresh,
        servers.plain(folder / "plain.db", folder) as plain,
    ):
        return [*_facets(folder, ours, plain, how), *_passages(folder, ours, afresh, plain, how)]


def _facets(folder: Path, ours: int, plain: int, how: Measuring) -> list[Row]:
    """The largest fandom with six facets. Each request asks for another range, so that no answer can be a kept one."""
    fandom = some_fandoms(ours)[0]
    first = fetch_json(ours, f"/v1/works?{quoted(fandom=fandom, limit=1)}")
    numbers = itertools.count(BEYOND)

    def fresh(**more: str) -> Ask:
        def ask() -> Measured:
            asked = [{"fandom": fandom, "sort": "-kudos", "words_max": next(numbers), **more} for _ in range(5_000)]
            return measure(ours, [request(f"/v1/works?{quoted(**one)}") for one in asked], how.seconds, 1)

        return ask

    generation = open_generation(current_path(folder / "archive" / "index"))
    aggregate = _aggregation(generation.indexes["works"], generation.schemas["works"], first["applied"][0]["id"])
    found = interleaved(
        how.rounds,
        {
            "faceted": fresh(facets=",".join(FACETS)),
            "without": fresh(),
            "raw": calling(aggregate, how.seconds),
            "plain": asking(plain, [request(f"/works?{quoted(tag=fandom, facets='true')}")], how.seconds, 1),
        },
        "raw",
    )
    rounds = found.by_name
    added = [
        (one.p50 - other.p50) / raw.p50
        for one, other, raw in zip(rounds["faceted"], rounds["without"], rounds["raw"], strict=True)
    ]
    share = first["total"] / fetch_json(ours, "/v1/works?limit=1")["total"]
    detail = (
        f"{found.p50('faceted') - found.p50('without'):.2f} of {found.p50('raw'):.2f} ms;"
        f" {first['total']:,} works match ({share:.1%})"
    )
    whole = f"{found.p50('faceted'):.2f} to {found.p50('plain'):,.0f} ms"
    return [
        row("P4", "six facets of P2, exact, uncached: added time", "the same aggregation, raw", added, 1.3,
            at_most=True, detail=detail),
        row("P4", "the page with six facets, exact, uncached", "plain (multiple)", found.times("plain", "faceted"),
            40.0, detail=whole),
    ]  # fmt: skip


def _aggregation(index: tantivy.Index, schema: tantivy.Schema, tag_id: int) -> Callable[[], object]:
    """The same question of the engine: the same clauses, the same exactness."""
    searcher = index.searcher()
    terms = {
        name: {"terms": {"field": name if name in {"rating", "language"} else f"facet_{name}", **_EXACT}}
        for name in FACETS
    }
    must, must_not = tantivy.Occur.Must, tantivy.Occur.MustNot
    numbers = itertools.count(BEYOND)

    def aggregate() -> object:
        query = tantivy.Query.boolean_query(
            [
                (must, tantivy.Query.term_query(schema, "tag", tag_id, "basic")),
                (must, tantivy.Query.range_query(schema, "words", tantivy.FieldType.Unsigned, None, next(numbers))),
                (must_not, tantivy.Query.term_query(schema, "vis", VIS_REGISTERED, "basic")),
            ]
        )
        return searcher.aggregate(query, terms)

    return aggregate


_EXACT = {"size": 20, "segment_size": 60_000}
"""Each segment hands on all of its terms, or counts come out too low; ten more than are shown, to order equals."""


def _passages(folder: Path, ours: int, afresh: int, plain: int, how: Measuring) -> list[Row]:
    """Phrases of two words with at least twenty hits, against an index of the same texts that stores them."""
    searcher, schema = _raw_index(folder)
    phrases = _phrases(folder, searcher, schema)
    turn = itertools.cycle(phrases)

    def raw() -> None:
        query = tantivy.Query.phrase_query(schema, "body", list(next(turn).split()))
        snippets = tantivy.SnippetGenerator.create(searcher, query, schema, "body")
        for _, address in searcher.search(query, HITS).hits:
            snippets.snippet_from_doc(searcher.doc(address)).to_html()

    texts = [f'"{phrase}"' for phrase in phrases]
    requests = [request(f"/v1/passages?{quoted(text=one)}") for one in texts]
    found = interleaved(
        how.rounds,
        {
            "ours": asking(ours, requests, how.seconds, 1),
            "afresh": asking(afresh, requests, how.seconds, 1),
            "raw": calling(raw, how.seconds),
            "plain": asking(plain, [request(f"/passages?{quoted(q=one)}") for one in texts], how.seconds, 1),
        },
        "raw",
    )
    rows = []
    for name, what in forms("passages: a phrase, 20 snippets of chapters of 2,000 words", kept=True):
        detail = f"{found.p50(name):.2f} of {found.p50('raw'):.2f} ms"
        against = f"{found.p50(name):.2f} to {found.p50('plain'):.2f} ms"
        rows += [
            row("P6", what, "raw query and snippets", found.times(name, "raw"), 2.0, at_most=True, detail=detail),
            row("P6", what, "plain (multiple)", found.times("plain", name), 2.0, detail=against),
        ]
    return rows


def _texts(folder: Path) -> Iterator[str]:
    for name in ("bodies", "chapters"):
        with (folder / f"{name}.ndjson").open() as lines:
            for line in lines:
                for chapter in json.loads(line)["chapters"]:
                    yield chapter["content"].replace("<p>", "").replace("</p>", "")


def _raw_index(folder: Path) -> tuple[tantivy.Searcher, tantivy.Schema]:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=True)
    schema = builder.build()
    path = folder / "raw-passages"
    if not path.exists():
        new = folder / "raw-passages-new"
        new.mkdir()
        writer = tantivy.Index(schema, path=str(new)).writer(256_000_000, 2)
        for body in _texts(folder):
            writer.add_document(tantivy.Document.from_dict({"body": body}, schema))
        writer.commit()
        writer.wait_merging_threads()
        new.rename(path)
    return tantivy.Index.open(str(path)).searcher(), schema


def _phrases(folder: Path, searcher: tantivy.Searcher, schema: tantivy.Schema) -> list[str]:
    """Two words that stand side by side somewhere, in at least twenty chapters."""
    chance = random.Random(5)
    texts = [body for number, body in enumerate(_texts(folder)) if number % 50 == 0]
    phrases: list[str] = []
    while len(phrases) < PHRASES:
        words = chance.choice(texts).replace(".", "").lower().split()
        at = chance.randrange(len(words) - 1)
        query: Any = tantivy.Query.phrase_query(schema, "body", [*words[at : at + 2]])
        found: Any = searcher.search(query, 1)
        if found.count >= HITS:
            phrases.append(" ".join(words[at : at + 2]))
    return phrases
