"""Real metadata, where it is at hand: what the archive counts is what an independent count of the file says."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.formats.options import ReadOptions
from app.imports.runner import Counts, ImportRun, import_items, read_files
from tests.conftest import TestArchive

SAMPLE = Path(os.environ.get("FANARCHIVE_SAMPLE_DATA", "/nowhere"))
LISTING = SAMPLE / "metadata" / "ao3_listing_star-trek-ds9.ndjson"
WORKS = 2_100
"""So many of the listing: three batches of an import."""
RATINGS = {
    "Not Rated": "not_rated",
    "General Audiences": "general",
    "Teen And Up Audiences": "teen",
    "Mature": "mature",
    "Explicit": "explicit",
}

pytestmark = [
    pytest.mark.skipif(not LISTING.exists(), reason="FANARCHIVE_SAMPLE_DATA names no folder of sample data"),
    pytest.mark.no_cover,
]


def bring(archive: TestArchive, *paths: Path) -> Counts:
    archive.rows = []
    run = ImportRun(archive.database, archive.settings, archive.rows.append)
    counts = import_items(run, read_files(paths, None, ReadOptions(), None))
    archive.settle()
    return counts


def identity(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def counted(works: list[dict[str, Any]], member: str) -> Counter[str]:
    counter: Counter[str] = Counter()
    for work in works:
        counter.update({identity(name) for name in work[member]})
    return counter


def test_counts_of_a_listing_equal_those_of_its_file(archive: TestArchive, tmp_path: Path) -> None:
    lines = LISTING.read_bytes().splitlines(keepends=True)[:WORKS]
    listing = [json.loads(line) for line in lines]
    file = tmp_path / LISTING.name
    file.write_bytes(b"".join(lines))
    public = [work for work in listing if not work["restricted"]]
    counts = bring(archive, file)
    assert (counts.created, counts.failed) == (len(listing), 0)
    with archive.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM works")).scalar_one() == len(listing) == WORKS
    answer = archive.get("/v1/works", facets="fandom,character,relationship,rating", facet_limit=100, limit=1)
    assert answer["total"] == len(public)
    for name, member in (("fandom", "fandoms"), ("character", "characters"), ("relationship", "relationships")):
        expected = counted(public, member)
        shown = {identity(row["name"]): row["count"] for row in answer["facets"][name]}
        assert shown == {key: expected[key] for key in shown}
        assert sorted(shown.values(), reverse=True) == [count for _, count in expected.most_common(100)]
    ratings = Counter(RATINGS[work["rating"]] for work in public)
    assert {row["value"]: row["count"] for row in answer["facets"]["rating"]} == ratings
    again = bring(archive, file)
    assert (again.unchanged, again.created, again.updated) == (len(listing), 0, 0)


def test_a_phrase_of_every_language_is_found(archive: TestArchive) -> None:
    books = sorted((SAMPLE / "prose").glob("*/*.json"))
    small = [path for path in books if path.parent.name != "en"][:7] + [
        path for path in books if path.parent.name == "en"
    ][:1]
    assert bring(archive, *small).failed == 0
    for path in small:
        book = json.loads(path.read_text())
        chapter = book["chapters"][len(book["chapters"]) // 2]
        with archive.database.reading() as connection:
            work_id = connection.execute(
                text("SELECT id FROM works WHERE title = :title"), {"title": book["title"]}
            ).scalar_one()
        position = len(book["chapters"]) // 2 + 1
        body = archive.get(f"/v1/works/{work_id}/chapters/{position}", content_format="text")["content"]
        paragraph = re.sub(r"\([^)]*\)", "", max(body.split("\n"), key=len))
        middle = paragraph[len(paragraph) // 2 :]
        words = middle.split()
        phrase = " ".join(words[1:6]) if len(words) > 6 else max(re.findall(r"\w+", middle[:60]), key=len)[:10]
        found = archive.get("/v1/passages", text=f'"{phrase.replace(chr(34), " ")}"')
        assert any(item["chapter"]["position"] == position for item in found["items"]), (
            path.name,
            phrase,
            chapter["title"],
        )
        assert "<mark>" in found["items"][0]["snippet"]
