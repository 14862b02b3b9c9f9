"""Lists: filters, sorts, pages, facets, and the ways around them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import TestArchive, works
from tests.writing import member, moderator


def work(title: str, **members: Any) -> dict[str, Any]:
    return {"title": title, "key": title, "fandoms": ["Test"], "language": "en"} | members


def test_includes_are_anded_any_gives_or_exclude_none(archive: TestArchive) -> None:
    archive.add(
        *(work(name, freeforms=tags) for name, tags in (("a", ["A"]), ("b", ["B"]), ("ab", ["A", "B"]), ("c", ["C"])))
    )
    assert archive.titles(freeform=["A", "B"]) == ["ab"]
    assert archive.titles(any_freeform=["a", "b"]) == ["a", "ab", "b"]
    assert archive.titles(freeform="A", exclude_freeform="B") == ["a"]
    assert archive.titles(tag="A", exclude_tag="C") == ["a", "ab"]
    assert archive.titles(any_freeform=["A", "Nobody"]) == ["a", "ab"]


def test_tokens(archive: TestArchive) -> None:
    archive.add(
        work("mm", categories=["m_m"], rating="teen"),
        work("ff", categories=["f_f"], rating="mature"),
        work("multi", categories=["multi"]),
        work("both", categories=["m_m", "f_f"], status="complete"),
    )
    assert archive.titles(category="Multi") == ["multi"]
    assert archive.titles(category="F/F") == ["both", "ff"]
    assert archive.titles(category="f_f", exclude_category="M/M") == ["ff"]
    assert archive.titles(rating=["teen", "mature"]) == ["ff", "mm"]
    assert archive.titles(exclude_status="in_progress") == ["both"]


def test_an_unknown_name_matches_nothing_and_is_named(archive: TestArchive) -> None:
    archive.add(work("x", characters=["Uchiha Sasuke"]))
    found = archive.get("/v1/works", character="Uchiha Sasukee")
    assert (found["total"], found["items"]) == (0, [])
    assert found["unknown_tags"] == [
        {"parameter": "character", "name": "Uchiha Sasukee", "suggestions": ["Uchiha Sasuke"]}
    ]
    assert archive.get("/v1/works", exclude_character="Nobody")["total"] == 1


def test_one_name_in_two_types_and_accents_that_stay_distinct(archive: TestArchive) -> None:
    archive.add(work("1", freeforms=["Amélie"]), work("2", freeforms=["AMÉLIE"]), work("3", freeforms=["amelie"]))
    archive.add(work("4", characters=["Amélie"]))
    assert archive.titles(freeform="amélie") == ["1", "2"]
    assert archive.titles(tag="amélie") == ["1", "2", "4"]
    assert archive.titles(freeform="amelie") == ["3"]
    names = {item["name"] for item in archive.get("/v1/tags/autocomplete", q="amelie", type="freeform")["items"]}
    assert names == {"Amélie", "amelie"}
    assert archive.titles(q="amelie") == ["1", "2", "3", "4"]


@pytest.mark.parametrize("name", ["words", "kudos", "comments", "bookmarks", "hits"])
def test_ranges_are_inclusive(archive: TestArchive, name: str) -> None:
    for number in (999, 1000, 1001, 5000):
        members = {"words": number} if name == "words" else {"stats": {name: number}}
        archive.add(work(str(number), **members))
    assert archive.titles(**{f"{name}_min": 1001}) == ["1001", "5000"]
    assert archive.titles(**{f"{name}_max": 999}) == ["999"]
    assert archive.titles(**{f"{name}_min": 1000, f"{name}_max": 5000}) == ["1000", "1001", "5000"]
    assert archive.titles(**{f"{name}_min": 5000, f"{name}_max": 999}) == []


def test_dates_are_inclusive_on_both_ends(archive: TestArchive) -> None:
    archive.add(*(work(day, published_at=f"2020-01-{day}T15:00:00Z") for day in ("01", "02", "03")))
    assert archive.titles(published_after="2020-01-02") == ["02", "03"]
    assert archive.titles(published_before="2020-01-02") == ["01", "02"]
    assert archive.titles(published_after="2020-01-02", published_before="2020-01-02") == ["02"]
    assert archive.titles(published_before="2020-01-02T14:59:59Z") == ["01"]
    assert archive.titles(revised_after="1y") == []


def test_titles_sort_without_articles_and_backwards(archive: TestArchive) -> None:
    archive.add(*works("The Zebra", "an Apple", "'Bees'", "Cat", "10 Cats", "9 Cats"))
    ascending = archive.titles(sort="title")
    assert ascending == ["9 Cats", "10 Cats", "an Apple", "'Bees'", "Cat", "The Zebra"]
    assert archive.titles(sort="-title") == ascending[::-1]


@pytest.mark.parametrize("sort", ["title", "-author", "kudos", "-words", "-revised_at"])
def test_a_walk_sees_every_work_once_while_others_are_added(archive: TestArchive, sort: str) -> None:
    archive.add(
        *(work(f"W{n % 7}", key=f"k{n}", words=n % 5, stats={"kudos": n % 3}, authors=[f"A{n % 4}"]) for n in range(33))
    )
    before = {item["id"] for item in archive.get("/v1/works", limit=100)["items"]}
    seen: list[int] = []
    params: dict[str, Any] = {"sort": sort, "limit": 5}
    while True:
        page = archive.get("/v1/works", **params)
        seen += [item["id"] for item in page["items"]]
        if len(seen) < 20:
            archive.add(work(f"New {len(seen)}", words=2, stats={"kudos": 1}))
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_pages_and_cursors(archive: TestArchive) -> None:
    archive.add(*works(*(f"{n:02}" for n in range(25))))
    second = archive.get("/v1/works", sort="title", limit=10, page=2)
    assert [item["title"] for item in second["items"]] == [f"{n:02}" for n in range(10, 20)]
    beyond = archive.get("/v1/works", limit=10, page=9)
    assert (beyond["items"], beyond["total"], beyond["next"]) == ([], 25, None)
    first = archive.client.get("/v1/works", params={"sort": "title", "limit": 10})
    assert 'rel="next"' in first.headers["link"]
    cursor = first.json()["next"]
    archive.problem("/v1/works", cursor=cursor, sort="-title")
    archive.problem("/v1/works", cursor=cursor, sort="title", page=2)
    forged = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    assert archive.problem("/v1/works", cursor=forged, sort="title")["errors"][0]["parameter"] == "cursor"


def test_facets_count_the_result_and_name_what_was_excluded(archive: TestArchive) -> None:
    archive.add(work("1", fandoms=["Hobbit"]), work("2", fandoms=["Hobbit", "Korra"]), work("3", fandoms=["HP"]))
    assert facet(archive, "fandom") == [("Hobbit", 2), ("HP", 1), ("Korra", 1)]
    assert facet(archive, "fandom", fandom="Hobbit") == [("Hobbit", 2), ("Korra", 1)]
    rows = archive.get("/v1/works", facets="fandom,rating", exclude_fandom="HP", exclude_rating="explicit")["facets"]
    assert {"name": "HP", "count": 0, "excluded": True} in [
        {key: row[key] for key in ("name", "count", "excluded") if key in row} for row in rows["fandom"]
    ]
    assert {"value": "explicit", "count": 0, "excluded": True} in rows["rating"]


def facet(archive: TestArchive, name: str, **params: Any) -> list[tuple[str, int]]:
    return [(row["name"], row["count"]) for row in archive.get("/v1/works", facets=name, **params)["facets"][name]]


def test_facets_of_equal_counts_are_in_order_of_their_names(archive: TestArchive) -> None:
    archive.add(*(work(str(n), freeforms=[f"Tag {(n * 37) % 60:02}"]) for n in range(60)))
    assert facet(archive, "freeform", facet_limit=7) == [(f"Tag {n:02}", 1) for n in range(7)]


def test_relationships_by_their_members(archive: TestArchive) -> None:
    archive.add(
        work("romantic", relationships=["Spock/Nyota Uhura"]),
        work("three", relationships=["James T. Kirk/Spock/Nyota Uhura"]),
        work("friends", relationships=["Nyota Uhura & Spock"]),
        work("other", relationships=["James T. Kirk/Spock"]),
    )
    assert archive.titles(relationship_with=["Spock", "Nyota Uhura"]) == ["friends", "romantic", "three"]
    assert archive.titles(relationship="Spock/Nyota Uhura") == ["romantic"]
    assert archive.titles(relationship_with=["spock", "Nobody"]) == []
    shown = archive.get("/v1/works", relationship="Nyota Uhura & Spock")["items"][0]["relationships"][0]
    assert (shown["kind"], [member["name"] for member in shown["members"]]) == ("platonic", ["Nyota Uhura", "Spock"])


def test_words_phrases_and_fields(archive: TestArchive) -> None:
    archive.add(
        work("One", summary="Harry Lockhart"),
        work("Two", summary="Harry Potter meets Lockhart"),
        work("Privet Drive", summary="A street", authors=["Tolkien"]),
        work("Street", summary="Privet hedges"),
    )
    assert archive.titles(q='"Harry Lockhart"') == ["One"]
    assert archive.titles(q="Harry Lockhart") == ["One", "Two"]
    assert archive.titles(q="title:Privet") == ["Privet Drive"]
    assert archive.titles(q="author:Tolkien") == ["Privet Drive"]
    assert archive.titles(q="-author:Tolkien privet") == ["Street"]
    assert archive.titles(q="hedge") == ["Street"]  # stemmed
    assert archive.get("/v1/works", q="privet")["items"][0]["title"] == "Privet Drive"


def test_words_in_the_stories(archive: TestArchive) -> None:
    archive.add(
        work("fox", chapters=[{"content": "<p>A fox ran.</p>"}, {"content": "<p>The foxes slept by the sea.</p>"}]),
        work("sea", chapters=[{"content": "<p>By the sea.</p>"}], stats={"kudos": 5}),
        work("draft", state="draft", chapters=[{"content": "<p>A fox, unpublished.</p>"}]),
    )
    assert archive.titles(text="fox") == ["fox"]
    assert archive.titles(text="sea", kudos_min=5) == ["sea"]
    passages = archive.get("/v1/passages", text="fox")
    assert (passages["total"], passages["total_works"]) == (2, 1)
    assert archive.get("/v1/passages", text="sea", kudos_min=5)["total"] == 1
    assert archive.get("/v1/passages", text="sea", q="title:fox")["total"] == 1
    assert archive.get("/v1/passages", text='"ran the"')["total"] == 0  # a phrase does not cross chapters


def test_post_is_the_same_as_get(archive: TestArchive) -> None:
    archive.add(*(work(str(n), freeforms=["A"] if n % 2 else ["B"], words=n) for n in range(8)))
    got = archive.get(
        "/v1/works", freeform=["A"], words_min=3, sort="-words", facets="freeform", single_chapter="false"
    )
    body = {"freeform": ["A"], "words_min": 3, "sort": "-words", "facets": "freeform", "single_chapter": False}
    posted = archive.client.post("/v1/works/search", json=body).json()
    assert posted == got


def test_ids_fields_and_sources(archive: TestArchive) -> None:
    archive.add(
        work("a", source={"url": "http://www.foo.com/a?style=mine#x"}),
        work("b", source={"site": "archiveofourown.org", "id": "123", "url": "https://archiveofourown.org/works/123"}),
    )
    found = archive.get("/v1/works", ids="2,99,1", fields="id,title")
    assert found["items"] == [{"id": 2, "title": "b"}, {"id": 1, "title": "a"}]
    assert found["missing"] == [99]
    for url in ("https://foo.com/a", "http://FOO.com/a/"):
        assert archive.get("/v1/works", source_url=url)["items"][0]["title"] == "a"
    assert archive.get("/v1/works", source_url="https://foo.com/b")["items"] == []
    assert (
        archive.get("/v1/works", source_url="http://archiveofourown.org/works/123/chapters/9")["items"][0]["title"]
        == "b"
    )
    assert archive.get("/v1/works", source_site="archiveofourown.org", source_id="123")["total"] == 1
    archive.problem("/v1/works", ids="1", fandom="x")
    archive.problem("/v1/works", ids="1,x")
    archive.problem("/v1/works", source_site="x")


def test_whole_lists_keep_the_fields_that_are_asked_for(archive: TestArchive) -> None:
    ann, mod = member(archive, "Ann"), moderator(archive)
    made = ann.post("One", "Two")["id"]
    series = ann.done("POST", "/series", {"title": "Nights"})["id"]
    ann.done("PUT", f"/series/{series}/works", {"work_ids": [made]})
    mod.done("POST", f"/works/{made}/hide", {"reason": "x"}, 204)
    mod.done("POST", f"/works/{made}/unhide", status=204)
    assert ann.get(f"/works/{made}/chapters?fields=title,position")["items"] == [
        {"title": "One", "position": 1},
        {"title": "Two", "position": 2},
    ]
    assert ann.get(f"/series/{series}/works?fields=id,words") == {"items": [{"id": made, "words": 18}], "total": 1}
    for path in (f"/works/{made}/chapters/1/revisions", f"/chapters/{made}/revisions"):
        assert ann.get(f"{path}?fields=revision") == {"items": [{"revision": 1}], "total": 1}
    assert ann.get("/me/notices?fields=kind,text")["items"] == [
        {"kind": "work-shown", "text": ""},
        {"kind": "work-hidden", "text": "x"},
    ]
    assert mod.get("/moderation/log?fields=act&limit=1")["items"] == [{"act": "unhide"}]
    for path in (f"/works/{made}/chapters", f"/series/{series}/works", f"/works/{made}/chapters/1/revisions"):
        (error,) = ann.get(f"{path}?fields=titel", 422)["errors"]
        assert (error["parameter"], error.get("suggestion")) == ("fields", None if "revisions" in path else "title")
