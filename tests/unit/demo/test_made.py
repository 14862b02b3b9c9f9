"""Made works: the same for a seed and an index, streamed, and with the proportions of an archive."""

from __future__ import annotations

from collections import Counter
from functools import cache
from io import BytesIO
from itertools import islice
from types import GeneratorType
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.made import made_records, write_made
from app.demo.made_tables import AUTHORS, FANDOMS, FREEFORMS, SLOTS, spread, tables
from app.kit.dates import parse_moment
from app.kit.html import clean_html, count_html_words
from app.kit.languages import language_tag
from app.kit.text import check_tag_name

COUNT = 4_000
TOKENS = {
    "rating": {"not_rated", "general", "teen", "mature", "explicit"},
    "status": {"in_progress", "complete", "hiatus", "abandoned"},
}
WARNINGS = {"choose_not_to_warn", "no_warnings_apply", "graphic_violence", "major_character_death", "rape_non_con"}
CATEGORIES = {"gen", "f_m", "f_f", "m_m", "multi", "other"}


@cache
def works() -> tuple[dict[str, Any], ...]:
    return tuple(made_records(COUNT, 7))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**9), st.integers(1, 5))
def test_a_work_is_its_seed_and_index(seed: int, start: int, count: int) -> None:
    run = list(made_records(count, seed, start=start))
    alone = next(made_records(1, seed, start=start + count - 1))
    assert run[-1] == alone
    assert alone["source"] == {"site": "made.example", "id": f"{seed}-{start + count - 1}"}


def test_another_seed_makes_other_works() -> None:
    assert next(made_records(1, 1))["title"] != next(made_records(1, 2))["title"]


def test_it_streams() -> None:
    endless = made_records(10**12, 1)
    assert isinstance(endless, GeneratorType)
    assert len(list(islice(endless, 3))) == 3


def test_writes_a_line_a_work_and_says_how_many_bytes() -> None:
    out = BytesIO()
    size = write_made(1_203, 7, out)
    lines = out.getvalue().splitlines()
    assert size == len(out.getvalue())
    assert [orjson.loads(line) for line in lines] == list(works()[:1_203])


def test_shapes_and_tokens() -> None:
    for work in works():
        for name, tokens in TOKENS.items():
            assert work[name] in tokens
        assert set(work["warnings"]) <= WARNINGS
        assert work["warnings"]
        assert set(work["categories"]) <= CATEGORIES
        assert language_tag(work["language"]) == work["language"]
        assert parse_moment(work["published_at"]) <= parse_moment(work["revised_at"])
        assert "2005" <= work["published_at"] < work["revised_at"] + "~" < "2026-11~"
        assert work["words"] >= 100
        assert 1 <= work["chapters_posted"] <= (work["chapters_expected"] or 1_000)
        assert (work["status"] == "complete") == (work["chapters_posted"] == work["chapters_expected"])
        assert all(count >= 0 for count in work["stats"].values())
        assert "chapters" not in work


@pytest.mark.parametrize("name", ["fandoms", "characters", "relationships", "freeforms", "authors"])
def test_names_are_ones_that_the_archive_keeps_as_they_are(name: str) -> None:
    for work in works():
        assert [check_tag_name(entry) for entry in work[name]] == work[name]
        assert len(set(work[name])) == len(work[name])


def test_proportions() -> None:
    tags = sum(len(work[name]) for work in works() for name in ("fandoms", "characters", "relationships", "freeforms"))
    assert 10 <= tags / COUNT <= 15
    assert 0.80 < sum(work["language"] == "en" for work in works()) / COUNT < 0.88
    assert 5 <= sum(len(work["title"].split()) for work in works()) / COUNT <= 7
    assert 25 <= sum(len(work["summary"].split()) for work in works()) / COUNT <= 35


@pytest.mark.parametrize(("name", "share"), [("fandoms", 0.03), ("freeforms", 0.05), ("characters", 0.01)])
def test_a_few_names_are_everywhere_and_most_are_rare(name: str, share: float) -> None:
    uses = Counter(entry for work in works() for entry in work[name])
    ((_, most),) = uses.most_common(1)
    assert share < most / COUNT < 0.2
    assert sum(count == 1 for count in uses.values()) > len(uses) / 4


def test_few_works_have_most_kudos() -> None:
    kudos = sorted((work["stats"]["kudos"] for work in works()), reverse=True)
    assert sum(kudos[: COUNT // 10]) > 0.5 * sum(kudos)


@given(st.integers(1, 400), st.sampled_from([None, 1, 4]))
@settings(max_examples=20, deadline=None)
def test_bodies_have_the_words_asked_for(words: int, each: int | None) -> None:
    for index, work in enumerate(made_records(3, 7, body_words=words, chapters_each=each)):
        assert len(work["chapters"]) == (each or 1 + index % 3)
        for chapter in work["chapters"]:
            assert count_html_words(clean_html(chapter["content"])) == words
        assert work["title"] == works()[index]["title"]
        assert "words" not in work
        assert (work["status"] == "complete") == (work.get("chapters_expected") == len(work["chapters"]))


def test_tables_hold_as_many_names_as_they_say() -> None:
    t = tables()
    assert len(set(t.fandoms)) == FANDOMS
    assert len(set(t.freeforms)) == FREEFORMS
    assert len({t.author(rank) for rank in range(AUTHORS)}) == AUTHORS


def test_spread_keeps_the_weights() -> None:
    table = spread([("a", 3), ("b", 1), ("c", 0.000001)])
    assert len(table) == SLOTS
    assert Counter(table)["a"] == pytest.approx(SLOTS * 0.75, abs=2)
    assert Counter(table)["b"] == pytest.approx(SLOTS * 0.25, abs=2)
