"""FicHub's books and pages, and books of others with a title page: what they tell, and what they do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.formats.manuscript import Manuscript, SourceRef
from tests.formats.books import CONTAINER, NCX_ITEM, ncx, package, page, zipped
from tests.formats.reading import codes, work

FFNET = "https://www.fanfiction.net/s/77/1/"
AO3 = "https://archiveofourown.org/works/77"
SENTENCE = (
    "Rated: Fiction T, Language: English, Genre: Hurt/Comfort/Humor, Characters: [Crow, Fox] Owl, Reviews: 4, "
    "Favs: 1,005, Follows: 6, id: 77"
)
OTHER = (
    "Rated: Fiction K+ - English - Humor/Family - [Crow, Fox] Owl - Chapters: 2 - Words: 1,234 - Reviews: 4 - Favs: 5"
    " - Follows: 6 - Updated: 3/4/2020 - Published: 1/2/2020 - Status: Complete - id: 77"
)


def introduction(url: str = FFNET, sentence: str = SENTENCE, summary: str = "<p>A <i>crow</i>.</p>") -> str:
    return (
        f"<h1>The Fox</h1>\n<p><b>By: Ann, Cal</b></p>\n<p/>{summary}\n<p>Status: ongoing</p>"
        f"<p>Published: 2020-01-02</p><p>Updated: 2020-03-04</p><p>Words: 1,234</p><p>Chapters: 2</p>"
        f"<p>{sentence}</p><p>Original source:\n\t\t"
        f'<a rel="noopener noreferrer" href="{url}">{url}</a></p>\n<p>Exported with the assistance of\n\t\t'
        '<a href="https://fichub.net">FicHub.net</a></p>'
    )


def epub(front: str, name: str = "introduction.xhtml", *, contents: bool = True) -> bytes:
    nav = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    files: dict[str, str | bytes] = {
        name: page(front, "Introduction"),
        "nav.xhtml": page('<nav epub:type="toc"><ol><li><a href="chap_1.xhtml">1. Cheese</a></li></ol></nav>'),
        "chap_1.xhtml": page("<h2>Cheese</h2><p>One.</p>", "1. Cheese"),
        "chap_2.xhtml": page("<h2>Chapter 2</h2><h2>Its own</h2><p>Two.</p>", "Chapter 2"),
    }
    opf = package(list(files), "<dc:title>x</dc:title><dc:subject>Crow, Jr.</dc:subject>", extra_items=nav + NCX_ITEM)
    toc = ncx([("x", name)]) if contents else ""
    placed = {f"OPS/{one}": content for one, content in files.items()}
    return zipped({"META-INF/container.xml": CONTAINER, "OPS/content.opf": opf, "OPS/toc.ncx": toc, **placed})


def html(url: str = FFNET, sentence: str = SENTENCE) -> bytes:
    links = '<div class="chapter_nav"><a href="#chap_2" class="right">next chapter</a></div>'
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>The Fox by Ann</title></head>\n<body>'
        '<h1><span class="title">The Fox</span></h1><h2>by <span class="author">Ann, Cal</span></h2>'
        f'<div><p>A <i>crow</i>.</p></div><p>Original source: <a href="{url}">{url}</a></p><p>Chapters: 2</p>'
        f"<p>Words: 1,234</p><p>{sentence}</p><p>Exported with the assistance of <a href='https://fichub.net'>FicHub.net"
        '</a></p><nav id="contents-list"><ol><li><a href="#chap_1">1. Cheese</a></li></ol></nav>'
        f'<div id="chap_1">{links}<h2>Cheese</h2><p>One.</p></div>'
        f'<div id="chap_2">{links}<h2>Chapter 2</h2><h2>Its own</h2><p>Two.</p></div>'
        '<a href="#contents-list">(back to chapter list)</a></body></html>'
    ).encode()


@pytest.mark.parametrize("data", [epub(introduction()), html()])
def test_what_is_said_is_read(data: bytes) -> None:
    found = work(data)
    assert (found.title, found.authors, found.summary) == ("The Fox", ["Ann", "Cal"], "<p>A <i>crow</i>.</p>")
    assert (found.rating, found.language, found.freeforms) == ("teen", "English", ["Hurt/Comfort", "Humor"])
    assert (found.relationships, found.characters) == (["Crow/Fox"], ["Crow", "Fox", "Owl"])
    assert found.stats == {"comments": 4, "kudos": 1_005, "bookmarks": 6}
    assert (found.words, found.chapters_posted) == (1_234, 2)
    assert found.source == SourceRef("fanfiction.net", "77", FFNET)
    assert [(one.title, one.content) for one in found.chapters] == [
        ("Cheese", "<p>One.</p>"),
        ("", "<h2>Its own</h2><p>Two.</p>"),
    ]
    assert found.extra == {"FicHub": SENTENCE}
    assert any("without fandoms" in one for one in found.notices)
    assert any("2 authors" in one for one in found.notices)


def test_dates_and_status() -> None:
    found = work(epub(introduction()))
    assert (found.published_at, found.revised_at) == (
        datetime(2020, 1, 2, tzinfo=UTC),
        datetime(2020, 3, 4, tzinfo=UTC),
    )
    assert found.status == "in_progress"


@pytest.mark.parametrize("data", [epub(introduction(AO3)), html(AO3)])
def test_of_other_sites_its_words_are_doubted(data: bytes) -> None:
    found = work(data)
    assert (found.rating, found.freeforms) == (None, []), "it calls works T that were not rated"
    assert any("“T” is FicHub's word" in one for one in found.notices)


@pytest.mark.parametrize(("word", "rating"), [("K", "general"), ("M", "mature")])
def test_of_other_sites_words_that_stand_for_something_are_read(word: str, rating: str) -> None:
    found = work(html(AO3, SENTENCE.replace("Fiction T", f"Fiction {word}")))
    assert found.rating == rating


def test_the_other_form_of_the_sentence() -> None:
    found = work(html(sentence=OTHER))
    assert (found.rating, found.language, found.freeforms) == ("general", "English", ["Humor", "Family"])
    assert (found.relationships, found.characters) == (["Crow/Fox"], ["Crow", "Fox", "Owl"])
    assert (found.words, found.status) == (1_234, "complete")
    assert found.published_at == datetime(2020, 1, 2, tzinfo=UTC)


def test_a_summary_with_a_label_in_it() -> None:
    found = work(epub(introduction(summary="<p>Words: they hurt.</p><p>Status: it's complicated</p><p>Crow.</p>")))
    assert found.summary == "<p>Words: they hurt.</p><p>Status: it's complicated</p><p>Crow.</p>"
    assert found.words == 1_234


def test_numbers_and_dates_that_are_none() -> None:
    front = introduction().replace("1,234", "many").replace("2020-01-02", "long ago")
    found = work(epub(front))
    assert (found.words, found.published_at) == (None, None)
    assert sum("left out" in one for one in found.notices) == 2


def test_words_that_are_not_known_are_said() -> None:
    front = introduction().replace("Fiction T", "Fiction Q").replace("Status: ongoing", "Status: resting")
    found = work(epub(front))
    assert (found.rating, found.extra.get("status")) == (None, "resting")
    assert any("“Q” is not known" in one for one in found.notices)


TITLE_PAGE = (
    f'<h3 style="text-align: center;">\n<a href="{AO3}">\n The Fox\n</a>\n by\n'
    '<a href="https://x.org/u/1">\n Ann\n</a></h3>'
    "<div><b>\n Category:\n</b>\n Fables\n<br/><b>Genre:</b> F/M, Fluff<br/><b>Characters:</b> Crow, Jr., Fox<br/>"
    "<b>Status:</b> Completed<br/><b>Rating:</b> T<br/><b>Chapters:</b> 2<br/><b>Summary:</b><p>A crow.</p><br/></div>"
)


def test_a_title_page_of_another_program() -> None:
    found: Manuscript = work(epub(TITLE_PAGE, "titlepage.xhtml"))
    assert (found.title, found.authors, found.fandoms) == ("The Fox", ["Ann"], ["Fables"])
    assert (found.categories, found.freeforms, found.rating, found.status) == (["f_m"], ["Fluff"], "teen", "complete")
    assert (found.summary, found.source) == ("<p>A crow.</p>", SourceRef("archiveofourown.org", "77", AO3))
    assert [one.content for one in found.chapters] == ["<p>One.</p>", "<h2>Its own</h2><p>Two.</p>"]


@pytest.mark.parametrize("front", ["<p>Nothing</p>", "<h1>Dedication</h1>"])
def test_other_books_are_not_taken_for_these(front: str) -> None:
    for name in ("introduction.xhtml", "titlepage.xhtml"):
        assert codes(epub(front, name)) != ["bad-html"]
        assert all(code in {None, "unsupported-format"} for code in codes(epub(front, name)))


def test_lines_that_it_adds_are_kept_and_hide_nothing() -> None:
    added = introduction().replace("<p>Words:", "<p>Original title: Le Renard</p><p>Words:")
    found = work(epub(added))
    assert found.extra == {"Original title": "Le Renard", "FicHub": SENTENCE}
    assert (found.status, found.words, found.summary) == ("in_progress", 1_234, "<p>A <i>crow</i>.</p>")
    assert found.published_at is not None


def test_an_introduction_is_known_by_its_words() -> None:
    plain = introduction().replace("<p><b>By: Ann, Cal</b></p>", "<p>By: Ann</p>")
    found = work(epub(plain, "front.xhtml"))
    assert (found.title, found.authors) == ("The Fox", ["Ann"])
