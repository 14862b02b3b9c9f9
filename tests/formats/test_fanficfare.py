"""FanFicFare's HTML, EPUB and JSON: the same story, the same work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.formats.manuscript import Manuscript, SeriesRef, SourceRef
from app.formats.registry import choose
from tests.formats import fanficfare as made
from tests.formats.reading import codes, items, work, works


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


FILES = {
    "html": made.single_html(),
    "epub 2": made.epub(),
    "epub 3": made.epub(version="3.0"),
    "epub with a table": made.epub(first=made.title_page(table=True)),
    "text": made.text_file(),
    "text, not wrapped": made.text_file(width=0),
    "text, narrow": made.text_file(width=40),
}


@pytest.mark.parametrize("name", FILES)
def test_the_labels_say_what_is_what(name: str) -> None:
    found = work(FILES[name])
    assert (found.title, found.authors) == ("The Fox", ["Ann (bee)", "Cal"])
    assert found.fandoms == ["Fables", "Tales: Old (and New)"]
    assert (found.characters, found.relationships) == (["Crow", "Fox (Fables)"], ["Crow & Fox", "Crow/Fox"])
    assert (found.categories, found.freeforms) == (["f_m", "gen"], ["Fluff", "Non-Graphic Violence", "Slow Burn"])
    assert (found.rating, found.warnings, found.status) == ("teen", ["no_warnings_apply"], "in_progress")
    assert found.series == [SeriesRef("The Well & Co.", 3)]
    assert (found.words, found.chapters_posted, found.language) == (1_234, 2, "Italiano")
    assert (found.published_at, found.revised_at) == (day(2020, 1, 2), day(2020, 3, 4))
    assert found.source == SourceRef("archiveofourown.org", "77", made.URL)
    assert "A crow." in found.summary
    assert "sour" in found.summary
    assert found.extra == {}


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("text")])
def test_chapters_are_the_storys_own(name: str) -> None:
    found = work(FILES[name])
    one, two = found.chapters
    assert (one.title, two.title) == ("Cheese & Grapes", "")
    assert one.content.replace("\n", "") == "<p>One &amp; <i>all</i>.</p><p>Two.</p>"
    assert two.content == "<h3>Its own</h3><p>Three.</p>"
    assert (one.summary, one.notes, two.end_notes) == ("<p>In short.</p>", "<p>Before.</p>", "<p>After.</p>")
    assert (found.notes, found.end_notes) == ("<p>Of the work.</p>", "<p>At the end.</p>")
    assert found.gifts == ["owl"]
    assert found.notices == []


def test_chapters_of_a_book_have_their_addresses() -> None:
    assert [one.source_url for one in work(made.epub()).chapters] == [
        f"{made.URL}/chapters/1?a=1&b=2",
        f"{made.URL}/chapters/2?a=1&b=2",
    ]


def test_pages_that_are_no_chapters_are_left_out() -> None:
    extra: dict[str, str | bytes] = {
        "OEBPS/cover.xhtml": made.document('<div><img src="x.jpg" alt="cover"/></div>', "fff_coverpage"),
        "OEBPS/toc_page.xhtml": made.document("<h3>Table of Contents</h3>", "fff_tocpage"),
        "OEBPS/log_page.xhtml": made.document(
            "<h3>Update Log</h3><p class='log_entry'><b>Kudos:</b> <span id='kudos'>5</span></p><hr/>"
            "<p class='log_entry'><b>Kudos:</b> <span id='kudos'>7</span><b>Words:</b> <span id='numWords'>9</span>",
            "fff_logpage",
        ),
        "titlepage.xhtml": made.document('<img src="x.jpg" alt=""/>', "calibre"),
    }
    found = work(made.epub(extra))
    assert len(found.chapters) == 2
    assert (found.stats, found.words) == ({"kudos": 7}, 1_234)


def test_without_a_title_page_the_package_tells_what_it_can() -> None:
    found = work(made.epub(first=""))
    assert (found.title, found.authors, found.summary) == ("The Fox", ["Ann (bee)", "Cal"], "<p>A crow.</p>")
    assert found.source == SourceRef("archiveofourown.org", "77", made.URL)
    assert (found.published_at, found.revised_at) == (day(2020, 1, 2), day(2020, 3, 4))
    assert (found.fandoms, found.freeforms, found.characters) == ([], [], [])
    assert "Crow/Fox" in found.extra["Subjects"]
    assert not any("Last Update" in one for one in found.extra["Subjects"])
    assert any("kept in `extra`" in one for one in found.notices)


def test_a_value_with_a_comma_is_whole_where_the_package_tells_it() -> None:
    lines = {"Publisher": "example.org", "Category": "Crows, Foxes, and Owls, Fables", "Genre": "Drama, General, M/M"}
    page = made.title_page(lines).replace(made.URL, "https://example.org/story/5")
    book = made.epub(first=page)
    assert work(book).fandoms == ["Crows", "Foxes", "and Owls", "Fables"]
    assert any("joined by commas" in one for one in work(book).notices)
    assert (work(book).categories, work(book).freeforms) == (["m_m"], ["Drama", "General"])


def test_a_collection_of_stories_is_several_works() -> None:
    first = made.title_page().replace("The Fox", "The Owl").replace(made.URL, "https://archiveofourown.org/works/78")
    opening = made.document("<h3>Foxes and Owls</h3><p>Anthology containing: The Owl, The Fox</p>", "calibre")
    pages: dict[str, str | bytes] = {
        "titlepage.xhtml": opening,
        "1/OEBPS/title_page.xhtml": first,
        "1/OEBPS/file0001.xhtml": made.chapter(1, "1. Night", "<p>Hoo.</p>"),
        "1/OEBPS/log_page.xhtml": made.document("<p class='log_entry'><span id='kudos'>7</span></p>", "fff_logpage"),
        "2/OEBPS/title_page.xhtml": made.title_page(),
    }
    found = items(made.epub(pages, first=""), "all.epub")
    assert [item.input for item in found] == ["all.epub story 1", "all.epub story 2"]
    owl, fox = (item.manuscript for item in found)
    assert owl is not None
    assert fox is not None
    assert (owl.title, [one.title for one in owl.chapters], owl.stats) == ("The Owl", ["Night"], {"kudos": 7})
    assert owl.source is not None
    assert (owl.source.id, owl.authors, owl.fandoms) == ("78", ["Ann (bee)", "Cal"], ["Fables", "Tales: Old (and New)"])
    assert any("before the first story" in notice for notice in owl.notices)
    assert (fox.title, fox.source, len(fox.chapters)) == ("The Fox", work(made.epub()).source, 2)
    assert [item.alone for item in found] == [False, False]


@pytest.mark.parametrize(
    ("published", "expected", "notice"),
    [
        ("31 May 2022", day(2022, 5, 31), False),
        ("2022-05-31 10:20:30", datetime(2022, 5, 31, 10, 20, 30, tzinfo=UTC), False),
        ("05/31/2022", day(2022, 5, 31), False),
        ("05/06/2022", day(2022, 5, 6), True),
        ("the day before", None, True),
    ],
)
def test_dates_in_whatever_form(published: str, expected: datetime | None, notice: bool) -> None:  # noqa: FBT001
    found = work(made.single_html({"Published": published}))
    assert found.published_at == expected
    assert any(published in one for one in found.notices) is notice
    assert (found.extra == {"Published": published}) is (expected is None)


def test_the_package_settles_what_a_date_means() -> None:
    found = work(made.epub(first=made.title_page({"Published": "02/01/2020", "Updated": "04.03.2020 05:06"})))
    assert found.published_at == day(2020, 1, 2)
    assert found.revised_at == datetime(2020, 3, 4, 5, 6, tzinfo=UTC)
    assert found.notices == []


def test_words_of_other_sites() -> None:
    lines = {"Rating": "Tweenie", "Warnings": "Violence, Tears", "Status": "Asleep", "Publisher": "example.org"}
    found = work(made.single_html(lines).replace(made.URL.encode(), b"https://example.org/story/5"))
    assert (found.rating, found.warnings, found.status) == (None, ["graphic_violence"], None)
    assert found.extra == {"Rating": "Tweenie", "Warnings": ["Tears"], "Status": "Asleep"}
    assert len(found.notices) == 4
    assert (found.categories, found.freeforms[:2]) == (["f_m"], ["Fluff", "Gen"])
    assert found.source == SourceRef("example.org", None, "https://example.org/story/5")


@pytest.mark.parametrize(("word", "token"), [("K", "general"), ("K+", "general"), ("T", "teen"), ("M", "mature")])
def test_ratings_of_fanfiction_net(word: str, token: str) -> None:
    assert work(made.single_html({"Rating": word})).rating == token


def test_what_no_label_is_known_for_is_kept() -> None:
    lines = {"Story Notes": "Of old.", "Kudos": "1,002", "Extra Tags": "FanFiction, Mine", "My Bookmark Rec": "yes"}
    found = work(made.single_html({**lines, "Collections": "A Fest, Another", "Words": "many"}))
    assert found.extra == {
        "Story Notes": "Of old.",
        "Extra Tags": ["Mine"],
        "Collections": ["A Fest", "Another"],
        "Words": "many",
    }
    assert found.stats == {"kudos": 1_002}
    assert any("a reader marked" in one for one in found.notices)


def test_series() -> None:
    assert work(made.single_html({"Series": "Years [1.5]"})).series == [SeriesRef("Years", None)]
    assert work(made.single_html({"Series": "Years [0]"})).series == [SeriesRef("Years", None)]
    assert work(made.single_html({"Series": "[Brackets] inside"})).series == [SeriesRef("[Brackets] inside", None)]


def test_anonymous_is_nobody() -> None:
    data = made.single_html().replace(b"Ann (bee)", b"Anonymous").replace(b"Cal</a>", b"Anonymous</a>")
    assert work(data).authors == []


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("Ann (bee),moth-and-ember", ["Ann (bee)", "moth-and-ember"]),
        ("Dee [archived by keeper]", ["Dee"]),
        ("Anonymous", []),
    ],
)
def test_a_byline_names_authors_whose_links_were_passed_over(byline: str, authors: list[str]) -> None:
    assert work(made.single_html({"Byline": byline})).authors == authors
    assert work(made.json_file(made.story_json(byline=byline))).authors == authors


@pytest.mark.parametrize(
    ("label", "value", "expected"),
    [
        ("Chapters/Total Chapters", "2/5", 5),
        ("Chapters/Total Chapters", "2/?", None),
        ("Total Chapters", "5", 5),
        ("Total Chapters", "2/?", None),
        ("Total Chapters", "?", None),
        ("Total Chapters", "all", None),
    ],
)
def test_how_many_chapters_are_planned(label: str, value: str, expected: int | None) -> None:
    assert work(made.single_html({label: value})).chapters_expected == expected


def test_characters_that_no_text_may_hold_are_left_out() -> None:
    data = made.single_html().replace(b"</div></div>", b"</div>\x01tail</div>")
    assert "tail" in work(data).chapters[0].content + work(data).chapters[1].content


def test_end_notes_of_a_work_in_one_part_are_the_works() -> None:
    foot = made.FOOT_NOTES.partition("<b>Author")[0] + "</div>"
    found = work(made.single_html({"Chapters": "1"}, [("The Fox", f"<div><p>One.</p>{foot}</div>")]))
    assert (found.chapters[0].title, found.chapters[0].end_notes, found.end_notes) == ("", "", "<p>After.</p>")


def test_a_note_that_was_taken_for_the_summary() -> None:
    page = made.title_page(summary="<div><p>Of the\nwork.</p></div>")
    found = work(made.epub(first=page))
    assert (found.summary, found.notes) == ("", "<p>Of the work.</p>")
    assert any("dropped" in one for one in found.notices)


def test_what_a_work_comes_from_stands_above_its_notes() -> None:
    lines = (
        b'<li>Inspired by <a href="https://example.org/works/1">Old</a> by <a href="/users/x">x</a>.</li>'
        b'<li>A translation of <a href="nowhere">Lost</a>.</li>'
    )
    found = work(made.single_html().replace(b'<ul class="associations">', b'<ul class="associations">' + lines))
    assert found.related == [{"relation": "inspired_by", "title": "Old", "url": "https://example.org/works/1"}]
    assert (found.gifts, "Lost" in found.notes) == (["owl"], True)


def test_headings_that_a_setting_changed() -> None:
    data = made.single_html().replace(b"Notes for the Chapter:", b"Anmerkung:").replace(b"Author's Note:", b"Vorwort:")
    found = work(data)
    assert found.notes == ""
    assert found.chapters[0].notes == "<p>Of the work.</p><p>Before.</p>"
    assert found.chapters[1].end_notes == "<p>After.</p><p>At the end.</p>"


def test_html_without_anchors_has_a_title_page_at_least() -> None:
    found = work(made.single_html(chapters=[]))
    assert (found.title, found.chapters) == ("The Fox", [])
    assert any("no chapters" in one for one in found.notices)


def test_an_anchor_in_the_story_is_no_chapter() -> None:
    text = '<p>x</p><a name="section0007"><h2>Seven</h2></a><p>y</p>'
    (only,) = work(made.single_html({"Chapters": "1"}, [("A", text)])).chapters
    assert "Seven" in only.content


def test_other_counts_than_told_are_said() -> None:
    assert any("tells of 9 chapters" in one for one in work(made.single_html({"Chapters": "9"})).notices)


def test_json_is_the_same_work_without_text() -> None:
    found = work(made.json_file(made.story_json()))
    assert found.source == SourceRef("archiveofourown.org", "77", made.URL)
    assert (found.title, found.authors) == ("The Fox & the Crow", ["Ann (bee)", "Cal"])
    assert (found.fandoms, found.categories) == (["Fables", "Tales: Old (and New)"], ["f_m"])
    assert found.freeforms == ["Fluff", "Gen"]
    assert found.relationships == ["Crow & Fox", "Crow/Fox"]
    assert found.series == [SeriesRef("The Well & Co.", 3), SeriesRef("Others", 1)]
    assert (found.summary, found.words, found.stats) == ("<p>A crow.</p>", 1_234, {"kudos": 1_001})
    assert (found.chapters, found.chapters_posted, found.status) == ([], 1, "complete")
    assert found.extra == {}


def test_several_stories_as_json() -> None:
    stories = [made.story_json(), made.story_json(title="Other", storyUrl="https://archiveofourown.org/works/78")]
    assert [one.title for one in works(made.json_file(*stories))] == ["The Fox & the Crow", "Other"]
    assert codes(made.json_file(made.story_json(), made.story_json(title=""))) == [None, "not-a-story"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (made.single_html(), "fanficfare-html"),
        (made.text_file(), "fanficfare-txt"),
        (made.json_file(made.story_json()), "fanficfare-json"),
        (b"The Fox\n\nby Ann\n\nSummary: short\n\nOnce upon a time.\n", "plain-text"),
        (b'{"title": "x", "authors": ["y"], "summary": "z"}\n', "ndjson"),
    ],
)
def test_the_format_is_found_out(data: bytes, name: str) -> None:
    reader = choose(data[:65_536], "x.txt")
    assert reader is not None
    assert reader.name == name


def test_a_page_without_anything_is_a_failed_item_or_a_work() -> None:
    empty: Manuscript | None = items(made.epub(first=made.document("", "fff_titlepage")))[0].manuscript
    assert empty is not None
    assert empty.title == "The Fox"
