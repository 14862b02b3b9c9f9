"""Acceptance: what a reader finds, case by case: including, excluding, counting, searching, ordering, turning pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import TestArchive


def work(title: str, **members: Any) -> dict[str, Any]:
    return {"title": title, "key": title, "fandoms": ["Test"], "language": "en"} | members


def counts(archive: TestArchive, facet: str, **params: Any) -> dict[str, int]:
    rows = archive.get("/v1/works", facets=facet, facet_limit=100, **params)["facets"][facet]
    return {row.get("name") or row["value"]: row["count"] for row in rows}


def ago(**age: int) -> str:
    return (datetime.now(UTC) - timedelta(**age)).isoformat()


# Including and excluding


def test_alternatives_of_two_kinds_are_each_asked_for(archive: TestArchive) -> None:
    archive.add(
        work("both", characters=["Ann"], freeforms=["Fluff"]),
        work("ann", characters=["Ann"], freeforms=["Angst"]),
        work("fluff", characters=["Bob"], freeforms=["Fluff"]),
    )
    assert archive.titles(any_character=["Ann", "Nobody"], any_freeform=["Fluff", "Humor"]) == ["both"]
    assert archive.titles(any_tag=["Ann", "Fluff"]) == ["ann", "both", "fluff"]
    assert archive.titles(any_tag=["Ann", "Bob"], exclude_tag=["Angst"]) == ["both", "fluff"]
    assert archive.titles(any_character=["Nobody"]) == []
    assert archive.titles(exclude_character=["Ann", "Bob"]) == []


def test_tags_by_id_and_by_name_are_one(archive: TestArchive) -> None:
    archive.add(work("a", characters=["Ann"]), work("b", characters=["Bob"]))
    ids = {tag["name"]: tag["id"] for tag in archive.get("/v1/characters")["items"]}
    assert archive.titles(character_id=ids["Ann"]) == ["a"]
    assert archive.titles(any_character_id=[ids["Ann"]], any_character=["Bob"]) == ["a", "b"]
    assert archive.titles(exclude_tag_id=ids["Bob"]) == ["a"]
    assert archive.titles(fandom_id=ids["Ann"]) == []  # a character is no fandom
    found = archive.get("/v1/works", fandom_id=999_999)
    assert (found["total"], found["unknown_tags"][0]["parameter"]) == (0, "fandom_id")


def test_warnings_and_categories_match_all_and_ratings_any(archive: TestArchive) -> None:
    archive.add(
        work("x", warnings=["graphic_violence", "underage"], categories=["F/M", "gen"], rating="teen"),
        work("y", warnings=["graphic_violence"], categories=["gen"], rating="mature", status="hiatus"),
    )
    assert archive.titles(warning=["graphic_violence", "underage"]) == ["x"]
    assert archive.titles(any_warning=["Underage", "Major Character Death"]) == ["x"]
    assert archive.titles(warning="Graphic Depictions Of Violence", exclude_warning="underage") == ["y"]
    assert archive.titles(category=["gen"], exclude_category=["F/M", "M/M"]) == ["y"]
    assert archive.titles(rating=["TEEN", "Mature"], exclude_rating=["mature"]) == ["x"]
    assert archive.titles(status=["hiatus", "complete"]) == ["y"]


def test_a_language_is_its_exact_tag(archive: TestArchive) -> None:
    archive.add(work("plain", language="zh"), work("hant", language="zh-Hant"), work("named", language="Français"))
    assert archive.titles(language="zh") == ["plain"]
    assert archive.titles(language="zh-hant") == ["hant"]
    assert archive.titles(language=["fr", "zh-Hant"]) == ["hant", "named"]
    assert archive.titles(exclude_language=["zh", "fr"]) == ["hant"]
    assert counts(archive, "language") == {"fr": 1, "zh": 1, "zh-Hant": 1}


def test_a_relationship_by_who_is_in_it_whatever_its_kind_and_order(archive: TestArchive) -> None:
    archive.add(
        work("rom", relationships=["Kirk (Star Trek/TOS)/Spock"]),
        work("plat", relationships=["Spock & Kirk (Star Trek/TOS)"]),
        work("queer", relationships=["Spock ~ McCoy"]),
        work("apart", relationships=["Spock/McCoy", "Kirk (Star Trek/TOS)/Uhura"]),
    )
    assert archive.titles(relationship_with=["spock", "KIRK (star trek/tos)"]) == ["plat", "rom"]
    assert archive.titles(relationship_with=["McCoy", "Spock"]) == ["apart", "queer"]
    assert archive.titles(relationship_with=["Kirk (Star Trek/TOS)", "McCoy"]) == []
    found = archive.get("/v1/works", relationship_with="Spok")
    assert (found["total"], found["unknown_tags"][0]["parameter"]) == (0, "relationship_with")


def test_one_shots_are_planned_as_one_chapter(archive: TestArchive) -> None:
    archive.add(
        work("one", chapters=[{"content": "a"}], chapters_expected=1),
        work("open", chapters=[{"content": "a"}]),
        work("first of five", chapters=[{"content": "a"}], chapters_expected=5),
        work("bare", words=10, chapters_posted=1, chapters_expected=1),
    )
    assert archive.titles(single_chapter="true") == ["bare", "one"]
    assert archive.titles(single_chapter="false") == ["first of five", "open"]
    assert archive.titles(has_text="false") == ["bare"]
    assert archive.titles(has_text="true", single_chapter="true") == ["one"]


def test_one_fandom_is_no_crossover_and_unwrangled_ones_are_unknown(archive: TestArchive) -> None:
    archive.add(work("one"), work("two", fandoms=["Test", "Other"]))
    assert archive.titles(crossover="false") == ["one"]
    assert archive.titles(crossover="true") == []


def test_authors_together_and_without(archive: TestArchive) -> None:
    archive.add(work("a", authors=["Ann", "Bob"]), work("b", authors=["Bob"]), work("c", authors=["Cay"]))
    assert archive.titles(author=["ann", "BOB"]) == ["a"]
    assert archive.titles(author="Bob", exclude_author="Ann") == ["b"]
    assert archive.titles(exclude_author=["Bob", "Nobody"]) == ["c"]
    assert archive.titles(author="Nobody") == []


def test_works_of_an_unknown_language_are_found_by_it(archive: TestArchive) -> None:
    archive.add({"title": "?"}, work("en"))
    assert counts(archive, "language") == {"en": 1, "und": 1}
    assert archive.titles(language="und") == ["?"]
    assert archive.titles(exclude_language="UND") == ["en"]


# Counting


def test_a_facet_counts_what_filtering_by_it_finds(archive: TestArchive) -> None:
    archive.add(
        *(work(f"{n}", freeforms=[f"T{n % 3}", f"T{n % 4}"], rating=["teen", "mature"][n % 2]) for n in range(24))
    )
    for params in ({}, {"rating": "teen"}, {"exclude_freeform": "T1"}, {"any_freeform": ["T2", "T3"]}):
        for name, count in counts(archive, "freeform", **params).items():
            excluded = name == params.get("exclude_freeform")
            total = 0 if excluded else archive.get("/v1/works", **params, tag=name)["total"]
            assert count == total, (params, name)


def test_an_excluded_tag_is_listed_with_nothing(archive: TestArchive) -> None:
    archive.add(work("1", freeforms=["A", "B"]), work("2", freeforms=["A"]))
    rows = archive.get("/v1/works", facets="freeform,warning", exclude_freeform="B", exclude_warning="underage")[
        "facets"
    ]
    assert [(row["name"], row["count"], row.get("excluded")) for row in rows["freeform"]] == [
        ("A", 1, None),
        ("B", 0, True),
    ]
    assert {"value": "underage", "count": 0, "excluded": True} in rows["warning"]


def test_facets_are_of_the_whole_result_not_of_the_page(archive: TestArchive) -> None:
    archive.add(*(work(f"{n}", freeforms=["All"]) for n in range(9)))
    page = archive.get("/v1/works", facets="freeform", limit=2, page=2)
    assert (len(page["items"]), page["facets"]["freeform"][0]["count"], page["total"]) == (2, 9, 9)
    assert archive.get("/v1/works", facets="freeform", freeform="Nobody")["facets"] == {"freeform": []}


# Numbers and dates


@pytest.mark.parametrize("bound", ["12h", "2d", "1w", "1m", "1y"])
def test_an_age_counts_back_from_now(archive: TestArchive, bound: str) -> None:
    days = {"12h": 0.5, "2d": 2, "1w": 7, "1m": 30, "1y": 365}[bound]
    archive.add(
        work("newer", published_at=ago(hours=int(days * 24 * 0.8))),
        work("older", published_at=ago(hours=int(days * 24 * 1.2))),
    )
    assert archive.titles(revised_after=bound) == ["newer"]
    assert archive.titles(published_before=bound) == ["older"]


def test_revisions_between_two_ages(archive: TestArchive) -> None:
    archive.add(*(work(f"{days:02}", published_at=ago(days=days)) for days in (13, 15, 60)))
    assert archive.titles(revised_after="2w") == ["13"]
    assert archive.titles(revised_before="2w") == ["15", "60"]
    assert archive.titles(revised_before="2w", revised_after="1m") == ["15"]
    assert archive.titles(revised_before="1m", revised_after="2w") == []


def test_a_day_counts_whole_and_a_time_to_the_second(archive: TestArchive) -> None:
    for title, moment in (("first", "2020-03-01T00:00:00Z"), ("last", "2020-03-01T23:59:59Z"), ("next", "2020-03-02")):
        archive.add(work(title, published_at=moment))
    assert archive.titles(published_after="2020-03-01", published_before="2020-03-01") == ["first", "last"]
    assert archive.titles(published_after="2020-03-01T23:59:59Z") == ["last", "next"]
    assert archive.titles(published_after="2020-03-02T01:00:00+01:00") == ["next"]
    assert archive.titles(published_before="2020-03-01T00:00:00Z") == ["first"]


def test_chapters_are_those_posted(archive: TestArchive) -> None:
    archive.add(*(work(str(n), chapters_posted=n, chapters_expected=9) for n in (1, 2, 3)))
    assert archive.titles(chapters_min=2) == ["2", "3"]
    assert archive.titles(chapters_max=1) == ["1"]
    assert archive.titles(chapters_min=2, chapters_max=2) == ["2"]


# Words


def test_the_query_language(archive: TestArchive) -> None:
    archive.add(
        work("Fox and Moon", summary="One"),
        work("Fox alone", summary="Wolf"),
        work("Wolf at noon", summary="Two moons"),
        work("Nothing", summary="Three"),
    )
    assert archive.titles(q="fox moon") == ["Fox and Moon"]
    assert archive.titles(q="fox OR wolf") == ["Fox alone", "Fox and Moon", "Wolf at noon"]
    assert archive.titles(q="fox or wolf") == []  # a word like any other
    assert archive.titles(q="moon fox OR wolf") == ["Fox and Moon", "Wolf at noon"]
    assert archive.titles(q="(fox moon) OR three") == ["Fox and Moon", "Nothing"]
    assert archive.titles(q="-fox") == ["Nothing", "Wolf at noon"]
    assert archive.titles(q="-(fox OR wolf)") == ["Nothing"]
    assert archive.titles(q='wolf -"two moons"') == ["Fox alone"]
    assert archive.titles(q="mo*") == ["Fox and Moon", "Wolf at noon"]
    assert archive.titles(q="title:wolf") == ["Wolf at noon"]
    assert archive.titles(q="summary:wolf OR title:nothing") == ["Fox alone", "Nothing"]
    assert archive.titles(q='title:"fox and"') == ["Fox and Moon"]
    assert archive.titles(q="TITLE:fo*") == ["Fox alone", "Fox and Moon"]


def test_a_phrase_does_not_run_from_one_name_into_the_next(archive: TestArchive) -> None:
    archive.add(work("x", freeforms=["Hurt No", "Comfort Food"], authors=["Ann Lee", "Bob Ray"]))
    assert archive.titles(q='tag:"no comfort"') == archive.titles(q='author:"lee bob"') == []
    assert archive.titles(q='tag:"comfort food" author:"ann lee"') == ["x"]


def test_a_phrase_stays_in_its_chapter(archive: TestArchive) -> None:
    archive.add(work("x", chapters=[{"content": "<p>It ends here</p>"}, {"content": "<p>and begins again</p>"}]))
    assert archive.get("/v1/passages", text='"here and"')["total"] == 0
    assert archive.titles(text='"ends here"') == ["x"]
    assert archive.get("/v1/passages", text="ends begins")["total"] == 0  # no chapter has both


def test_words_are_found_in_their_other_forms_by_the_language(archive: TestArchive) -> None:
    archive.add(
        work("en", chapters=[{"content": "<p>She walked home.</p>"}]),
        work("ru", language="ru", chapters=[{"content": "<p>Читал старые книги.</p>"}]),
        work("fr", language="fr", summary="Jusqu'à l'été", chapters=[{"content": "<p>Les étoiles d’Arles.</p>"}]),
        work("es", language="es", chapters=[{"content": "<p>Las canciones del corazón.</p>"}]),
    )
    assert archive.titles(text="walking") == ["en"]
    assert archive.titles(text="книга") == ["ru"]
    assert archive.titles(text="ETOILE") == archive.titles(text="arles") == archive.titles(q="été") == ["fr"]
    assert "d’<mark>Arles</mark>" in archive.get("/v1/passages", text="arles")["items"][0]["snippet"]
    assert archive.titles(text="corazon canción") == ["es"]
    assert archive.titles(text='"walking"') == []  # a phrase is taken as written


def test_a_word_is_found_as_it_stands_however_rare_its_language(archive: TestArchive) -> None:
    """Stems follow the languages that the archive has most of; the word itself needs none."""
    common = ("en", "de", "fr", "es", "it", "pt", "ru", "nl", "da", "fi", "hu", "ro", "tr")
    archive.add(*(work(f"{tag}{n}", language=tag) for tag in common for n in range(2)))
    archive.add(work("sv", language="sv", summary="flickornas", chapters=[{"content": "<p>flickornas äpplen</p>"}]))
    assert archive.titles(q="flickornas") == archive.titles(text="flickornas") == ["sv"]


@pytest.mark.parametrize(
    ("language", "body", "query", "marked"),
    [
        ("zh-Hant", "話說天下大勢，分久必合，合久必分。", "天下大勢", "天下大勢"),
        ("ja", "吾輩は猫である。名前はまだ無い。", "猫", "猫"),
        ("ko", "그는 학교에서 돌아왔다.", "학교", "학교"),
        ("th", "เขากลับบ้านแล้ว", "กลับบ้าน", "กลับบ้าน"),
        ("ru", "Ёжик в тумане", "ежик", "Ёжик"),
        ("fr", "Un café à l’été", "cafe", "café"),
        ("fr", "Un café à l’été", "l'été", "l’été"),
        ("he", "שָׁלוֹם עולם", "שלום", "שָׁלוֹם"),
        ("ar", "مرحبا بالعالم", "مرحبا", "مرحبا"),
        ("el", "Η ΘΆΛΑΣΣΑ", "θαλασσα", "ΘΆΛΑΣΣΑ"),
        ("en", "It was Naïve Straße ﬁre", "strasse naive fire", "Straße"),
    ],
)
def test_any_script_is_searched(archive: TestArchive, language: str, body: str, query: str, marked: str) -> None:
    archive.add(work("x", language=language, chapters=[{"content": f"<p>{body}</p>"}]), work("y"))
    found = archive.get("/v1/passages", text=query)
    assert found["total"] == 1
    assert f"<mark>{marked}</mark>" in found["items"][0]["snippet"]
    archive.add(work(f"T {body}"[:100], summary=body))
    assert archive.get("/v1/works", q=query)["total"] == 1


def test_a_title_weighs_more_than_a_summary(archive: TestArchive) -> None:
    archive.add(work("Other", summary="lantern lantern"), work("Lantern", summary="Other", revised_at="2001-01-01"))
    titles = [item["title"] for item in archive.get("/v1/works", q="lantern")["items"]]
    assert titles == ["Lantern", "Other"]
    titles = [item["title"] for item in archive.get("/v1/works", q="lantern", sort="-revised_at")["items"]]
    assert titles == ["Other", "Lantern"]


def test_a_snippet_is_escaped(archive: TestArchive) -> None:
    archive.add(work("x", chapters=[{"content": "<p>1 &lt; 2 &amp; <em>fox</em> &lt;script&gt;</p>"}]))
    snippet = archive.get("/v1/passages", text="fox")["items"][0]["snippet"]
    assert snippet == "1 &lt; 2 &amp; <mark>fox</mark> &lt;script&gt;"


# Ordering and turning pages

TITLES = ["The Zebra", "an Apple", "'Bees'", "Cat", "10 Things", "9 Lives", "“Dawn”", "…ellipsis", "A", "Étoile", "007"]


def test_titles_without_articles_and_punctuation_and_numerals_by_value(archive: TestArchive) -> None:
    archive.add(*map(work, TITLES))
    expected = [
        "007",
        "9 Lives",
        "10 Things",
        "A",
        "an Apple",
        "'Bees'",
        "Cat",
        "“Dawn”",
        "…ellipsis",
        "Étoile",
        "The Zebra",
    ]
    assert archive.titles(sort="title") == expected
    assert archive.titles(sort="-title") == expected[::-1]


@pytest.mark.parametrize(
    "sort", ["revised_at", "published_at", "title", "author", "words", "kudos", "comments", "bookmarks", "hits"]
)
def test_descending_is_the_exact_reverse_also_among_equals(archive: TestArchive, sort: str) -> None:
    archive.add(
        *(
            work(
                "Same",
                key=f"k{n}",
                authors=["One" if n % 2 else "Two"],
                words=n % 3,
                stats={"kudos": n % 2, "comments": n % 3, "bookmarks": n % 2, "hits": n % 4},
                published_at=f"2020-01-0{1 + n % 3}",
            )
            for n in range(12)
        )
    )
    up = [item["id"] for item in archive.get("/v1/works", sort=sort, limit=100)["items"]]
    down = [item["id"] for item in archive.get("/v1/works", sort=f"-{sort}", limit=100)["items"]]
    assert up == down[::-1]
    walked: list[int] = []
    params: dict[str, Any] = {"sort": f"-{sort}", "limit": 5}
    while len(walked) < 100:
        page = archive.get("/v1/works", **params)
        walked += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert walked == down


def test_pages_past_the_end_and_the_ends_of_limits(archive: TestArchive) -> None:
    archive.add(*(work(f"{n:03}") for n in range(101)))
    assert [len(archive.get("/v1/works", limit=limit)["items"]) for limit in (1, 100)] == [1, 100]
    beyond = archive.get("/v1/works", page=100, limit=100)
    assert (beyond["items"], beyond["total"], beyond["next"]) == ([], 101, None)
    last = archive.get("/v1/works", page=2, limit=100)
    assert (len(last["items"]), last["next"]) == (1, None)
    for name, value in (("page", "101"), ("limit", "101"), ("limit", "0"), ("page", "0"), ("page", str(10**12))):
        problem = archive.problem("/v1/works", **({"limit": "100"} if name == "page" else {}) | {name: value})
        assert problem["errors"][0]["parameter"] == name
        assert any(digit.isdigit() for digit in problem["errors"][0]["detail"])


def test_relevance_walks_by_cursor(archive: TestArchive) -> None:
    archive.add(*(work(f"Fox {n}", chapters=[{"content": "fox " * (1 + n % 5)}]) for n in range(23)))
    for params in ({"q": "fox"}, {"text": "fox"}):
        seen: list[int] = []
        cursor: dict[str, str] = {}
        while True:
            page = archive.get("/v1/works", limit=5, **params, **cursor)
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert len(seen) == len(set(seen)) == 23


# Known works


def test_works_by_ids_keep_their_order_and_say_what_is_missing(archive: TestArchive) -> None:
    archive.add(work("a"), work("b"), work("r", visibility="registered"), work("d", state="draft"))
    found = archive.get("/v1/works", ids="2,1,2,77,3,4,1", fields="id")
    assert [item["id"] for item in found["items"]] == [2, 1]
    assert sorted(found["missing"]) == [3, 4, 77]
    archive.problem("/v1/works", ids=",".join(map(str, range(1, 102))))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.foo.com/a?style=mine#x", "https://foo.com/a", True),
        ("https://foo.com/a/", "https://FOO.com/a?view_adult=true&utm_source=x", True),
        ("https://foo.com/v.php?b=2&a=1", "https://foo.com/v.php?a=1&b=2", True),
        (
            "https://archiveofourown.org/works/5/chapters/9",
            "http://www.archiveofourown.org/works/5?view_full_work=true",
            True,
        ),
        ("https://archiveofourown.org/collections/c/works/5", "https://archiveofourown.org/works/5#workskin", True),
        ("https://foo.com/viewstory.php?sid=1", "https://foo.com/viewstory.php?sid=2", False),
        ("https://foo.com/12345", "https://foo.com/123", False),
        ("https://foo.com/i-am", "https://foo.com/i-am/else", False),
        ("https://foo.com/A", "https://foo.com/a", False),
        ("https://foo.com/a", "https://foo.org/a", False),
    ],
)
def test_the_importer_and_the_look_up_agree_on_addresses(
    archive: TestArchive,
    one: str,
    other: str,
    same: bool,  # noqa: FBT001  a case's answer
) -> None:
    archive.add({"title": "one", "fandoms": ["Test"], "source": {"url": one}})
    assert archive.get("/v1/works", source_url=one)["total"] == 1
    assert archive.get("/v1/works", source_url=other)["total"] == int(same)
    counted = archive.add({"title": "two", "fandoms": ["Test"], "source": {"url": other}})
    assert (counted.created, counted.updated) == ((0, 1) if same else (1, 0))
