"""The demo archive: always the same, well-formed, varied, and told without loose ends."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from types import GeneratorType
from typing import Any

import orjson
import pytest

from app.demo.archive import demo_records
from app.demo.story import load, shapes
from app.kit.html import clean_html, count_html_words, html_to_text
from app.kit.languages import language_tag
from app.kit.text import check_tag_name

RATINGS = {"not_rated", "general", "teen", "mature", "explicit"}
WARNINGS = {"choose_not_to_warn", "no_warnings_apply", "graphic_violence", "major_character_death"}
CATEGORIES = {"gen", "f_m", "f_f", "m_m", "multi", "other"}
STATUSES = {"in_progress", "complete", "hiatus", "abandoned"}
# A character's own name may hold " & " in brackets.
BETWEEN_MEMBERS = re.compile(r"(?: & |/)(?![^()]*\))")
LOOSE_END = re.compile(r"[\[\]{}~*|]|--|  |\.\.")


@cache
def works() -> tuple[dict[str, Any], ...]:
    return tuple(demo_records())


def texts() -> list[tuple[str, str]]:
    return [(work["language"], chapter["content"]) for work in works() for chapter in work["chapters"]]


def test_is_a_stream_and_the_same_each_time() -> None:
    again = demo_records()
    assert isinstance(again, GeneratorType)
    assert orjson.dumps(tuple(again)) == orjson.dumps(works())


def test_has_enough_works_in_the_languages_promised() -> None:
    languages = Counter(work["language"] for work in works())
    assert len(works()) >= 300
    assert 0.6 < languages["en"] / len(works()) < 0.8
    assert languages["es"] >= 40
    assert languages["fr"] >= 30
    assert languages["ja"] >= 5


def test_each_work_is_known_by_its_own_source_and_title() -> None:
    assert len({(work["source"]["site"], work["source"]["id"]) for work in works()}) == len(works())
    assert len({work["title"].casefold() for work in works()}) == len(works())


def test_no_two_chapters_and_no_two_works_are_alike() -> None:
    contents = [content for _, content in texts()]
    assert len(set(contents)) == len(contents)
    paragraphs = Counter(part for content in contents for part in set(content.split("\n")) if len(part) > 200)
    assert max(paragraphs.values()) <= 12


@pytest.mark.parametrize("name", ["fandoms", "characters", "relationships", "freeforms", "authors"])
def test_names_are_ones_that_the_archive_keeps_as_they_are(name: str) -> None:
    for work in works():
        assert work[name]
        assert [check_tag_name(entry) for entry in work[name]] == work[name]
        assert len(set(work[name])) == len(work[name])


def test_labels_are_the_tokens_of_the_contract() -> None:
    for work in works():
        assert work["rating"] in RATINGS
        assert work["status"] in STATUSES
        assert set(work["warnings"]) <= WARNINGS
        assert work["warnings"]
        assert set(work["categories"]) <= CATEGORIES
        assert language_tag(work["language"]) == work["language"]
    assert {work["rating"] for work in works()} == RATINGS
    assert {work["status"] for work in works()} == STATUSES


def test_members_of_a_relationship_are_characters_of_the_work() -> None:
    for work in works():
        for relationship in work["relationships"]:
            members = BETWEEN_MEMBERS.split(relationship)
            assert len(members) in {2, 3}
            assert set(members) <= set(work["characters"])


def test_stories_for_the_young_have_no_romance_and_mild_ratings() -> None:
    young = {world["fandom"] for world in load("worlds")["world"] if world.get("young")}
    adults_only = {world["fandom"] for world in load("worlds")["world"]} - young
    for work in works():
        if not set(work["fandoms"]) & adults_only:
            assert work["rating"] in {"general", "teen", "not_rated"}


def test_dates_run_forward_and_end_before_november_2026() -> None:
    for work in works():
        dates = [datetime.fromisoformat(chapter["published_at"]) for chapter in work["chapters"]]
        assert dates == sorted(dates)
        assert work["published_at"] == work["chapters"][0]["published_at"]
        assert work["revised_at"] == work["chapters"][-1]["published_at"]
        assert datetime(2009, 1, 1, tzinfo=UTC) <= dates[0]
        assert dates[-1] < datetime(2026, 11, 1, tzinfo=UTC)


def test_plans_fit_what_is_posted() -> None:
    for work in works():
        posted, expected = len(work["chapters"]), work["chapters_expected"]
        assert (expected == posted) == (work["status"] == "complete")
        assert expected is None or expected >= posted


def test_chapters_are_of_a_length_to_read() -> None:
    for _, content in texts():
        assert 100 <= count_html_words(content) <= 1_000


def test_texts_are_filled_in_and_clean() -> None:
    for language, content in texts():
        bare = re.sub("<[^>]+>", "", content)
        assert LOOSE_END.search(bare) is None, (language, bare)
        assert html_to_text(clean_html(content)) == html_to_text(content)


def test_summaries_notes_and_titles_are_filled_in() -> None:
    for work in works():
        shown = [work["title"], work["summary"], work.get("notes", ""), *(c["title"] for c in work["chapters"])]
        assert LOOSE_END.search(re.sub("<[^>]+>", "", "\n".join(shown))) is None, shown
        assert len(work["title"]) <= 100


@pytest.mark.parametrize(("language", "prepositions"), [("es", ("de", "a")), ("fr", ("de", "à"))])
def test_articles_grow_together_with_prepositions(language: str, prepositions: tuple[str, ...]) -> None:
    places = [place.split("|")[0] for place in load(language)["places"]]
    apart = {f" {word} {place}" for word in prepositions for place in places if place.startswith(("el ", "le "))}
    told = "\n".join(content for spoken, content in texts() if spoken == language)
    assert apart
    assert not [words for words in apart if words in told]


def test_html_is_of_several_kinds() -> None:
    everything = "".join(content for _, content in texts())
    for tag in ("<em>", "<strong>", "<hr>", "<blockquote>"):
        assert everything.count(tag) > 3


def test_series_are_counted_from_one_and_by_the_same_authors() -> None:
    series: dict[str, list[dict[str, Any]]] = {}
    for work in works():
        for entry in work.get("series", ()):
            series.setdefault(entry["title"], []).append(work)
    assert len(series) >= 20
    for title, members in series.items():
        assert [work["series"][0]["position"] for work in members] == list(range(1, len(members) + 1)), title
        assert len({tuple(work["authors"]) for work in members}) == 1


def test_there_are_crossovers_coauthors_groups_and_anonymous_works() -> None:
    assert sum(len(work["fandoms"]) > 1 for work in works()) >= 10
    assert sum(len(work["authors"]) > 1 for work in works()) >= 5
    assert sum(work.get("anonymous", False) for work in works()) >= 3
    assert sum(len(BETWEEN_MEMBERS.split(name)) == 3 for work in works() for name in work["relationships"]) >= 10
    assert any(chapter["title"] for work in works() for chapter in work["chapters"])
    assert any("notes" in work for work in works())


def test_few_works_have_most_kudos() -> None:
    kudos = sorted((work["stats"]["kudos"] for work in works()), reverse=True)
    assert sum(kudos[: len(kudos) // 10]) > 0.3 * sum(kudos)
    assert all(work["stats"]["hits"] >= work["stats"]["kudos"] for work in works())


@pytest.mark.parametrize(("language", "fewest"), [("en", 60), ("es", 20), ("fr", 20), ("ja", 20)])
def test_every_language_has_scenes_enough(language: str, fewest: int) -> None:
    stages = ("opening", "middle", "turn", "ending")
    scenes = [scene for shape in shapes(language).values() for stage in stages for scene in shape[stage]]
    assert len(scenes) + len(load(language)["interludes"]) >= fewest
    assert len(set(scenes)) == len(scenes)
