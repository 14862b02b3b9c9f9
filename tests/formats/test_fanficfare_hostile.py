"""Whatever becomes of such a file on its way, its reader answers with an item, soon, and with nothing unsound in it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats.epub_book import EpubBook
from app.formats.manuscript import Manuscript
from app.formats.problems import Unreadable
from app.formats.readers import fanficfare_epub, fichub_epub, titlepage_epub
from app.formats.registry import by_name
from app.kit.text import find_bad_character
from tests.formats import fanficfare as made
from tests.formats import test_fichub as fichub
from tests.formats.books import zipped

FILES = {
    "fanficfare-txt": made.text_file(),
    "fanficfare-html": made.single_html(),
    "fanficfare-json": made.json_file(made.story_json()),
    "fichub-html": fichub.html(),
}
BOOKS = {
    "fanficfare-epub": (fanficfare_epub.BOOK, made.epub()),
    "fichub-epub": (fichub_epub.BOOK, fichub.epub(fichub.introduction())),
    "titlepage-epub": (titlepage_epub.BOOK, fichub.epub(fichub.TITLE_PAGE, "titlepage.xhtml")),
}
PIECES = st.sampled_from(
    [
        *(b"<b>", b"</b>", b":</b>", b"<br/>", b"</div>", b"<div>", b"<h3>", b"</h3>", b"<tr><td>", b"<!--", b"</a>"),
        *(b"<a href='http://x/'>", b"fff_titlepage", b"section0001", b"&#1;", b"&", b"<", b"\x85", b"\0", b"\xff"),
        *(b"\xc2\x85", b"\n\n", b"\t", b"        ", b"[", b"]", b"[9]", b", ", b"(", b"by ", b"x: y", b'"', b"{", b"}"),
        *(b"9" * 30, b"-1"),
    ]
)
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), PIECES), min_size=1, max_size=6)


def changed(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, piece in changes:
        start = int(place * len(data))
        data = data[:start] + piece + data[start + length :]
    return data


def is_sound(work: Manuscript) -> None:
    texts = [work.title or "", work.summary, work.notes, work.end_notes, work.language or ""]
    texts += [*work.authors, *work.fandoms, *work.characters, *work.relationships, *work.freeforms, *work.gifts]
    texts += [series.title for series in work.series] + [str(one) for one in work.extra.values()] + list(work.extra)
    for chapter in work.chapters:
        texts += [chapter.title, chapter.content, chapter.notes, chapter.source_url or ""]
    assert all(find_bad_character(text) is None for text in texts)
    assert all(0 <= number < 2**63 for number in work.stats.values())


@pytest.mark.parametrize("name", FILES)
@settings(deadline=None, max_examples=150)
@given(changes=CHANGES)
def test_changed_files_give_items(name: str, changes: list[tuple[float, int, bytes]]) -> None:
    for item in by_name(name).read(io.BytesIO(changed(FILES[name], changes)), "x"):
        assert (item.manuscript is None) != (item.problem is None)
        if item.manuscript is not None:
            is_sound(item.manuscript)


@pytest.mark.parametrize("name", BOOKS)
@settings(deadline=None, max_examples=100)
@given(which=st.integers(0, 20), changes=CHANGES)
def test_changed_documents_of_books_give_works_or_problems(
    name: str, which: int, changes: list[tuple[float, int, bytes]]
) -> None:
    reader, data = BOOKS[name]
    sound = EpubBook(data).archive
    files: dict[str, str | bytes] = {one: sound.read(one) for one in sound.names if one != "mimetype"}
    target = list(files)[which % len(files)]
    files[target] = changed(sound.read(target), changes)
    try:
        book = EpubBook(zipped(files))
        assert 0 <= reader.score(book) <= 1
        found = reader.read(book)
        for one in found if isinstance(found, list) else [found]:
            is_sound(one)
    except Unreadable:
        pass


@pytest.mark.no_cover
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "data",
    [
        b"\n\n\nT\n\nby A\n\n\nStory URL: x\n" + b"Label: x\n" * 100_000,
        b"\n\n\nT\n\nby A\n\n\nGenre: " + b"a-\n" * 200_000,
        b"\n\n\nT\n\nby A\n\n\n\n\n" + b"        x\n\n\n" * 50_000,
        b"\n\n\nT\n\nby A\n\n\n\n\n        x\n\n" + b"\xe7\x8b\x90" * 78 + (b"\n" + b"\xe7\x8b\x90" * 78) * 5_000,
        b"\n\n\nT\n\nby A\n\n\n\n\n        x\n\n" + b"> " * 200_000,
        b"\n\n\nT\n\nby A\n\n\n\n\n        x\n\n" + b"`*" * 200_000,
        b'<html><body><a name="section0001"><h2>' * 20_000,
        b"<html><body><h1><a href='x'>T</a> by </h1><table class='full'>" + b"<tr><td><b>x:</b></td><td>y" * 50_000,
        b"<html><body><div><b>Summary:</b>" + b"<br><b>x:</b>" * 100_000,
        b"<html><body>" + b'<div class="fff_chapter_notes"><b>x:</b>y</div>z' * 30_000,
        b"<html><body>" + b"<p>Words: 1</p>" * 50_000 + b"<p>Rated: x, Genre: " + b"Favs: 1, " * 50_000,
        b"<html><body><div id='chap_1'>" * 100,
        b'{"title": "x", "genre": "' + b"a, " * 100_000 + b'"}',
        b'{"title": "x"}\n' * 20_000,
    ],
)
def test_nothing_takes_more_than_linear_time(name: str, data: bytes) -> None:
    for _ in by_name(name).read(io.BytesIO(data), "x"):
        pass
