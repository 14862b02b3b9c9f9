"""What is written can be read, and comes back as it was."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from app.formats.manuscript import Manuscript, ManuscriptChapter, SeriesRef
from app.formats.writers import cover
from app.formats.writers.book import BookWork, is_right_to_left
from app.formats.writers.epub import Collection, write_collection, write_epub
from app.formats.writers.html import write_html
from app.formats.writers.markdown import write_markdown
from app.formats.writers.record import write_record
from app.formats.writers.text import write_text
from app.kit.html import clean_html
from tests.formats.manuscripts import MANUSCRIPTS
from tests.formats.reading import items, work, works

THEN = datetime(2024, 5, 1, tzinfo=UTC)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def book_work(manuscript: Manuscript) -> BookWork:
    return BookWork(
        manuscript, "urn:uuid:6b1c2b54-0000-5000-8000-000000000001", THEN, "https://archive.example/v1/works/1"
    )


def epub(manuscript: Manuscript) -> bytes:
    out = io.BytesIO()
    write_epub(out, book_work(manuscript))
    return out.getvalue()


def made(*titles: str, **members: object) -> Manuscript:
    chapters = [ManuscriptChapter("<p>Some <em>words</em>.</p>", title=title) for title in titles]
    whole = Manuscript(title="The Fox", authors=["Ann"], language="en", chapters=chapters, key="fox")
    return replace(whole, **members)  # type: ignore[arg-type]


@FEW
@given(MANUSCRIPTS)
def test_what_is_written_is_read_back(manuscript: Manuscript) -> None:
    assert work(write_record(manuscript), "work.json") == manuscript
    assert work(write_html(book_work(manuscript)), "work.html") == manuscript
    assert work(epub(manuscript), "work.epub") == manuscript


@FEW
@given(MANUSCRIPTS)
def test_everything_can_be_written(manuscript: Manuscript) -> None:
    assert write_text(book_work(manuscript)).decode().strip()
    assert write_markdown(book_work(manuscript)).decode().startswith("# ")
    data = epub(manuscript)
    assert data == epub(manuscript), "the same bytes"
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for name in book.namelist():
            if name.endswith((".xhtml", ".opf", ".ncx", ".xml")):
                etree.fromstring(book.read(name))


def test_a_book_begins_with_its_type() -> None:
    data = epub(made("One", "Two"))
    assert data[:4] == b"PK\x03\x04"
    assert data[26:30] == b"\x08\x00\x00\x00", "a name of eight letters and no extra field"
    assert data[30:58] == b"mimetypeapplication/epub+zip"


def test_a_series_is_read_back_as_its_works() -> None:
    whole = [made("One", series=[SeriesRef("Row", 1)]), made("", title="Second", key="2", series=[SeriesRef("Row", 2)])]
    out = io.BytesIO()
    row = Collection("Row", ("Ann",), "en", "urn:uuid:6b1c2b54-0000-5000-8000-000000000002", THEN)
    write_collection(out, row, map(book_work, whole))
    assert works(out.getvalue(), "row.epub") == whole
    assert [item.input for item in items(out.getvalue(), "row.epub")] == ["row.epub work 1", "row.epub work 2"]


def test_a_record_that_was_changed_is_checked_like_any() -> None:
    page = write_html(book_work(made("One"))).replace(b'"title":"The Fox"', b'"titel":"The Fox"')
    (item,) = items(page, "work.html")
    assert item.problem is not None
    assert item.problem["code"] == "unknown-member"
    cut = page[: page.index(b"</script>") - 5]
    assert [item.problem["code"] for item in items(cut, "work.html") if item.problem] == ["no-record"]


def test_nothing_ends_the_record_in_a_page() -> None:
    evil = made("One", title="</script><script>alert(1)</script><!--")
    page = write_html(book_work(evil)).decode()
    assert page.count("<script") == 1
    assert page.count("</script") == 1
    assert work(page.encode(), "work.html") == evil


def test_plain_forms_say_what_the_work_is() -> None:
    manuscript = made(
        "One", "", summary=clean_html("<p>Sly &amp; quick</p>"), fandoms=["Fables"], consent={"podfic": "ask"}
    )
    text = write_text(book_work(manuscript)).decode()
    assert text.startswith("The Fox\n\nby Ann\n\nFandoms: Fables\n")
    for said in ("Permissions: podfics: ask first", "Summary:\n\nSly & quick", "\n\nOne\n\n", "\n\nChapter 2\n\n"):
        assert said in text
    marked = write_markdown(book_work(manuscript)).decode()
    for said in ("# The Fox\n\nby Ann\n", "- **Fandoms:** Fables", "## One\n\nSome _words_.", "## Chapter 2\n"):
        assert said in marked


@pytest.mark.parametrize(
    ("title", "lettered"),
    [("The Fox — Ωмега", True), ("שלום", cover.features.check("raqm")), ("紅樓夢", False), ("x" * 255, True)],
)
def test_covers_have_the_letters_that_there_are(  # the answer is the point
    title: str, *, lettered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cover.draw_cover.cache_clear()
    data = cover.draw_cover(title, "Ann")
    assert data.startswith(b"\x89PNG")
    written: list[str] = []
    monkeypatch.setattr(cover, "_write", lambda _draw, text, *_: written.append(text) or 0)
    cover.draw_cover.cache_clear()
    cover.draw_cover(title, "Ann", (Path(__file__),))
    assert (title in written) == lettered
    cover.draw_cover.cache_clear()


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("ar", True), ("he-IL", True), ("uz", False), ("uz-Arab", True), ("ar-Latn", False), ("en", False)],
)
def test_languages_are_written_in_a_direction(tag: str, *, expected: bool) -> None:
    assert is_right_to_left(tag) == expected
