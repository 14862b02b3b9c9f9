"""A format is found out from the content; what is not read is refused in words."""

from __future__ import annotations

import io

import pytest

from app.formats.options import ReadOptions
from app.formats.registry import NAMES, by_name, choose, read_stream
from tests.formats.books import CONTAINER, package, page, zipped
from tests.formats.reading import codes, items, work

DOWNLOAD = b'<html><p class="message">archiveofourown.org/works/1</p><dl class="tags"><dt>Rating:</dt></dl></html>'
PAGE = b'<!DOCTYPE html><title>x | Archive of Our Own</title><body>otwarchive<div id="main">'
FEED = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>tag:archiveofourown.org,2005:x</id></feed>'
EPUB = zipped(
    {"META-INF/container.xml": CONTAINER, "OPS/content.opf": package(["a.xhtml"]), "OPS/a.xhtml": page("<p>x</p>")}
)
CSV = b"title,author,words,rating\nA,b,1,Teen\n"
LISTING = b'{"id": 1, "title": "T", "freeforms": [], "date_updated": "1 Jan 2020", "summary_html": ""}\n'


@pytest.mark.parametrize(
    ("head", "format_"),
    [
        (b'{"title":"x"}\n', "ndjson"),
        (b'\xef\xbb\xbf{"title":"x"}\n', "ndjson"),
        (LISTING, "ao3-listing"),
        (b"\xef\xbb\xbf" + LISTING, "ao3-listing"),
        (b'{"slug": "s", "title": "t", "chapters": [{"n": 1, "html": ""}]}', "book-json"),
        (b'[\n {"title": "x"}\n]', "works-json"),
        (b'{\n "title": "x"\n}', "works-json"),
        (b'{"title": "x", "endnotes": "", "chapters": [{"html": "x"}]}\n', "works-json"),
        (DOWNLOAD, "ao3-html"),
        (DOWNLOAD.decode().encode("utf-16"), "ao3-html"),
        (PAGE, "ao3-page"),
        (b"<!-- saved from url=(0030)https://archiveofourown.org/ -->" + PAGE, "ao3-page"),
        (FEED, "ao3-feed"),
        (CSV, "scraper-csv"),
        (CSV.decode().encode("utf-16"), "scraper-csv"),
        (CSV.replace(b",", b";"), "scraper-csv"),
        (b"# The Fox\n\n## One\n\nHe *ran*.\n", "markdown"),
        (b"---\ntitle: The Fox\n---\nHe ran.\n", "markdown"),
        (b"-- MySQL dump 10\nINSERT INTO `fanfiction_stories` VALUES (1);\n", "efiction-sql"),
        (b"<!DOCTYPE html><title>x</title><p>Once</p>", "html"),
        (b"<html><body><div id=profile_top></div><div id=storytext>x</div>www.fanfiction.net/s/1/", "fanfiction-page"),
        (b"<html><body><a href='viewstory.php?sid=1'>x</a>", "story-page"),
        (zipped({"[Content_Types].xml": "", "word/document.xml": ""}, mimetype=False), "docx"),
        (b"Once upon a time, in a far land, lived two.\n\nThey left.", "plain-text"),
        ("Жили-были дед да баба.".encode("cp1251"), "plain-text"),
    ],
)
@pytest.mark.parametrize("name", ["file", "file.txt", "file.csv", "file.json"])
def test_the_content_decides_not_the_name(head: bytes, format_: str, name: str) -> None:
    reader = choose(head, name)
    assert reader is not None
    assert reader.name == format_


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7",
        b"\0" * 60 + b"BOOKMOBI",
        b"7z\xbc\xaf\x27\x1c",
        b"SQLite format 3\0",
        b"<?xml version='1.0'?><feed/>",
        b"\xef\xbb\xbf<?xml version='1.0'?><rss><channel/></rss>",
    ],
)
def test_what_is_not_read_is_one_failed_item_that_says_what_is(data: bytes) -> None:
    (item,) = items(data, "x.txt")
    assert item.problem is not None
    assert item.problem["code"] == "unsupported-format"
    assert all(name in item.problem["detail"] for name in NAMES)


def test_text_that_begins_with_an_angle_is_still_text() -> None:
    assert codes(b"<3 said Ann.\n\nThe end") == [None]


def test_a_format_can_be_named_and_only_a_real_one() -> None:
    assert {by_name(name).name for name in NAMES} == set(NAMES)
    with pytest.raises(ValueError, match="azw3"):
        by_name("azw3")


@pytest.mark.parametrize(("file_format", "data"), [("plain-text", PAGE), ("ao3-epub", PAGE), ("ao3-html", EPUB)])
def test_a_named_format_does_not_take_what_it_is_not(file_format: str, data: bytes) -> None:
    (item,) = read_stream(io.BytesIO(data), "x", ReadOptions(), file_format)
    assert item.problem is not None
    assert item.problem["code"] == "unsupported-format"


def test_any_book_is_read_and_a_zip_of_files_is_an_archive() -> None:
    assert codes(EPUB) == [None]
    (item,) = items(zipped({"a.txt": "Once upon a time."}, mimetype=False))
    assert (item.input, item.entry) == ("file: a.txt", "a.txt")


def test_options_fill_gaps_and_nothing_else() -> None:
    options = ReadOptions(title="Given", authors=["me"], fandoms=["F"], rating="teen", language="fr", status="complete")
    filled = work(b"just some words.\n\nTo be continued", "story.txt", options)
    assert (filled.title, filled.authors, filled.fandoms) == ("Given", ["me"], ["F"])
    assert (filled.rating, filled.language, filled.status) == ("teen", "fr", "in_progress")
    said = work(b'{"title":"Said","authors":["a"],"rating":"mature"}', options=options)
    assert (said.title, said.authors, said.rating, said.language) == ("Said", ["a"], "mature", "fr")


@pytest.mark.parametrize(
    ("name", "title"), [("my story.txt", "my story"), ("a/b/c.d.txt", "c.d"), ("-", "Untitled"), (".txt", ".txt")]
)
def test_a_text_without_a_title_takes_that_of_its_file(name: str, title: str) -> None:
    assert work(b"just some words, and more.", name).title == title


def test_an_empty_input_fails_by_itself() -> None:
    assert codes(b"") == ["empty-file"]
    assert codes(b" \n\t\r\n ") == ["empty-file"]
