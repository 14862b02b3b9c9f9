"""Files of no site and no fan-fiction tool: pages, Markdown, Word, books, and dumps of old archives."""

from __future__ import annotations

import pytest

from app.formats.manuscript import Manuscript
from tests.formats.books import CONTAINER, NCX_ITEM, ncx, package, page, zipped
from tests.formats.reading import codes, items, work


def html(body: str, head: str = "<title>The Fox</title>", attributes: str = "") -> bytes:
    return f"<!DOCTYPE html><html{attributes}><head>{head}</head><body>{body}</body></html>".encode()


def chapters(found: Manuscript) -> list[tuple[str, str]]:
    return [(chapter.title, chapter.content.strip()) for chapter in found.chapters]


# -- pages


def test_a_page_is_cut_at_its_headings() -> None:
    body = "<h1>The Fox</h1><p>by Ann</p><h2>One</h2><p>He ran.</p><div><h2>Two</h2><p>He <i>hid</i>.</p></div>"
    found = work(html(body, '<title>x</title><meta name="keywords" content="a, b">', ' lang="en-GB"'))
    assert (found.title, found.authors, found.language) == ("The Fox", ["Ann"], "en-GB")
    assert chapters(found) == [("One", "<p>He ran.</p>"), ("Two", "<p>He <i>hid</i>.</p>")]
    assert found.extra["keywords"] == "a, b"
    assert found.freeforms == []


def test_a_page_without_headings_is_one_chapter_and_its_paragraphs_stay() -> None:
    found = work(html("<nav>Home</nav><div><p>A  b</p>\n<p>c<br>d</p></div><script>x()</script>"))
    assert chapters(found) == [("", "<p>A  b</p>\n<p>c<br>d</p>")]
    assert found.title == "The Fox"


def test_chapters_that_are_only_said_in_paragraphs_are_found() -> None:
    body = "<p>Chapter 1</p><p>a</p><p>Chapter 2: The End</p><p>b</p>"
    assert [title for title, _ in chapters(work(html(body)))] == ["Chapter 1", "Chapter 2: The End"]


def test_a_page_knows_its_address() -> None:
    found = work(html("<p>Text of it.</p>", '<title>x</title><link rel="canonical" href="https://a.example/s/1">'))
    assert found.source is not None
    assert found.source.url == "https://a.example/s/1"
    front = work(html("<p>Text of it.</p>", '<title>x</title><link rel="canonical" href="https://a.example/">'))
    assert front.source is None


def test_pages_that_only_say_that_there_is_no_story_fail() -> None:
    assert codes(html("<h1>Not Found</h1><p>Sorry.</p>", "<title>404</title>")) == ["page-without-story"]
    assert codes(html("<p>x</p>", "<title>Just a moment...</title>")) == ["page-without-story"]
    assert codes(html("<p>" + "Once. " * 700 + "</p>", "<title>Not Found</title>")) == [None]
    assert codes(html("")) == ["no-text"]


def test_a_page_of_fanfiction_net() -> None:
    body = (
        "<div id=pre_story_links><a href='/anime/'>Anime</a> <a href='/anime/Foxes/'>Foxes</a></div>"
        "<div id=profile_top><b class='xcontrast_txt'>The Fox</b> By: <a href='/u/5/Ann'>Ann</a>"
        "<div class='xcontrast_txt'>He runs.</div><span class='xgray xcontrast_txt'>Rated: <a>Fiction  T</a> - English"
        " - Humor -  Crow - Chapters: 3   - Words: 1,234 - Favs: 5 - Updated: <span data-xutime='1446343109'>Oct 31"
        "</span> - Published: <span data-xutime='1209719909'>5/2/2008</span> - id: 77 </span></div>"
        "<select id=chap_select><option value=1>1. Start<option value=2 selected>2. Middle<option value=3>3. End"
        "</select><div id='storytext'><p>Here.</p></div>"
    )
    found = work(html(body, "<link rel='canonical' href='//www.fanfiction.net/s/77/2/The-Fox'><title>x</title>"))
    assert (found.title, found.authors, found.fandoms, found.characters) == ("The Fox", ["Ann"], ["Foxes"], ["Crow"])
    assert (found.rating, found.words, found.freeforms) == ("teen", 1234, ["Humor"])
    assert chapters(found) == [("Middle", "<p>Here.</p>")]
    assert found.chapters[0].source_url == "https://www.fanfiction.net/s/77/2"
    assert str(found.published_at)[:10] == "2008-05-02"
    assert "The page holds chapter 2 of 3." in found.notices


def test_a_page_of_an_efiction_archive() -> None:
    body = (
        "<div id='pagetitle'><a href='viewstory.php?sid=9'>The Fox</a> by <a href='viewuser.php?uid=2'>Ann</a></div>"
        "<div class='content'><span class='label'>Summary: </span>He runs.<br><span class='label'>Rated:</span> PG-13"
        "<br><span class='label'>Categories:</span> <a>Fables</a><br><span class='label'>Characters:</span> Fox, Crow"
        "<br><span class='label'>Completed:</span> Yes <span class='label'>Colour:</span> red</div>"
        "<div id='story'><p>Here.</p></div>"
    )
    found = work(html(body, "<base href='https://old.example/archive/'><title>x</title>"))
    assert (found.title, found.authors, found.fandoms) == ("The Fox", ["Ann"], ["Fables"])
    assert (found.characters, found.rating, found.status) == (["Fox", "Crow"], "teen", "complete")
    assert found.extra == {"colour": "red"}
    assert found.source is not None
    assert found.source.url == "https://old.example/archive/viewstory.php?sid=9"
    assert chapters(found) == [("", "<p>Here.</p>")]


# -- Markdown


def test_markdown_with_a_block_before_it() -> None:
    data = b"""---
title: "The Fox"
authors: [Ann, Bo]
fandom: Fables
rating: teen
tags: a, b
colour: red
---
Before it all.

# One

He *ran*.

# Two

He hid.
"""
    found = work(data, "fox.md")
    assert (found.title, found.authors, found.fandoms, found.rating) == ("The Fox", ["Ann", "Bo"], ["Fables"], "teen")
    assert [title for title, _ in chapters(found)] == ["One", "Two"]
    assert chapters(found)[0][1] == "<p>He <em>ran</em>.</p>"
    assert "Before it all." in found.notes
    assert found.extra == {"tags": "a, b", "colour": "red"}
    assert found.freeforms == []


def test_markdown_whose_first_heading_is_the_title() -> None:
    found = work(b"# The Fox\n\n## One\n\na\n\n## Two\n\nb\n", "x")
    assert (found.title, [title for title, _ in chapters(found)]) == ("The Fox", ["One", "Two"])


# -- books


def book(files: dict[str, str], metadata: str = "", toc: list[tuple[str, str]] | None = None) -> bytes:
    return zipped(
        {
            "META-INF/container.xml": CONTAINER,
            "OPS/content.opf": package(list(files), metadata, extra_items=NCX_ITEM),
            "OPS/toc.ncx": ncx(toc or []),
            **{f"OPS/{name}": page(body) for name, body in files.items()},
        }
    )


def test_a_book_of_any_maker() -> None:
    metadata = (
        "<dc:title>The Fox</dc:title><dc:creator>Ann</dc:creator><dc:language>fr</dc:language>"
        "<dc:subject>Fables</dc:subject><dc:date>2011-05-06</dc:date><dc:description>He runs.</dc:description>"
        '<meta name="calibre:series" content="Beasts"/><meta name="calibre:series_index" content="2.0"/>'
    )
    files = {
        "cover.xhtml": "<img src='c.jpg'/>",
        "a.xhtml": "<h2>One</h2><p>a</p>",
        "a2.xhtml": "<p>more</p>",
        "b.xhtml": "<h2>Two</h2><p>b</p>",
    }
    toc = [("Cover", "cover.xhtml"), ("One", "a.xhtml"), ("Two", "b.xhtml")]
    found = work(book(files, metadata, toc), "x.epub")
    assert (found.title, found.authors, found.language) == ("The Fox", ["Ann"], "fr")
    assert [(one.title, one.position) for one in found.series] == [("Beasts", 2)]
    assert chapters(found) == [("One", "<p>a</p>\n<p>more</p>"), ("Two", "<p>b</p>")]
    assert found.extra["subjects"] == ["Fables"]
    assert (found.fandoms, found.freeforms) == ([], [])
    assert str(found.published_at)[:10] == "2011-05-06"


def test_a_document_with_several_chapters_is_cut_where_the_contents_lead() -> None:
    files = {"a.xhtml": "<p>before</p><h2 id='x'>One</h2><p>a</p><h2 id='y'>Two</h2><p>b</p>"}
    found = work(book(files, "<dc:title>T</dc:title>", [("One", "a.xhtml#x"), ("Two", "a.xhtml#y")]), "x.epub")
    assert [title for title, _ in chapters(found)] == ["", "One", "Two"]


def test_a_book_without_contents_in_one_document_is_cut_at_headings() -> None:
    found = work(book({"a.xhtml": "<h1>T</h1><h2>One</h2><p>a</p><h2>Two</h2><p>b</p>"}), "x.epub")
    assert [title for title, _ in chapters(found)] == ["One", "Two"]


# -- dumps of eFiction

DUMP = r"""-- MySQL dump 10.13
CREATE TABLE `fanfiction_authors` (
  `uid` int(11) NOT NULL auto_increment,
  `penname` varchar(200) NOT NULL default '',
  PRIMARY KEY  (`uid`)
);
INSERT INTO `fanfiction_authors` VALUES (1,'Ann O\'Nym'),(2,'Bo; (x)');
INSERT INTO fanfiction_categories (catid, category) VALUES (3,'Fables');
INSERT INTO fanfiction_ratings (rid, rating) VALUES (1,'PG-13');
INSERT INTO fanfiction_characters (charid, charname) VALUES (7,'Fox'),(8,'Crow');
INSERT INTO fanfiction_stories (sid,title,summary,catid,charid,rid,uid,date,completed,validated)
 VALUES (10,'A ''Tale''','sum\nmary','3','7,8','1',1,'2009-01-02 03:04:05',1,1);
INSERT INTO fanfiction_chapters (chapid,title,inorder,storytext,sid,uid,validated) VALUES
(1,'Two',2,'<p>b; INSERT INTO x VALUES (1)</p>',10,1,1),
(2,'One',1,'a\n\nb',10,2,1),
(3,'bad',10,1);
"""


def test_a_dump_of_efiction() -> None:
    bad, good = items(DUMP.encode(), "dump.sql")
    assert bad.problem is not None
    assert bad.problem["code"] == "bad-sql"
    found = good.manuscript
    assert found is not None
    assert (found.title, found.authors) == ("A 'Tale'", ["Ann O'Nym", "Bo; (x)"])
    assert (found.fandoms, found.characters, found.rating) == (["Fables"], ["Fox", "Crow"], "teen")
    assert chapters(found) == [("One", "a\n\nb"), ("Two", "<p>b; INSERT INTO x VALUES (1)</p>")]
    assert (found.summary, found.status) == ("sum<br>mary", "complete")


def test_a_name_without_a_number_is_passed_over() -> None:
    dump = DUMP.replace("fanfiction_categories (catid,", "fanfiction_categories (cat,")
    assert [item.manuscript.fandoms for item in items(dump.encode(), "dump.sql") if item.manuscript] == [[]]


@pytest.mark.parametrize(
    ("date", "published", "notices"),
    [
        ("'2006-05-04 03:02:01'", "2006-05-04", 0),
        ("1146711721", "2006-05-04", 0),
        ("'1146711721'", "2006-05-04", 0),
        ("'0000-00-00 00:00:00'", "None", 0),
        ("0", "None", 0),
        ("NULL", "None", 0),
        ("'last spring'", "None", 1),
        ("99999999999999", "None", 1),
    ],
)
def test_dates_of_an_efiction_dump(date: str, published: str, notices: int) -> None:
    dump = (
        "-- MySQL dump 10\nINSERT INTO `fanfiction_stories` (`sid`, `title`, `uid`, `date`, `updated`) VALUES "
        f"(1, 'T', 1, {date}, 0);\nINSERT INTO `fanfiction_chapters` (`chapid`, `sid`, `inorder`, `storytext`) VALUES "
        "(1, 1, 1, 'Text.');\n"
    )
    (item,) = items(dump.encode(), "dump.sql")
    assert item.manuscript is not None, item.problem
    assert str(item.manuscript.published_at)[:10] == published
    assert sum("date" in one for one in item.manuscript.notices) == notices


def test_an_efiction_dump_of_the_second_version_has_genres_and_warnings_of_their_own() -> None:
    columns = "sid,title,catid,gid,charid,rid,wid,uid,coauthors,completed,reviews,count"
    dump = (
        "INSERT INTO ef_authors (uid, penname) VALUES (1,'Ann'),(5,'Bo'),(6,'Cy');\n"
        "INSERT INTO ef_genres (gid, genre) VALUES (1,'Angst'),(2,'Humor');\n"
        "INSERT INTO ef_warnings (wid, warning) VALUES (1,'Character Death'),(2,'Mud');\n"
        "INSERT INTO ef_classes (class_id, class_name) VALUES (1,'Slash');\n"
        f"INSERT INTO ef_stories ({columns}) VALUES (3,'T','Fables','1,2','7','NC-17','1,2',1,'5,6','1',7,'99');\n"
        "INSERT INTO ef_chapters (chapid,title,inorder,storytext,sid,uid) VALUES (1,'One',1,'<p>x</p>',3,1);\n"
    )
    found = work(f"-- MySQL dump 10\n{dump}".encode(), "x.sql")
    assert (found.authors, found.fandoms, found.rating) == (["Ann", "Bo", "Cy"], ["Fables"], "explicit")
    assert (found.freeforms, found.warnings) == (["Angst", "Humor", "Mud"], ["major_character_death"])
    assert found.stats == {"comments": 7, "hits": 99}
    assert found.notices == ["The dump does not name 7 of its characters; they were left out."]


def test_a_dump_without_stories_or_cut_off() -> None:
    assert codes(b"-- MySQL dump 10\nINSERT INTO `posts` (`a`) VALUES (1);\n", "x.sql") == ["not-works"]
    for cut in range(0, len(DUMP), 97):
        assert all(item.problem or item.manuscript for item in items(DUMP[:cut].encode(), "x.sql"))
