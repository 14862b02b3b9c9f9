"""FanFicFare's title pages as people change them: words, order, layout and forms of dates of their own."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime

import pytest

from app.formats.fanficfare_labels import key_of
from app.formats.manuscript import Manuscript, SeriesRef
from tests.formats import fanficfare as made
from tests.formats.reading import work, works

USUAL = work(made.epub())
WORDS = {
    "Words": ["Word Count", "Wordcount", "numWords"],
    "Chapters": ["Chapter Count", "Number of Chapters"],
    "Category": ["Fandom", "Fandom(s)", "Fandom Tags"],
    "Characters": ["Character(s)", "Main Characters"],
    "Relationships": ["Ships", "Pairing(s)", "Couples"],
    "Published": ["Posted", "Date Published", "First Published", "DatePublished"],
    "Updated": ["Last Updated", "Date Updated"],
    "Rating": ["Content Rating", "Age Rating", "Rated"],
    "Warnings": ["Archive Warnings", "Warning(s)"],
    "Status": ["Story Status"],
    "Language": ["Lang"],
    "Summary": ["Description", "Blurb"],
    "Series": ["Series00", "Series 1"],
}


def renamed(label: str, other: str) -> bytes:
    return made.epub(first=made.title_page().replace(f"<b>{label}:</b>", f"<b>{other}:</b>", 1))


def parts(found: Manuscript) -> list[object]:
    """All that a title page says."""
    return [
        *(found.title, found.authors, found.language, found.rating, found.warnings, found.categories, found.fandoms),
        *(found.characters, found.relationships, found.freeforms, found.series, found.status, found.words),
        *(found.chapters_posted, found.published_at, found.revised_at, found.source, found.extra),
    ]


@pytest.mark.parametrize(("label", "other"), [(label, other) for label, others in WORDS.items() for other in others])
def test_a_label_that_was_renamed_is_known(label: str, other: str) -> None:
    found = work(renamed(label, other))
    assert parts(found) == parts(USUAL)
    assert found.summary == USUAL.summary


def test_a_label_that_is_not_known_is_kept() -> None:
    assert work(renamed("Words", "Heft")).extra == {"Heft": "1,234"}
    assert key_of("Heft:") is None


def laid_out(line: str, lines: dict[str, str] | None = None) -> bytes:
    """A book whose title page has a form of its own for its lines."""
    told = made.LINES if lines is None else lines
    rows = "".join(line.format(label, html.escape(value)) for label, value in told.items())
    summary = line.format("Summary", made.SUMMARY)
    return made.epub(first=made.document(f"{made.heading()}\n<div>{rows}{summary}</div>", "fff_titlepage"))


@pytest.mark.parametrize(
    "line",
    [
        "<strong>{}:</strong> {}<br/>\n",
        "<b>{}</b>: {}<br/>",
        "<b>{}</b> {}<br/>",
        "<p><b>{}:</b> {}</p>\n",
        "<div><strong>{}</strong>: {}</div>",
    ],
)
def test_the_layout_of_the_lines_may_be_another(line: str) -> None:
    found = work(laid_out(line))
    assert parts(found) == parts(USUAL)
    assert "A crow." in found.summary
    assert "sour" in found.summary


def test_categories_are_no_fandoms_whatever_their_label() -> None:
    lines = {**made.LINES, "Fandoms": "Fables", "Category": "F/M, Gen", "Genre": "Fluff"}
    found = work(laid_out("<b>{}:</b> {}<br/>", lines))
    assert (found.fandoms, found.categories, found.freeforms) == (["Fables"], ["f_m", "gen"], ["Fluff"])
    alone = work(laid_out("<b>{}:</b> {}<br/>", {**made.LINES, "Category": "Other, M/M, Fables", "Genre": "Fluff"}))
    assert (alone.fandoms, alone.categories) == (["Other", "Fables"], ["m_m"])


def test_several_series_in_one_line_are_told_apart_by_their_links() -> None:
    links = '<a href="https://x.example/1">The Well [3]</a>, <a href="https://x.example/2">Crows, Owls [1.5]</a>'
    page = made.title_page().replace("The Well &amp; Co. [3]", links)
    found = work(made.epub(first=page))
    assert found.series == [SeriesRef("The Well", 3), SeriesRef("Crows, Owls", None)]
    assert any("is 1.5" in notice for notice in found.notices)


@pytest.mark.parametrize(
    ("published", "updated", "expected", "doubtful"),
    [
        ("05/06/2020", "25/06/2020", (2020, 6, 5), False),
        ("05/06/2020", "06/25/2020", (2020, 5, 6), False),
        ("05/02/2020", "04/03/2020", (2020, 2, 5), False),
        ("05-06-2020", "06-07-2020", (2020, 6, 5), True),
        ("05/06/2020", "06/07/2020", (2020, 5, 6), True),
        ("05/05/2020", "05/05/2020", (2020, 5, 5), False),
    ],
)
def test_dates_of_numbers_explain_each_other(
    published: str,
    updated: str,
    expected: tuple[int, int, int],
    doubtful: bool,  # noqa: FBT001
) -> None:
    found = work(made.single_html({"Published": published, "Updated": updated}))
    assert found.published_at == datetime(*expected, tzinfo=UTC)
    assert any("was read with the" in notice for notice in found.notices) == doubtful
    assert found.revised_at is not None
    assert found.revised_at >= found.published_at


def test_what_is_new_is_no_part_of_a_title() -> None:
    for titles in (["1. One", "2. (new) Two"], ["One", "(new) Two"], ["1. One", "(new) 2. Two"]):
        book = made.single_html(chapters=[(title, made.ONE) for title in titles])
        assert [one.title for one in work(book).chapters] == ["One", "Two"]


def test_notes_of_the_work_that_each_chapter_shows_are_taken_once() -> None:
    found = work(made.single_html(chapters=[("1. A", made.ONE), ("2. B", made.ONE)]))
    assert found.notes == "<p>Of the work.</p>"


@pytest.mark.parametrize(
    ("old", "new"),
    [("h2>", "h3>"), ("</h2></a>", "</h2>"), ("<b>", "<strong>"), ('<a name="section', '<a id="section')],
)
def test_a_single_page_may_be_written_in_another_way(old: str, new: str) -> None:
    page = made.single_html().decode().replace(old, new)
    if old == "<b>":
        page = page.replace("</b>", "</strong>")
    if old == "</h2></a>":  # the anchor ends before the heading
        page = page.replace('"><h2>', '"></a><h2>')
    found = work(page.encode())
    assert parts(found) == parts(USUAL)
    assert [chapter.title for chapter in found.chapters] == ["Cheese & Grapes", ""]
    assert found.notes == "<p>Of the work.</p>"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.lstrip(b"\r\n"),
    ],
)
def test_a_text_file_is_known_though_an_editor_saved_it_anew(change: object) -> None:
    found = work(change(made.text_file()))  # type: ignore[operator]
    assert parts(found) == parts(USUAL)
    assert len(found.chapters) == 2


def test_a_text_file_is_known_without_its_address() -> None:
    found = work(made.text_file({"Story URL": "", "Author URL": ""}))
    assert (found.source, found.fandoms, len(found.chapters)) == (None, USUAL.fandoms, 2)
    plain = b"The Fox\nby Ann\n\nRating: T\nPairing: Crow/Fox\nWords: 3\n\nThe text is here."
    assert work(plain).authors == ["Ann"]


def test_json_may_hold_lists_and_numbers() -> None:
    told = made.story_json(
        characters=["Crow", "Fox, Jr. (Fables)"],
        category=["Fables"],
        fandoms=["Fables"],
        numWords=1234,
        restricted=True,
    )
    found = work(made.json_file(told))
    assert (found.characters, found.fandoms, found.words) == (["Crow", "Fox, Jr. (Fables)"], ["Fables"], 1_234)
    assert found.visibility == "registered"


def test_stories_as_json_stand_in_lines_or_under_names() -> None:
    one, two = made.story_json(), made.story_json(title="Owls")
    lines = f"{json.dumps(one)}\n{json.dumps(two)}\n".encode()
    for data in (lines, json.dumps({"77": one, "78": two}).encode()):
        assert [found.title for found in works(data)] == ["The Fox & the Crow", "Owls"]


def test_a_plain_summary_in_json_keeps_its_paragraphs() -> None:
    found = work(made.json_file(made.story_json(description="A crow &amp; a fox.\n\nAnd cheese.")))
    assert found.summary == "<p>A crow &amp; a fox.</p><p>And cheese.</p>"
