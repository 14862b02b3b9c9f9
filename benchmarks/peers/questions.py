"""What is asked, of each server in its own words."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.demo.made_tables import tables
from benchmarks.peers import calibre, datasette
from benchmarks.servers import fetch_json, quoted

BEYOND = 10**9
OURS = ("ours", "afresh")
"""Our server as it starts by default, and one that keeps no answers."""
FACETS = "fandom,character,relationship,freeform,rating,language"
A_ROUND = 2_000
FACETED = "the same with six facets (one connection)"
PAGES = "a page of 20 works of one tag, with total"

Paths = Callable[[], Sequence[str]]


@dataclass(frozen=True)
class Question:
    """One kind of request; ``paths`` by server, those of a round whenever they are asked for."""

    what: str
    paths: Mapping[str, Paths]
    connections: int = 16
    requests: Mapping[str, int] = field(default_factory=dict)
    """How many requests one answer takes, where it is more than one."""
    note: str = ""


def same(paths: Sequence[str]) -> Paths:
    """The same in every round."""
    return lambda: paths


def of_ours(paths: Sequence[str]) -> dict[str, Paths]:
    """The same of both of our servers."""
    return dict.fromkeys(OURS, same(paths))


def faceted(pages: Sequence[str]) -> dict[str, Paths]:
    """Pages with facets: ours are asked for again; afresh is asked for a range that nobody asked for before."""
    paths = [f"{page}&facets={FACETS}" for page in pages]
    unasked = (f"{path}&words_max={number}" for path, number in zip(itertools.cycle(paths), itertools.count(BEYOND)))
    return {"ours": same(paths), "afresh": lambda: [*itertools.islice(unasked, A_ROUND)]}


def some_words() -> list[str]:
    """Every 250th of the vocabulary, from frequent to rare."""
    vocabulary = tables().vocabulary
    return vocabulary[100 : len(vocabulary) : len(vocabulary) // 24]


def fandoms(port: int) -> list[str]:
    """The most used, largest first."""
    return [tag["name"] for tag in fetch_json(port, "/v1/tags?type=fandom&limit=40")["items"]]


def some_ids(first: int, last: int, count: int) -> list[int]:
    """By chance, the same in every run."""
    return random.Random(5).choices(range(first, last + 1), k=count)


def of_services(folder: Path, port: int, works: int, bodies: int) -> list[Question]:
    """Of us, plain and Datasette: the works with a chapter come first, then those of metadata."""
    names, words = fandoms(port), some_words()
    ids, texts = some_ids(bodies + 1, bodies + works, 400), some_ids(1, bodies, 200)
    numbers = dict(datasette.tag_ids(folder))
    through = [
        json.dumps({"table": "work_tags", "column": "tag_id", "value": str(numbers[name])}, separators=(",", ":"))
        for name in names
    ]
    table = "/peers/works.json?_shape=objects&_size=20&_sort_desc=kudos&"
    pages = [f"/v1/works?{quoted(fandom=name, sort='-kudos', limit=20)}" for name in names]
    return [
        Question("one work", {
            **of_ours([f"/v1/works/{one}" for one in ids]),
            "plain": same([f"/works/{one}" for one in ids]),
            "datasette": same([f"/peers/works/{one}.json?_shape=objects" for one in ids]),
        }),
        Question(PAGES, {
            **of_ours(pages),
            "plain": same([f"/works?{quoted(tag=name)}" for name in names]),
            "datasette": same([f"{table}{quoted(_through=one)}" for one in through]),
        }),
        Question(FACETED, {
            **faceted(pages),
            "plain": same([f"/works?{quoted(tag=name, facets='true')}" for name in names]),
            "datasette": same([f"{table}{datasette.FACETS}&{quoted(_through=one)}" for one in through]),
        }, connections=1),
        Question("a word in titles and summaries, with total", {
            **of_ours([f"/v1/works?{quoted(q=word, sort='-kudos')}" for word in words]),
            "plain": same([f"/works?{quoted(q=word)}" for word in words]),
            "datasette": same([f"{table}{quoted(_search=word)}" for word in words]),
        }),
        Question("a word in texts, 20 snippets", {
            **of_ours([f"/v1/passages?{quoted(text=word)}" for word in words]),
            "plain": same([f"/passages?{quoted(q=word)}" for word in words]),
            "datasette": same([f"/peers/passages.json?{quoted(q=word)}&_shape=array" for word in words]),
        }),
        Question("a chapter of 2,000 words", {
            **of_ours([f"/v1/works/{one}/chapters/1" for one in texts]),
            "plain": same([f"/chapters/{one}" for one in texts]),
            "datasette": same([f"/peers/chapters/{one}.json?_shape=objects" for one in texts]),
        }),
    ]  # fmt: skip


def of_books(port: int, books: int) -> list[Question]:
    """Of us and calibre's content server."""
    names, words, ids = fandoms(port), some_words(), some_ids(1, books, 200)
    return [
        Question("one work", {
            **of_ours([f"/v1/works/{one}" for one in ids]),
            "calibre": same([f"/ajax/book/{one}?category_urls=false" for one in ids]),
        }),
        Question(PAGES, {
            **of_ours([f"/v1/works?{quoted(fandom=name, sort='-published_at', limit=20)}" for name in names]),
            "calibre": same([calibre.list_path(f'tags:"={name}"') for name in names]),
        }),
        Question(FACETED, {
            **faceted([f"/v1/works?{quoted(fandom=name, sort='-published_at', limit=20)}" for name in names]),
        }, connections=1, note="calibre counts the tags of the library or of a stored part of it, not of a search."),
        Question("a word in titles and summaries, with total", {
            **of_ours([f"/v1/works?{quoted(q=word, sort='-published_at')}" for word in words]),
            "calibre": same([calibre.list_path(f"title:{word} or comments:{word}") for word in words]),
        }),
        Question("a chapter of 2,000 words", of_ours([f"/v1/works/{one}/chapters/1" for one in ids]),
                 note="calibre has books, not chapters; its reader is sent the files of a book that it has prepared."),
        Question("a book file (EPUB)", {
            **of_ours([f"/v1/works/{one}/download.epub" for one in ids]),
            "calibre": same([f"/get/epub/{one}" for one in ids]),
        }, note="Ours is written at that moment from its chapters; calibre puts its record and a cover into its file."),
    ]  # fmt: skip


def of_texts(library: int, books: int) -> list[Question]:
    """Of us and calibre's content server, over those books whose texts it has indexed."""
    words = some_words()
    return [
        Question(f"a word in the texts of {books:,} books, 20 snippets", {
            **of_ours([f"/v1/passages?{quoted(text=word)}" for word in words]),
            "calibre": same(calibre.passage_paths(library, words)),
        }, requests={"calibre": 2}, note="calibre is asked twice for one answer: for the books that match, and for"
           " snippets of twenty of them."),
    ]  # fmt: skip


def body_of(paths: Sequence[str], fetch: Callable[[str], bytes]) -> bytes:
    """The body of median length among forty: what the bare server answers."""
    bodies = sorted((fetch(path) for path in paths[:40]), key=len)
    return bodies[len(bodies) // 2]
