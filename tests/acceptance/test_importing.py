"""Acceptance: what becomes of what is brought in: gaps filled, text cleaned and counted, known works met again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.formats.options import ReadOptions
from app.imports.runner import Counts, ImportRun, import_items, read_files
from tests.conftest import TestArchive


def bring(archive: TestArchive, path: Path, data: bytes, options: ReadOptions | None = None) -> Counts:
    path.write_bytes(data)
    archive.rows = []
    run = ImportRun(archive.database, archive.settings, archive.rows.append)
    counts = import_items(run, read_files([path], None, options or ReadOptions(), None))
    archive.settle()
    return counts


# Words and HTML


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<p>Don't re-read it -- please.</p>", 4),
        ("<p>one--two</p>", 2),
        ("<p>He said—no—and left.</p>", 5),
        ("<p>3,000 words, 4.5 stars</p>", 6),
        ("<p>x</p><p></p><p> </p>", 1),
        ("<p>one</p>two<br/>three", 3),
        ("<p>x</p><p>* * *</p><p>~~~</p>", 1),
        ('<p title="not counted">un<em>believ</em>able</p>', 1),
        ("<p>日本語 and English混ぜ</p>", 7),
        ("<p>L’été d'Anne, well-being‐s</p>", 3),
        ("<ul><li>one</li><li>two</li></ul><table><tr><td>three</td><td>four</td></tr></table>", 4),
        ("<p>snake_case 🦊 café naïve</p>", 3),
        ("<p>สวัสดี</p>", 6),
        ("<p>한국어 단어</p>", 2),
    ],
)
def test_words_of_a_chapter(archive: TestArchive, content: str, words: int) -> None:
    archive.add({"title": "x", "fandoms": ["Test"], "chapters": [{"content": content}]})
    assert archive.get("/v1/works/1")["words"] == words
    assert archive.get("/v1/works/1/chapters/1")["words"] == words
    assert archive.get("/v1/works", words_min=words, words_max=words)["total"] == 1


@pytest.mark.parametrize(
    ("content", "clean"),
    [
        ("<p>a<script>x</script><style>y</style>b</p>", "<p>ab</p>"),
        ('<p onclick="x()" style="color:red">a</p>', "<p>a</p>"),
        ('<p><a href="javascript:alert(1)">a</a></p>', '<p><a rel="nofollow noopener noreferrer">a</a></p>'),
        (
            '<p><a href="https://x.example/">a</a></p>',
            '<p><a href="https://x.example/" rel="nofollow noopener noreferrer">a</a></p>',
        ),
        ("<p><blink>a</blink> <unknown>b</unknown></p>", "<p>a b</p>"),
        ("<p><em>open", "<p><em>open</em></p>"),
        ("<p>a</p><svg><script>x</script></svg><iframe src=x>y</iframe><p>b</p>", "<p>a</p><p>b</p>"),
    ],
)
def test_html_is_cleaned_once_and_for_all(archive: TestArchive, content: str, clean: str) -> None:
    archive.add({"title": "x", "key": "x", "fandoms": ["Test"], "chapters": [{"content": content}]})
    shown = archive.get("/v1/works/1/chapters/1")["content"]
    assert shown == clean
    archive.add({"title": "y", "key": "y", "fandoms": ["Test"], "chapters": [{"content": shown}]})
    assert archive.get("/v1/works/2/chapters/1")["content"] == clean


# What a file does not say


def test_text_and_author_alone_are_enough(archive: TestArchive, tmp_path: Path) -> None:
    story = "\n\n".join(["The lamp was lit when she came home and nobody had waited for her."] * 3).encode()
    counts = bring(archive, tmp_path / "a_quiet_night.txt", story, ReadOptions(authors=["Ann"]))
    assert counts.created == 1
    work = archive.get("/v1/works/1")
    assert work["title"] == "a_quiet_night"
    assert [author["name"] for author in work["authors"]] == ["Ann"]
    assert (work["rating"], work["warnings"], work["language"]) == ("not_rated", ["choose_not_to_warn"], "en")
    assert [fandom["name"] for fandom in work["fandoms"]] == ["No Fandom"]
    assert any("language" in notice for notice in archive.rows[0].notices)


def test_a_record_without_anything_but_a_chapter(archive: TestArchive) -> None:
    archive.add({"chapters": [{"content_text": "One.\n\nTwo\nlines."}]})
    work = archive.get("/v1/works/1")
    assert (work["title"], work["authors"][0]["name"], work["anonymous"]) == ("Untitled", "Anonymous", False)
    assert archive.get("/v1/works/1/chapters/1")["content"] == "<p>One.</p>\n<p>Two<br>lines.</p>"


def test_a_date_in_the_past_is_kept_and_one_ahead_fails_alone(archive: TestArchive) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%d")
    tomorrow = (datetime.now(UTC) + timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
    counts = archive.add(
        {"title": "past", "published_at": "1999-12-31"},
        {"title": "ahead", "published_at": ahead},
        {"title": "ahead in a chapter", "chapters": [{"content": "x", "published_at": ahead}]},
        {"title": "tomorrow", "published_at": tomorrow},
    )
    assert (counts.created, counts.failed) == (2, 2)
    assert archive.get("/v1/works/1")["published_at"] == "1999-12-31T00:00:00Z"
    assert [row.problem and row.problem["code"] for row in archive.rows] == [
        None,
        "date-in-future",
        "date-in-future",
        None,
    ]


@pytest.mark.parametrize(
    ("said", "status", "expected"),
    [
        ({"chapters_expected": 2}, "complete", 2),
        ({"chapters_expected": 3}, "in_progress", 3),
        ({}, "in_progress", None),
        ({"status": "Completed"}, "complete", 2),
        ({"status": "hiatus", "chapters_expected": 9}, "hiatus", 9),
        ({"chapters_expected": 1}, "complete", 2),
    ],
)
def test_the_plan_and_the_status(archive: TestArchive, said: dict[str, Any], status: str, expected: int | None) -> None:
    archive.add({"title": "x", "chapters": [{"content": "a"}, {"content": "b"}], **said})
    work = archive.get("/v1/works/1")
    assert (work["status"], work["chapters_posted"], work["chapters_expected"]) == (status, 2, expected)


# The same again


def test_the_same_again_is_unchanged_and_a_change_updates_in_place(archive: TestArchive) -> None:
    record: dict[str, Any] = {
        "key": "k", "title": "x", "fandoms": ["Test"], "freeforms": ["Old"], "language": "en", "stats": {"kudos": 5},
        "chapters": [{"title": "1", "content": "<p>one</p>"}, {"title": "2", "content": "<p>two</p>"}],
    }  # fmt: skip
    assert archive.add(record).created == 1
    assert archive.add(record).unchanged == 1
    first = archive.get("/v1/works/1/chapters")["items"]
    changed = record | {
        "freeforms": ["New"],
        "stats": {"kudos": 9},
        "chapters": [record["chapters"][0], {"content": "<p>2</p>"}],
    }
    assert archive.add(changed).updated == 1
    assert archive.rows[0].work_id == 1
    work = archive.get("/v1/works/1")
    assert ([tag["name"] for tag in work["freeforms"]], work["stats"]["kudos"], work["version"]) == (["New"], 9, 2)
    assert [chapter["id"] for chapter in archive.get("/v1/works/1/chapters")["items"]] == [one["id"] for one in first]
    assert archive.get("/v1/works", freeform="Old")["total"] == 0
    assert archive.get("/v1/passages", text="two")["total"] == 0


def test_a_shorter_input_deletes_no_chapter(archive: TestArchive) -> None:
    record = {"key": "k", "title": "x", "chapters": [{"content": "one"}, {"content": "two"}, {"content": "three"}]}
    archive.add(record)
    archive.add(record | {"chapters": [{"content": "one"}]})
    assert archive.get("/v1/works/1")["chapters_posted"] == 3
    assert any("kept" in notice for notice in archive.rows[0].notices)


def test_twice_in_one_batch_is_one_work(archive: TestArchive) -> None:
    url = "https://archiveofourown.org/works/7"
    counts = archive.add(
        {"title": "a", "source": {"url": url}},
        {"title": "b", "source": {"site": "archiveofourown.org", "id": "7"}},
        {"title": "b", "source": {"site": "archiveofourown.org", "id": "7"}},
    )
    assert (counts.created, counts.updated, counts.unchanged) == (1, 1, 1)
    assert {row.work_id for row in archive.rows} == {1}


def test_one_input_that_is_two_works_here_is_refused(archive: TestArchive) -> None:
    archive.add(
        {"title": "a", "source": {"url": "https://x.example/a"}},
        {"title": "b", "source": {"url": "https://x.example/b"}},
    )
    counts = archive.add(
        {"title": "c", "source": {"url": "https://x.example/a"}, "source_urls": ["https://x.example/b"]}
    )
    assert counts.failed == 1
    assert archive.rows[0].problem
    assert (archive.rows[0].problem["code"], archive.rows[0].problem["pointer"]) == ("ambiguous-source", "/source")
    assert archive.titles() == ["a", "b"]


# Encodings and broken files

RUSSIAN = "Ночь, улица, фонарь, аптека, бессмысленный и тусклый свет. " * 20


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251", "koi8-r"])
def test_a_text_of_another_encoding_is_read_and_a_guess_is_said(
    archive: TestArchive, tmp_path: Path, encoding: str
) -> None:
    assert bring(archive, tmp_path / "night.txt", RUSSIAN.encode(encoding)).created == 1
    assert archive.get("/v1/passages", text='"фонарь аптека"')["total"] == 1
    guessed = any("encoding was guessed" in notice for notice in archive.rows[0].notices)
    assert guessed == (encoding in {"cp1251", "koi8-r"})


def test_a_broken_file_leaves_nothing_half_written(archive: TestArchive, tmp_path: Path) -> None:
    lines = [
        orjson.dumps({"key": "1", "title": "first", "fandoms": ["Only here"]}),
        b'{"key": "2", "title": "cut off", "freeforms": ["never"], "chapters": [{"content": "<p>ab',
        b'{"key": "3", "title": "\xff"}',
        orjson.dumps(
            {"key": "4", "title": "nested", "freeforms": ["never"], "chapters": [{"content": "<div>" * 5_000}]}
        ),
        orjson.dumps({"key": "5", "title": "tags", "freeforms": [f"never {n}" for n in range(10_000)]}),
        orjson.dumps(
            {"key": "6", "title": "last", "chapters": [{"content": "<p title='" + "a" * 1_000_000 + "'>x</p>"}]}
        ),
    ]
    counts = bring(archive, tmp_path / "mixed.ndjson", b"\n".join(lines))
    assert (counts.created, counts.failed) == (2, 4)
    assert archive.titles() == ["first", "last"]
    assert archive.get("/v1/tags", type="freeform")["total"] == 0
    assert archive.get("/v1/tags", q="never")["total"] == 0
    assert all("code" in row.problem and "pointer" in row.problem for row in archive.rows if row.problem)


# Who sees what was brought in


def test_public_registered_and_drafts(archive: TestArchive) -> None:
    archive.add(
        {"title": "Work public", "series": [{"title": "S", "position": 1}], "words": 1000},
        {
            "title": "Work registered",
            "visibility": "registered",
            "series": [{"title": "S", "position": 2}],
            "words": 500,
        },
        {"title": "Work draft", "state": "draft"},
    )
    assert archive.titles(q="work") == ["Work public"]
    assert archive.get("/v1/works/1")["title"] == "Work public"
    assert archive.problem("/v1/works/2", 403)["code"] == "registered-only"
    assert archive.problem("/v1/works/3", 404)["code"] == "work-not-found"
    series = archive.get("/v1/series/1")
    assert (series["works_count"], series["words"]) == (1, 1000)


def test_draft_chapters_count_nowhere(archive: TestArchive) -> None:
    chapters = [
        {"title": "A", "content": "<p>one two</p>"},
        {"title": "B", "content": "<p>hidden draft</p>", "state": "draft"},
        {"title": "C", "content": "<p>three</p>"},
    ]
    archive.add({"title": "x", "chapters": chapters})
    work = archive.get("/v1/works/1", include="chapters")
    assert (work["words"], work["chapters_posted"]) == (3, 2)
    assert [(one["position"], one["title"]) for one in work["chapters"]] == [(1, "A"), (2, "C")]
    assert archive.get("/v1/works/1/chapters/2")["title"] == "C"
    archive.problem("/v1/works/1/chapters/3", 404)
    assert archive.get("/v1/passages", text="hidden")["total"] == 0
    assert archive.get("/v1/works/1/chapters/1")["next_id"] == archive.get("/v1/works/1/chapters/2")["id"]


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({"source": {"url": f"https://x.example/{'a' * 3_000}"}}, "bad-url", "/source/url"),
        ({"source": {"url": f"https://x.example/{'я' * 900}"}}, "bad-url", "/source/url"),
        ({"source": {"site": "x.example", "id": "1" * 3_000}}, "too-long", "/source/id"),
        ({"source": {"site": "s" * 3_000, "id": "1"}}, "too-long", "/source/site"),
        ({"authors": [f"a{n}" for n in range(1_000)]}, "too-many", "/authors"),
        ({"series": [{"title": f"s{n}"} for n in range(1_000)]}, "too-many", "/series"),
        ({"source_urls": [f"https://x.example/{n}" for n in range(1_000)]}, "too-many", "/source_urls"),
        ({"gifts": ["g" * 1_000]}, "too-long", "/gifts/0"),
        ({"extra": {"a": "b" * 100_000}}, "too-long", "/extra"),
        ({"related": [{"relation": "inspired_by", "url": "javascript:alert(1)"}]}, "bad-value", "/related/0/url"),
    ],
)
def test_what_would_burden_every_list_is_refused(
    archive: TestArchive, tmp_path: Path, members: dict[str, Any], code: str, pointer: str
) -> None:
    lines = [orjson.dumps(one) for one in ({"title": "bad", **members}, {"title": "good"})]
    assert bring(archive, tmp_path / "x.ndjson", b"\n".join(lines)).created == 1
    problem = archive.rows[0].problem
    assert problem
    assert (problem["code"], problem["pointer"]) == (code, pointer)


def test_what_the_database_refuses_fails_alone(archive: TestArchive) -> None:
    with archive.database.write() as session:
        session.execute(text("CREATE UNIQUE INDEX no_twins ON works (title) WHERE title = 'Twin'"))
    counts = archive.add({"title": "Twin", "key": "1"}, {"title": "Twin", "key": "2"}, {"title": "Other", "key": "3"})
    assert (counts.created, counts.failed) == (2, 1)
    assert archive.rows[1].problem
    assert archive.rows[1].problem["code"] == "not-storable"
    assert archive.titles() == ["Other", "Twin"]
