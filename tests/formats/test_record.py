"""The import record: what a line may hold, and what is said of one that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from app.formats.problems import Unreadable
from app.formats.record import json_schema, parse_record
from app.formats.record_model import ImportRecord

FULL: dict[str, Any] = {
    "title": "A Long Way Down",
    "authors": ["one", {"name": "two", "id": 7}],
    "summary": "<p>It falls.</p>",
    "notes": "n",
    "end_notes": "e",
    "language": "en",
    "rating": "Teen And Up Audiences",
    "warnings": ["no_warnings_apply"],
    "categories": ["F/M", "gen"],
    "fandoms": ["Made Up", {"name": "Other", "canonical_id": None}],
    "characters": ["A"],
    "relationships": [{"name": "A/B", "kind": "romantic", "members": [{"name": "A", "character_id": 1}]}],
    "freeforms": ["Fluff"],
    "series": [{"id": 3, "title": "Downs", "position": 2}],
    "chapters": [
        {
            "id": 9,
            "work_id": 1,
            "position": 1,
            "words": 2,
            "version": 1,
            "content": "<p>One.</p>",
            "state": "published",
        },
        {
            "title": "Two",
            "content_text": "Two.",
            "published_at": "2020-01-02",
            "source_url": "https://example.org/s/1/2",
        },
        {"content_markdown": "*Three*"},
    ],
    "status": "complete",
    "words": 10,
    "chapters_posted": 3,
    "chapters_expected": 3,
    "published_at": "2020-01-01",
    "revised_at": "2020-01-03T10:00:00+02:00",
    "stats": {"kudos": 1, "hits": 2},
    "source": {"site": "example.org", "id": 12, "url": "https://example.org/12"},
    "source_urls": ["https://mirror.example.org/12"],
    "key": "k1",
    "state": "draft",
    "visibility": "registered",
    "anonymous": True,
    "gifts": ["three"],
    "related": [{"relation": "inspired_by", "url": "https://example.org/1"}],
    "consent": {"podfic": "ask"},
    "extra": {"anything": [1, {"a": None}]},
    "id": 42,
    "version": 3,
    "has_text": True,
}


def problem_of(**members: Any) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        parse_record(orjson.dumps({"title": "T"} | members))
    return caught.value


def test_every_member_arrives() -> None:
    work = parse_record(orjson.dumps(FULL))
    assert work.authors == ["one", "two"]
    assert work.fandoms == ["Made Up", "Other"]
    assert work.relationships == ["A/B"]
    assert (work.rating, work.categories, work.status) == ("teen", ["f_m", "gen"], "complete")
    assert [(c.content, c.content_format) for c in work.chapters] == [
        ("<p>One.</p>", "html"),
        ("Two.", "text"),
        ("*Three*", "markdown"),
    ]
    assert [chapter.source_url for chapter in work.chapters][1] == "https://example.org/s/1/2"
    assert work.chapters[1].published_at == datetime(2020, 1, 2, tzinfo=UTC)
    assert work.revised_at == datetime(2020, 1, 3, 8, tzinfo=UTC)
    assert work.source is not None
    assert (work.source.site, work.source.id) == ("example.org", "12")
    assert work.stats == {"kudos": 1, "hits": 2}  # of the others nothing is said
    assert (work.state, work.visibility, work.anonymous, work.key) == ("draft", "registered", True, "k1")
    assert (work.gifts, work.consent) == (["three"], {"podfic": "ask"})
    assert work.related == [{"relation": "inspired_by", "url": "https://example.org/1"}]
    assert work.extra == {"anything": [1, {"a": None}]}
    assert [(one.title, one.position) for one in work.series] == [("Downs", 2)]


def test_little_is_needed_and_the_rest_has_its_defaults() -> None:
    work = parse_record(b'{"title":"T"}')
    assert (work.state, work.visibility, work.anonymous, work.rating) == ("published", "public", False, None)
    assert parse_record(b'{"chapters":[{"content":"x"}]}').title is None


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({"published_at": "0000-01-01"}, "bad-date", "/published_at"),
        ({"published_at": "99999-01-01"}, "bad-date", "/published_at"),
        ({"revised_at": 3}, "bad-date", "/revised_at"),
        ({"chapters": [{"content": "x", "published_at": "soon"}]}, "bad-date", "/chapters/0/published_at"),
        ({"stats": {"kudos": -1}}, "negative-number", "/stats/kudos"),
        ({"words": 2**63}, "number-too-large", "/words"),
        ({"words": True}, "bad-value", "/words"),
        ({"words": 1.5}, "bad-value", "/words"),
        ({"authors": [3]}, "bad-value", "/authors/0"),
        ({"anonymous": "yes"}, "bad-value", "/anonymous"),
        ({"rating": "spicy"}, "bad-value", "/rating"),
        ({"titel": "x"}, "unknown-member", "/titel"),
        ({"a/b": 1}, "unknown-member", "/a~1b"),
        ({"chapters": [{}]}, "one-content", "/chapters/0/content"),
        ({"chapters": [{"content": "x", "content_text": "y"}]}, "one-content", "/chapters/0/content"),
        ({"source": {"site": "example.org"}}, "incomplete-source", "/source"),
        ({"series": [{"title": "x", "position": 0}]}, "number-too-small", "/series/0/position"),
        ({"key": "k" * 256}, "too-long", "/key"),
        ({"freeforms": [str(n) for n in range(1_001)]}, "too-many-tags", "/freeforms"),
        ({"title": None}, "title-or-chapter-required", "/title"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(members: dict[str, Any], code: str, pointer: str) -> None:
    found = problem_of(**members)
    assert (found.code, found.pointer) == (code, pointer)
    assert set(found.as_problem()) == {"code", "detail", "pointer"}


@pytest.mark.parametrize(("digits", "code"), [("9" * 30, "number-too-large"), ("-" + "9" * 30, "negative-number")])
def test_numbers_past_what_the_parser_holds_are_named_as_well(digits: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_record(f'{{"title":"T","words":{digits}}}'.encode())
    assert (caught.value.code, caught.value.pointer) == (code, "/words")


def test_a_thousand_tags_are_taken() -> None:
    assert (
        len(parse_record(orjson.dumps({"title": "T", "freeforms": [str(n) for n in range(1_000)]})).freeforms) == 1_000
    )


def test_a_misspelt_member_gets_a_suggestion_from_its_own_object() -> None:
    assert "Did you mean title?" in problem_of(titel="x").detail
    assert "Did you mean content_markdown?" in problem_of(chapters=[{"content": "x", "contentmarkdown": ""}]).detail


def test_the_schema_names_the_members_and_refuses_others() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == set(ImportRecord.model_fields)
    assert schema["additionalProperties"] is False
    assert orjson.loads(orjson.dumps(schema)) == schema
