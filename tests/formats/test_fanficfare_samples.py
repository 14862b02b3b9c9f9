"""Files that FanFicFare, FicHub and another program wrote, held against what the works are.

Not all of it survives those tools: authors with a hyphen or other letters in their names, the notes of the chapter of a
work in one part, the spaces of a plain summary, alignment. What does survive has to be right.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.formats.epub_book import EpubBook
from app.formats.manuscript import Manuscript
from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from app.kit.html import clean_html, html_to_text
from app.kit.languages import language_tag
from app.kit.markdown import markdown_to_html
from app.kit.names import parse_ao3_token

_FOLDER = os.environ.get("FANARCHIVE_SAMPLE_DATA", "")
pytestmark = [
    pytest.mark.skipif(not _FOLDER, reason="FANARCHIVE_SAMPLE_DATA names no folder"),
    pytest.mark.no_cover,
]
FIXTURES = Path(_FOLDER) / "fixtures"


def truths() -> dict[str, dict[str, Any]]:
    """What the works are, with their text, by file."""
    lines = (FIXTURES / "metadata-dumps" / "works_full_text.ndjson").read_bytes().splitlines()
    whole = {work["id"]: work for work in map(orjson.loads, lines)}
    told = map(orjson.loads, (FIXTURES / "expected.ndjson").read_bytes().splitlines())
    return {name: whole[work["id"]] for work in told for name in work["files"]}


def read(path: Path) -> Manuscript:
    data, name = path.read_bytes(), path.name
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            name = archive.namelist()[0]
            data = archive.read(name)
    (item,) = read_stream(io.BytesIO(data), name, ReadOptions())
    assert item.manuscript is not None, (path.name, item.problem)
    return item.manuscript


def words(html: str) -> list[str]:
    return re.findall(r"\w+", html_to_text(clean_html(html)))


def check(work: Manuscript, truth: dict[str, Any]) -> None:
    """What every tool keeps."""
    assert (work.title or "").split() == truth["title"].split()
    assert work.words == truth["words"]
    assert language_tag(work.language or "") == truth["language_code"]
    assert work.source is not None
    assert work.source.id == str(truth["id"])
    assert len(work.chapters) == len(truth["chapters"])
    for chapter, known in zip(work.chapters, truth["chapters"], strict=True):
        html = chapter.content if chapter.content_format == "html" else markdown_to_html(chapter.content)
        assert words(html) == words(known["html"])


@pytest.mark.parametrize(("suffix", "count"), [(".epub", 56), (".html", 24), (".txt", 24)])
def test_fanficfare(suffix: str, count: int) -> None:
    known = truths()
    paths = sorted((FIXTURES / "fanficfare").glob(f"*{suffix}"))
    assert len(paths) == count
    for path in paths:
        work, truth = read(path), known.get(f"fanficfare/{path.name}")
        if truth is None:  # of its own test site, whose words for ratings and warnings are none of ours
            assert (len(work.chapters), len(work.notices) > 0) == (9, True)
            continue
        check(work, truth)
        for kind in ("fandoms", "characters", "relationships", "freeforms"):
            assert sorted(getattr(work, kind)) == sorted(truth[kind])
        for kind, plural in (("warning", "warnings"), ("category", "categories")):
            told = [parse_ao3_token(kind, one) for one in truth[plural]]  # type: ignore[arg-type]  # one of them
            assert sorted(getattr(work, plural)) == sorted(one for one in told if one)
        assert work.rating == parse_ao3_token("rating", truth["rating"])
        assert work.status == ("complete" if truth["complete"] else "in_progress")
        assert (str(work.published_at)[:10], str(work.revised_at)[:10]) == (truth["published"], truth["updated"])
        first = [(one["name"], one["part"]) for one in truth["series"]][:1]
        assert [(one.title, one.position) for one in work.series] == first
        assert (words(work.notes), words(work.end_notes)) == (words(truth["notes"]), words(truth["endnotes"]))
        assert work.gifts == truth["gifts"]
        assert set(work.authors) <= {
            one["user"] if one["user"] == one["pseud"] else f"{one['pseud']} ({one['user']})"
            for one in truth["authors"]
        }
        if suffix != ".txt":
            assert words(work.summary) == words(truth["summary"])
        if len(work.chapters) > 1:
            for chapter, one in zip(work.chapters, truth["chapters"], strict=True):
                assert chapter.title == one["title"]
                assert words(chapter.summary) == words(one["summary"])
                assert words(chapter.notes) == words(one["notes"])
                assert words(chapter.end_notes) == words(one["endnotes"])


@pytest.mark.parametrize(("suffix", "count", "left_out"), [(".epub", 16, 9), (".zip", 6, 3)])
def test_fichub(suffix: str, count: int, left_out: int) -> None:
    known = truths()
    paths = sorted((FIXTURES / "fichub").glob(f"*{suffix}"))
    ratings: Counter[bool] = Counter()
    for path in paths:
        work, truth = read(path), known[f"fichub/{path.name}"]
        check(work, truth)
        assert [one.title for one in work.chapters] == [one["title"] for one in truth["chapters"]]
        assert set(work.characters) <= set(truth["characters"])
        assert set(work.authors) == {one["pseud"] for one in truth["authors"]}
        # FicHub calls works "T" also where they are not rated, so that word is left out.
        assert work.rating in {None, parse_ao3_token("rating", truth["rating"])}
        ratings[work.rating is None] += 1
    assert (len(paths), ratings[True]) == (count, left_out)


def test_books_with_a_title_page() -> None:
    paths = sorted((FIXTURES / "ebooklib-epub").glob("*.epub"))
    assert len(paths) == 18
    for path in paths:
        work, book = read(path), EpubBook(path.read_bytes())
        assert ([work.title], work.authors) == (book.values("dc:title"), book.values("dc:creator"))
        assert work.source is not None
        assert [work.source.url] == book.values("dc:source")
        tags = {*work.fandoms, *work.characters, *work.relationships, *work.freeforms}
        left = [one for one in book.values("dc:subject") if one and one not in tags]
        assert [parse_ao3_token("category", one) for one in left] == work.categories
        assert len(work.chapters) == work.chapters_posted
        assert work.notices == []
