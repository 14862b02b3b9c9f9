"""Real tables, listings and texts, where they are at hand: ``FANARCHIVE_SAMPLE_DATA`` names their folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from app.kit.names import parse_ao3_token

_FOLDER = os.environ.get("FANARCHIVE_SAMPLE_DATA", "")
pytestmark = [
    pytest.mark.skipif(not _FOLDER, reason="FANARCHIVE_SAMPLE_DATA names no folder"),
    pytest.mark.no_cover,
]
DATA = Path(_FOLDER)


def counts(path: Path) -> tuple[int, int]:
    with path.open("rb") as stream:
        found = [item.problem is None for item in read_stream(stream, path.name, ReadOptions())]
    return sum(found), len(found) - sum(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ao3_24h_stats_change.csv", (0, 5_510)),
        ("ao3_dump_2021_works.csv", (0, 500)),
        ("ao3_frozen.csv", (827, 0)),
        ("ao3_listing_star-trek-ds9.ndjson", (5_151, 0)),
        ("ao3_story_tag_pairs.csv", (0, 1)),
        ("ao3scraper_chess.csv", (603, 0)),
        ("ao3scraper_twilight.csv", (985, 0)),
        ("ffnet_frozen.csv", (1_354, 0)),
        ("ffnet_random_info_lines.csv", (1_384, 0)),
        ("pandas_naruto.csv", (89, 0)),
    ],
)
def test_metadata(name: str, expected: tuple[int, int]) -> None:
    assert counts(DATA / "metadata" / name) == expected


def test_ships() -> None:
    found = [counts(path) for path in sorted((DATA / "metadata" / "ao3_ships").glob("*.csv"))]
    assert (sum(good for good, _ in found), sum(bad for _, bad in found)) == (17_993, 0)


@pytest.mark.parametrize(
    "name",
    ["works.json", "works_full_text.ndjson", "works.tsv", "works_comma_joined.csv", "works_semicolon_utf16.csv"],
)
def test_dumps_say_what_the_works_are(name: str) -> None:
    truth = [orjson.loads(line) for line in (DATA / "fixtures" / "expected.ndjson").read_bytes().splitlines()]
    path = DATA / "fixtures" / "metadata-dumps" / name
    with path.open("rb") as stream:
        items = list(read_stream(stream, name, ReadOptions()))
    for known, item in zip(truth, items, strict=True):
        work = item.manuscript
        assert work is not None, item.problem
        assert work.title == known["title"].strip()
        people = [(author["pseud"], author["user"]) for author in known["authors"]]
        told = "json" in name  # the tables have pseuds alone
        assert work.authors == [f"{pseud} ({user})" if told and pseud != user else pseud for pseud, user in people]
        for kind in ("fandoms", "relationships", "characters", "freeforms"):
            assert getattr(work, kind) == known[kind]
        assert work.rating == parse_ao3_token("rating", known["rating"])
        assert work.categories == [parse_ao3_token("category", one) for one in known["categories"]]
        assert str(work.published_at)[:10] == known["published"]
        assert str(work.revised_at)[:10] == known["updated"]


@pytest.mark.parametrize(
    ("name", "title", "chapters"),
    [
        ("carmilla", "Carmilla", 17),
        ("count_of_monte_cristo", "THE COUNT OF MONTE CRISTO", 117),
        ("cranford", "CRANFORD", 16),
        ("legend_of_sleepy_hollow", "The Legend of Sleepy Hollow", 1),
        ("les_miserables", "LES MISÉRABLES", 366),
        ("study_in_scarlet", "A STUDY IN SCARLET", 14),
        ("twenty_years_after", "Twenty Years After", 90),
    ],
)
def test_long_books_are_cut_at_their_chapters(name: str, title: str, chapters: int) -> None:
    path = DATA / "prose" / "whole-txt-en" / f"{name}.txt"
    with path.open("rb") as stream:
        (item,) = read_stream(stream, path.name, ReadOptions())
    assert item.manuscript is not None
    assert (item.manuscript.title, len(item.manuscript.chapters)) == (title, chapters)


def test_books_are_works() -> None:
    found = [counts(path) for path in sorted((DATA / "prose").glob("*/*.json"))]
    assert found
    assert set(found) == {(1, 0)}


FIXTURES = DATA / "fixtures"


def _truth(folder: str, suffix: str) -> dict[str, dict[str, Any]]:
    lines = (FIXTURES / "expected.ndjson").read_bytes().splitlines() if _FOLDER else []
    works = [orjson.loads(line) for line in lines]
    return {file: work for work in works for file in work["files"] if file.startswith(folder) and file.endswith(suffix)}


@pytest.mark.parametrize("suffix", [".html", ".epub"])
def test_downloads_of_archive_of_our_own_say_what_the_works_are(suffix: str) -> None:
    truth = _truth("ao3-downloads/", suffix)
    assert len(truth) == 48
    for file, known in truth.items():
        with (FIXTURES / file).open("rb") as stream:
            (item,) = read_stream(stream, file, ReadOptions())
        work = item.manuscript
        assert work is not None, item.problem
        people = [(author["pseud"], author["user"]) for author in known["authors"]]
        assert work.authors == [pseud if pseud == user else f"{pseud} ({user})" for pseud, user in people]
        assert work.title == " ".join(known["title"].split())
        for kind in ("fandoms", "relationships", "characters", "freeforms", "language", "words"):
            assert getattr(work, kind) == known[kind], (file, kind)
        assert work.rating == parse_ao3_token("rating", known["rating"])
        assert work.warnings == [parse_ao3_token("warning", one) for one in known["warnings"]]
        assert work.categories == [parse_ao3_token("category", one) for one in known["categories"]]
        assert [(one.title, one.position) for one in work.series] == [
            (one["name"], one["part"]) for one in known["series"]
        ]
        assert work.status == ("complete" if known["complete"] else "in_progress")
        assert (str(work.published_at)[:10], str(work.revised_at)[:10]) == (known["published"], known["updated"])
        assert work.source is not None
        assert work.source.id == str(known["id"])
        assert len(work.chapters) == work.chapters_posted == len(known["chapters"])
        if len(known["chapters"]) > 1:  # of a single one a download does not tell the title
            assert [one.title for one in work.chapters] == [one["title"] for one in known["chapters"]]
        assert work.notices == []


@pytest.mark.parametrize(("folder", "expected"), [("ao3-real-downloads", (6, 0)), ("ao3-listing-pages", (400, 0))])
def test_files_that_came_from_archive_of_our_own_itself(folder: str, expected: tuple[int, int]) -> None:
    found = [counts(path) for path in sorted((FIXTURES / folder).iterdir())]
    assert (sum(good for good, _ in found), sum(bad for _, bad in found)) == expected


def test_saved_pages_are_works_or_say_what_they_are() -> None:
    seen: dict[str, int] = {}
    for path in sorted((FIXTURES / "ao3-site-pages").iterdir()):
        with path.open("rb") as stream:
            for item in read_stream(stream, path.name, ReadOptions()):
                code = item.problem["code"] if item.problem else "work"
                seen[code] = seen.get(code, 0) + 1
    assert seen == {"work": 152, "not-a-work": 12, "work-missing": 2, "work-locked": 3, "work-hidden": 1}


def test_pages_list_what_their_listing_in_lines_says() -> None:
    with (DATA / "metadata" / "ao3_listing_star-trek-ds9.ndjson").open("rb") as stream:
        items = read_stream(stream, "listing", ReadOptions())
        known = {
            item.manuscript.source.id: item.manuscript for item in items if item.manuscript and item.manuscript.source
        }
    for path in sorted((FIXTURES / "ao3-listing-pages").iterdir()):
        with path.open("rb") as stream:
            for item in read_stream(stream, path.name, ReadOptions()):
                assert item.manuscript is not None
                assert item.manuscript.source is not None
                assert item.manuscript == known[item.manuscript.source.id]
