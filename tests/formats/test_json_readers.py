"""JSON lines of our own and of others, arrays, listings and books."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from app.formats.manuscript import Manuscript
from tests.formats.reading import codes, items, work, works

BLURB: dict[str, Any] = {
    "id": 4287,
    "title": "Dodge",
    "authors": ["Viridian"],
    "gift_to": ["a friend"],
    "restricted": True,
    "fandoms": ["Deep Space"],
    "rating": "General Audiences",
    "warnings": ["No Archive Warnings Apply"],
    "categories": ["M/M", "No category"],
    "relationships": ["A/B"],
    "characters": ["A"],
    "freeforms": ["Drama"],
    "date_updated": "24 Sep 2000",
    "complete": True,
    "summary_html": "<p>After.</p>",
    "series": [{"name": "Truth", "part": 1, "url": "/series/280"}, {"name": "Odd", "part": "x"}, 3],
    "language": "English",
    "words": "1,876",
    "chapters": "3/?",
    "comments": "13",
    "kudos": "2,225",
    "bookmarks": None,
    "hits": "4484",
}
DUMP: dict[str, Any] = {
    "id": 5,
    "title": "Northern",
    "authors": [{"user": "u", "pseud": "p"}],
    "rating": "Mature",
    "warnings": [],
    "fandoms": ["F"],
    "language": "Русский",
    "language_code": "ru",
    "series": [{"id": 1, "name": "S", "part": 6}],
    "gifts": ["g"],
    "summary": "<p>s</p>",
    "endnotes": "<p>e</p>",
    "published": "2018-02-04",
    "updated": "2018-02-05",
    "complete": False,
    "chapters_total": "?",
    "words": 2,
    "chapters": [{"id": 1, "n": 1, "title": "One", "date": "2018-02-04", "html": "<p>x</p>", "endnotes": "<p>c</p>"}],
}


def lines(*values: Any) -> bytes:
    return b"\n".join(value if isinstance(value, bytes) else orjson.dumps(value) for value in values)


def blurb(**members: Any) -> Manuscript:
    return work(lines(BLURB | members))


def test_one_bad_line_stops_nothing_and_is_named() -> None:
    found = items(lines({"title": "a"}, b"{", {"title": "b", "words": -1}, b"", {"title": "c"}), "works.ndjson")
    assert [item.manuscript.title if item.manuscript else item.problem["code"] for item in found if item] == [
        "a",
        "bad-json",
        "negative-number",
        "c",
    ]
    assert found[-1].input == "works.ndjson line 5"


def test_a_blurb_of_a_listing() -> None:
    found = blurb()
    assert found.source is not None
    assert (found.source.site, found.source.id) == ("archiveofourown.org", "4287")
    assert (found.visibility, found.gifts, found.anonymous) == ("registered", ["a friend"], False)
    assert (found.rating, found.warnings, found.categories) == ("general", ["no_warnings_apply"], ["m_m"])
    assert (found.words, found.chapters_posted, found.chapters_expected) == (1_876, 3, None)
    assert found.stats == {"kudos": 2_225, "comments": 13, "bookmarks": 0, "hits": 4_484}
    assert found.published_at == found.revised_at == datetime(2000, 9, 24, tzinfo=UTC)
    assert [(one.title, one.position) for one in found.series] == [("Truth", 1), ("Odd", None)]
    assert found.notices == []


def test_a_blurb_says_only_what_it_says() -> None:
    found = blurb(authors=[], restricted=False, complete=None, language=None, date_updated=None, chapters=None)
    assert (found.authors, found.visibility, found.status, found.language) == ([], "public", None, None)
    assert (found.published_at, found.chapters_posted) == (None, None)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"id": "x"}, "bad-number"),
        ({"id": None}, "not-a-blurb"),
        ({"title": 3}, "not-a-blurb"),
    ],
)
def test_a_bad_blurb_fails_alone(members: dict[str, Any], code: str) -> None:
    assert codes(lines(BLURB, BLURB | members, BLURB)) == [None, code, None]


@pytest.mark.parametrize(
    ("members", "kept"),
    [
        ({"rating": "Spicy"}, {"rating": ["Spicy"]}),
        ({"warnings": ["Mud"]}, {"warning": ["Mud"]}),
        ({"date_updated": "31 Feb 2020"}, {"date_updated": "31 Feb 2020"}),
        ({"kudos": "-1"}, {"kudos": "-1"}),
        ({"hits": 1e25}, {"hits": "1e+25"}),
    ],
)
def test_what_is_not_understood_of_a_blurb_is_kept_and_said(members: dict[str, Any], kept: dict[str, Any]) -> None:
    found = blurb(**members)
    assert (found.extra, len(found.notices)) == (kept, 1)


@pytest.mark.parametrize("name", list(BLURB))
@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [{}], True, -1, 1e300])
def test_members_of_any_other_kind_never_break_a_listing(name: str, value: Any) -> None:
    (item,) = items(lines(BLURB | {name: value}))
    assert (item.manuscript is None) != (item.problem is None)


@pytest.mark.parametrize("name", list(DUMP))
@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [{}], [None], True, -1, 1e300])
def test_members_of_any_other_kind_never_break_a_dump(name: str, value: Any) -> None:
    (item,) = items(orjson.dumps([DUMP | {name: value}]))
    assert (item.manuscript is None) != (item.problem is None)


@pytest.mark.parametrize(
    "data",
    [
        orjson.dumps([DUMP]),
        orjson.dumps([DUMP], option=orjson.OPT_INDENT_2),
        orjson.dumps(DUMP, option=orjson.OPT_INDENT_2),
        lines(DUMP),
        b"\n\n" + lines(DUMP) + b"\n",
    ],
)
def test_a_dump_in_each_of_its_layouts(data: bytes) -> None:
    found = work(data)
    assert (found.title, found.authors, found.language) == ("Northern", ["p (u)"], "ru")
    assert (found.end_notes, found.gifts, found.status) == ("<p>e</p>", ["g"], "in_progress")
    assert found.chapters_expected is None
    assert (found.published_at, found.revised_at) == (
        datetime(2018, 2, 4, tzinfo=UTC),
        datetime(2018, 2, 5, tzinfo=UTC),
    )
    (chapter,) = found.chapters
    assert (chapter.title, chapter.content, chapter.end_notes) == ("One", "<p>x</p>", "<p>c</p>")
    assert found.key is not None


def test_an_array_may_hold_our_own_records() -> None:
    found = works(orjson.dumps([{"title": "own", "chapters": [{"content_text": "x"}]}, DUMP]))
    assert [one.title for one in found] == ["own", "Northern"]
    assert found[0].chapters[0].content_format == "text"
    assert codes(orjson.dumps([{"titel": "x"}, 3])) == ["unknown-member", "not-an-object"]


def test_elements_and_lines_are_named() -> None:
    assert [item.input for item in items(orjson.dumps([DUMP, DUMP]), "d.json")] == ["d.json item 1", "d.json item 2"]
    assert [item.input for item in items(lines(DUMP, DUMP), "d")] == ["d line 1", "d line 2"]


def test_a_book() -> None:
    book = {
        "slug": "a-book",
        "title": "A Book",
        "authors": ["Ann"],
        "language": "en",
        "source": "somewhere",
        "chapters": [{"n": 1, "title": "I", "html": "<p>x</p>"}, {"n": 2, "html": ""}],
    }
    found = work(orjson.dumps(book, option=orjson.OPT_INDENT_2))
    assert (found.key, found.title, found.authors, found.status) == ("a-book", "A Book", ["Ann"], "complete")
    assert [(c.title, c.content) for c in found.chapters] == [("I", "<p>x</p>"), ("", "")]
    assert codes(orjson.dumps(book | {"chapters": [{"title": "x"}, {"html": "x"}]})) == ["not-a-chapter"]
    assert codes(orjson.dumps(book)[:-3]) == ["bad-json"]


def test_works_json_counts_chapters_that_it_does_not_hold() -> None:
    found = work(b'[{"title": "x", "author_names": ["y"], "complete": true, "chapter_count": 8}]')
    assert found.chapters_posted == 8


def test_users_who_share_a_pseud_are_told_apart() -> None:
    authors = [
        {"user": "ann", "pseud": "the other one"},
        {"user": "ben", "pseud": "Ben"},
        {"user": "cal", "pseud": "cal"},
    ]
    found = work(orjson.dumps([DUMP | {"authors": authors}]))
    assert found.authors == ["the other one (ann)", "Ben (ben)", "cal"]
    table = work(orjson.dumps([DUMP | {"authors": ["the other one", "Ben", "cal"]}]))
    assert (table.authors, table.key) == (["the other one", "Ben", "cal"], found.key), "it is the same work"
    assert work(orjson.dumps([DUMP | {"author": "solo", "authors": None}])).authors == ["solo"]


def test_a_dump_with_what_its_archive_calls_otherwise() -> None:
    told = {
        "restricted": True, "anonymous": True, "rating": "Spicy", "warnings": "Violence, Mud", "status": "resting",
        "complete": None, "tags": "a, b", "published": 1_146_711_721, "updated": None, "collections": ["Fest"],
        "series": [{"name": "S", "part": "3"}],
        "chapters": [{"n": 2, "html": "<p>two</p>"}, {"n": 1, "html": "<p>one</p>"}],
    }  # fmt: skip
    found = work(orjson.dumps([DUMP | told]))
    assert (found.visibility, found.anonymous) == ("registered", True), "what is locked stays so"
    assert (found.rating, found.warnings, found.status) == (None, ["graphic_violence"], None)
    assert found.extra == {
        "collections": ["Fest"], "rating": ["Spicy"], "warning": ["Mud"], "status": ["resting"],
    }  # fmt: skip
    assert len(found.notices) == 3
    assert (found.freeforms, str(found.published_at)[:10]) == (["a", "b"], "2006-05-04")
    assert [(one.title, one.position) for one in found.series] == [("S", 3)]
    assert [one.content for one in found.chapters] == ["<p>one</p>", "<p>two</p>"]


def test_a_dump_by_whatever_its_members_are_called_and_with_more_than_has_a_field() -> None:
    told = {
        "id": 5, "Title": "T", "author": "A", "storyUrl": "https://archiveofourown.org/works/5", "nchapters": 2,
        "expected_chapters": 2, "date_published": "2020-01-02", "dateUpdated": "soon", "status": "Completed",
        "complete": False, "word_count": "1.234", "tags": ["x"], "series": ["S"], "mood": {"now": "grey"}, "favs": -1,
        "all_kudos": ["reader"],
    }  # fmt: skip
    found = work(orjson.dumps(told) + b"\n")
    assert (found.title, found.authors, found.freeforms, found.words) == ("T", ["A"], ["x"], 1_234)
    assert (found.chapters_posted, found.chapters_expected, found.status) == (2, 2, "in_progress")
    assert found.source is not None
    assert (found.source.id, str(found.published_at)[:10], found.series[0].title) == ("5", "2020-01-02", "S")
    assert found.extra == {"mood": {"now": "grey"}, "kudos": "-1", "revised": "soon"}
    assert len(found.notices) == 2
    whole = work(orjson.dumps([{"title": "T", "author": "A", "text": "One.\n\nTwo."}]))
    assert [(one.content, one.content_format) for one in whole.chapters] == [("One.\n\nTwo.", "text")]
    assert codes(b'{"titel": "x", "author": "y"}\n') == ["unknown-member"], "our own form, misspelt"
