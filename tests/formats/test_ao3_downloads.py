"""Downloads of Archive of Our Own, as its templates wrote them over the years."""

from __future__ import annotations

import dataclasses
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats.manuscript import Manuscript
from app.formats.registry import choose
from app.kit.text import find_bad_character
from tests.formats.ao3 import Chapter, Dialect, book, download, links
from tests.formats.books import CONTAINER, package, page, zipped
from tests.formats.reading import codes, items, work

TOO_MANY = "There are more than 200 related works; the others were left out."
TWO = [
    Chapter("Chapter 1: The Owl", summary="<p>S1</p>", notes="<p>N1</p>", end_notes="<p>E1</p>"),
    Chapter("Chapter 2", "<p>It <em>rained</em>.</p>\n<p>Still<br/>raining.</p>"),
]


def one_row(label: str, value: str) -> Manuscript:
    return work(download(Dialect(rows=[(label, value)]), TWO))


def test_a_download_of_today() -> None:
    found = work(download(Dialect(), TWO))
    assert (found.title, found.authors, found.language) == ("Owls & Lamps", ["ann"], "English")
    assert (found.rating, found.warnings, found.categories) == ("teen", ["no_warnings_apply"], ["f_f", "gen"])
    assert found.fandoms == ["The Lamp (1920)", "Owls & Co."]
    assert (found.relationships, found.characters) == (["Ada/Berta"], ["Ada", "Berta", "Old Owl"])
    assert found.freeforms == ["Slow Burn", "50% Fluff, no more"]
    assert [(one.title, one.position) for one in found.series] == [("Lamps", 2), ("Owls, and of them", 11)]
    assert (found.words, found.chapters_posted, found.chapters_expected) == (12_345, 2, None)
    assert (str(found.published_at)[:10], str(found.revised_at)[:10]) == ("2024-01-02", "2024-03-04")
    assert found.status == "in_progress"
    assert (found.summary, found.notes, found.end_notes) == ("<p>An <i>owl</i>.</p>", "<p>For Q.</p>", "<p>Thanks.</p>")
    assert found.source is not None
    assert (found.source.site, found.source.id) == ("archiveofourown.org", "4711")
    assert found.extra == {"collections": ["Night Fest", "Owls"]}
    assert found.notices == []
    first, second = found.chapters
    assert (first.title, first.summary, first.notes, first.end_notes) == (
        "The Owl",
        "<p>S1</p>",
        "<p>N1</p>",
        "<p>E1</p>",
    )
    assert (second.title, second.content) == ("", "<p>It <em>rained</em>.</p>\n<p>Still<br>raining.</p>")


@pytest.mark.parametrize("chapters", [TWO, [*TWO, *TWO, Chapter("<i>Last</i>")]])
def test_a_book_says_the_same(chapters: list[Chapter]) -> None:
    html, epub = work(download(Dialect(), chapters)), work(book(Dialect(), chapters))
    assert dataclasses.asdict(html) == dataclasses.asdict(epub)


@pytest.mark.parametrize(
    ("stats", "status", "posted", "expected", "words"),
    [
        ("Published: 2020-01-01 Words: 1", "complete", 1, 1, 1),
        ("Published: 2020-01-01 Completed: 2020-02-01 Chapters: 1/1 Words: 99423", "complete", 1, 1, 99_423),
        ("Published: 2020-01-01 Words: 1,234 Chapters: 1/?", "in_progress", 1, None, 1_234),
        ("Published: 2020-01-01 Words: 1 Chapters: 1/5", "in_progress", 1, 5, 1),
        ("Published: 2020-01-01 Updated: 2020-02-01 Words: 1 Chapters: 1,000/1,000", "complete", 1_000, 1_000, 1),
    ],
)
def test_stats_of_all_years(stats: str, status: str, posted: int, expected: int | None, words: int) -> None:
    found = work(download(Dialect(stats=stats), "<p>x</p>"))
    assert (found.status, found.chapters_posted, found.chapters_expected) == (status, posted, expected)
    assert found.words == words
    assert found.revised_at is not None


def test_before_2019_there_were_no_wrappers_and_no_language() -> None:
    rows = [("Rating:", links("Mature")), ("Warning:", links("Choose Not To Use Archive Warnings"))]
    rows += [("Category:", links("F/M")), ("Fandom:", links("F")), ("Pairing:", links("A/B"))]
    old = Dialect(wrappers=False, scheme="http", rows=rows, stats="Published: 2012-01-01 Words: 5")
    found = work(download(old, "<p>x</p><p>y</p>"))
    assert found.warnings == ["choose_not_to_warn"]
    assert (found.categories, found.relationships, found.language) == (["f_m"], ["A/B"], None)
    assert [chapter.content for chapter in found.chapters] == ["<p>x</p><p>y</p>"]
    assert found.notices == []
    raw = download(old, "<p>x</p>y").replace(b'<div class="userstuff">\n<p>x</p>y\n</div>', b"<p>x</p>y<hr/>")
    assert [chapter.content for chapter in work(raw).chapters] == ["<p>x</p>y<hr>"]


def test_long_ago_headings_had_no_class_and_texts_no_box_around_all_of_them() -> None:
    old = Dialect(wrappers=False, scheme="http", stats="Published: 2012-01-01 Chapters: 2/2 Words: 5")
    data = download(old, TWO).replace(b'class="heading"', b"").replace(b'class="meta group"', b'class="meta"')
    for shape in (data, data.replace(b'<div id="chapters" class="userstuff">', b"<div>")):
        found = work(shape)
        assert [(one.title, one.notes, one.end_notes) for one in found.chapters] == [
            ("The Owl", "<p>N1</p>", "<p>E1</p>"),
            ("", "", ""),
        ]
        assert (found.status, found.end_notes, found.notices) == ("complete", "<p>Thanks.</p>", [])
    alone = b"<p>x</p><div><h2>Not a chapter</h2>y</div>"
    raw = download(old, "X").replace(b'<div class="userstuff">\nX\n</div>', alone)
    assert [(one.title, one.content) for one in work(raw).chapters] == [("", alone.decode())]


def test_a_book_of_before_2019_has_one_file_a_chapter() -> None:
    old = Dialect(wrappers=False, scheme="http", stats="Published: 2012-01-01 Chapters: 2/2 Words: 5")
    body = download(old, TWO).decode().partition("<body>")[2].partition("</body>")[0]
    marks = ['<div id="chapters" class="userstuff">', '<div class="meta group"><h2 class="heading">\n Chapter 2']
    front, _, rest = body.partition(marks[0])
    first, _, rest = rest.partition(marks[1])
    second, _, last = rest.rpartition('</div><div class="meta">')
    names = ["preface.xhtml", "chapter1.xhtml", "chapter2.xhtml", "afterword.xhtml"]
    bodies = [front, first, marks[1] + second, f'<div class="meta">{last}']
    files: dict[str, str | bytes] = {"META-INF/container.xml": CONTAINER, "OPS/content.opf": package(names)}
    files |= {f"OPS/{name}": page(body) for name, body in zip(names, bodies, strict=True)}
    epub, html = work(zipped(files)), work(download(old, TWO))
    assert dataclasses.asdict(epub) == dataclasses.asdict(html)


@pytest.mark.parametrize(
    ("headings", "titles"),
    [
        (["Chapter 1: A", "Chapter 2: Chapter 2: B"], ["A", "Chapter 2: B"]),
        (["The Owl", "Chapter 2"], ["The Owl", ""]),
        (["Chapter 7", "Chapter 1: A"], ["Chapter 7", "Chapter 1: A"]),
        (["Chapter 1:", "Chapter Two"], ["", "Chapter Two"]),
    ],
)
def test_headings_with_and_without_numbers(headings: list[str], titles: list[str]) -> None:
    found = work(download(Dialect(), [Chapter(heading) for heading in headings]))
    assert [chapter.title for chapter in found.chapters] == titles


def test_one_chapter_of_many_is_no_one_shot() -> None:
    stats = "Published: 2026-03-01 Words: 10 Chapters: 1/5"
    found = work(download(Dialect(stats=stats), [Chapter("Chapter 1: Begin", notes="<p>N</p>")]))
    assert [(one.title, one.notes) for one in found.chapters] == [("Begin", "<p>N</p>")]
    assert (found.status, found.chapters_expected) == ("in_progress", 5)


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("by Anonymous", []),
        (
            'by <a rel="author" href="/users/x/pseuds/y">y (x)</a>, <a rel="author" href="/users/z/pseuds/z">z</a>',
            ["y (x)", "z"],
        ),
        ("by Ada, Berta", ["Ada", "Berta"]),
        ('by Old Hand [archived by <a rel="author" href="/users/keeper">keeper</a>]', ["Old Hand"]),
        ("", []),
    ],
)
def test_bylines(byline: str, authors: list[str]) -> None:
    found = work(download(Dialect(byline=byline), TWO))
    assert (found.authors, found.anonymous) == (authors, False)
    assert bool(found.notices) is (byline == "by Ada, Berta")


def test_who_wrote_a_chapter_and_who_brought_the_work() -> None:
    guest = Chapter("Chapter 1", byline='by <a rel="author" href="/users/g/pseuds/g">g</a>')
    assert work(download(Dialect(), [guest, TWO[1]])).extra["chapter_authors"] == {"1": ["g"]}
    kept = Dialect(byline='by Old [archived by <a rel="author" href="/users/keeper">keeper</a>]')
    assert work(download(kept, TWO)).extra["archived_by"] == ["keeper"]


def test_what_an_author_sees_of_an_anonymous_work() -> None:
    found = work(download(Dialect(byline='by Anonymous [<a rel="author" href="/users/a/pseuds/a">a</a>]'), TWO))
    assert (found.authors, found.anonymous) == (["a"], True)


def test_related_works() -> None:
    by = ' by <a rel="author" href="/users/q/pseuds/q">q</a>'
    notes = [
        f'Inspired by <a href="/works/1">First</a>{by}',
        f'A translation of <a href="https://example.org/2">Second</a>{by}',
        "Inspired by a deleted work",
        f'Translation into Русский available: <a href="/works/3">Third</a>{by}',
    ]
    front = "<ul>" + "".join(f"<li>\n {note}</li>" for note in notes) + "</ul>"
    inspired = f'<dd><a href="/works/5">Fifth</a>{by}, <a href="/works/6">Sixth</a>{by}</dd><dd>Secret</dd>'
    afterword = f"<dl><dt>Works inspired by this one</dt>{inspired}</dl>"
    found = work(download(Dialect(front=front, afterword=afterword), TWO))
    assert found.related == [
        {"relation": "inspired_by", "title": "First", "url": "https://archiveofourown.org/works/1"},
        {"relation": "translation_of", "title": "Second", "url": "https://example.org/2"},
        {"relation": "inspired_by", "title": "Inspired by a deleted work"},
    ]
    assert found.extra["related"] == ["Translation into Русский available: Third by q"]
    assert found.extra["Works inspired by this one"] == [
        {"title": "Fifth", "url": "https://archiveofourown.org/works/5"},
        {"title": "Sixth", "url": "https://archiveofourown.org/works/6"},
        {"title": "Secret"},
    ]


def test_whom_a_work_is_for() -> None:
    front = '<ul><li>For <a href="/users/q/gifts">q</a>, <a href="/gifts?recipient=R">R</a>.</li></ul>'
    found = work(download(Dialect(front=front), TWO))
    assert (found.gifts, "related" in found.extra) == (["q", "R"], False)


def test_a_work_of_another_archive_with_the_same_software_is_none_of_this_one() -> None:
    data = download(Dialect(), TWO).replace(b"archiveofourown.org", b"archive.example")
    for shape in (data, data.replace(b"/works/4711/comments", b"https://archive.example/works/4711/comments")):
        found = work(shape)
        assert found.source is not None
        assert (found.source.site, found.source.id) == ("archive.example", "4711")
        assert found.source.url == "https://archive.example/works/4711"
    nameless = work(data.replace(b"example/works/4711", b"example/x"))
    assert (nameless.source, len(nameless.notices)) == (None, 1)


@pytest.mark.parametrize("href", ["http://[", "javascript:x", "mailto:a@b.example", "https://e.org/" + "x" * 3_000])
def test_a_link_to_nowhere_does_not_fail_the_work(href: str) -> None:
    front = f'<ul><li>Inspired by <a href="{href}">First</a></li></ul>'
    assert work(download(Dialect(front=front), TWO)).related == [{"relation": "inspired_by", "title": "First"}]


def test_what_is_not_known_is_kept_under_its_label() -> None:
    found = work(download(Dialect(front="<p>Dedication</p><blockquote><p>To Q.</p></blockquote>"), TWO))
    assert found.extra["Dedication"] == "<p>To Q.</p>"
    assert one_row("Mood:", "Grey").extra == {"Mood": "Grey"}
    strange = one_row("Rating:", links("Splendid"))
    assert (strange.rating, strange.extra) == (None, {"rating": ["Splendid"]})
    assert strange.notices == ["The rating “Splendid” is not known; it was kept aside."]
    assert work(download(Dialect(stats="Published: soon Words: many Mood: 3"), TWO)).notices[:2] == [
        "“Published: soon” was not understood.",
        "“Words: many” was not understood.",
    ]


def test_tags_without_links_are_told_apart_with_care() -> None:
    found = one_row("Characters:", "Ada, Berta")
    assert found.characters == ["Ada", "Berta"]
    assert found.notices == ["The values of “Characters” are no links; they were told apart by their commas."]
    assert one_row("Character:", "Ada").notices == []
    found = one_row("Series:", "Part 2 of Lamps, Part 1 of Owls, and more")
    assert [(one.title, one.position) for one in found.series] == [("Lamps", 2), ("Owls, and more", 1)]


def test_what_is_missing_is_said() -> None:
    cut = download(Dialect(), TWO).partition(b"<!--/chapter content-->")[0]
    assert work(cut).notices == [
        "The file says that the work has 2 chapters, but holds 1.",
        "The file ends before its afterword; it may be cut off.",
    ]
    nameless = download(Dialect(), TWO).replace(b"/works/4711", b"/")
    assert work(nameless).notices == ["The file does not say which work of Archive of Our Own it is."]
    headless = b"<html><body>" + download(Dialect(), TWO)[download(Dialect(), TWO).index(b'<div id="chapters"') :]
    found = work(headless)
    assert ([one.title for one in found.chapters], found.end_notes) == (["The Owl", ""], "<p>Thanks.</p>")
    assert (found.source is not None, found.title) == (True, "file")
    assert found.notices == ["The list of tags is missing; the file may have lost its beginning."]
    empty = work(download(Dialect(), []))
    assert (empty.chapters, empty.notices) == ([], ["The file has no text; the work is kept without one."])


def test_there_is_an_end_to_everything() -> None:
    many = "".join(f"Mood: {number} " for number in range(3_000))
    found = work(
        download(Dialect(rows=[("Diary:", "x" * 60_000), ("Rating:", links(*map(str, range(90))))], stats=many), TWO)
    )
    assert "Diary" not in found.extra
    assert "Too long to be kept aside, and left out: “Diary”." in found.notices
    assert len(found.notices) <= 51
    front = "<ul>" + "<li>Inspired by a deleted work</li>" * 300 + "</ul>"
    found = work(download(Dialect(front=front), TWO))
    assert (len(found.related), found.notices) == (200, [TOO_MANY])


def test_a_long_chapter_that_was_cut_into_files_is_one() -> None:
    pieces = [TWO[0], Chapter("CUT"), TWO[1]]
    cut = book(Dialect(), pieces)
    whole = work(cut).chapters
    assert len(whole) == 3
    with zipfile.ZipFile(io.BytesIO(cut)) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    name = next(name for name, data in files.items() if b"CUT" in data)
    start = files[name].index(b'<div class="calibre1"><h2')
    end = files[name].index(b'<div class="userstuff2">')
    files[name] = files[name][:start] + files[name][end:]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for entry, data in files.items():
            archive.writestr(entry, data)
    found = work(out.getvalue()).chapters
    assert [one.title for one in found] == ["The Owl", ""]
    assert found[0].content == "<p>It rained.</p>\n<p>It rained.</p>"


@pytest.mark.parametrize("name", ["x.html", "x.txt", "x.epub", "x.zip", ""])
def test_the_name_of_the_file_does_not_matter(name: str) -> None:
    assert work(download(Dialect(), TWO), name).title == "Owls & Lamps"
    assert work(book(Dialect(), TWO), name).title == "Owls & Lamps"


def test_a_list_of_tags_of_another_site_is_no_download() -> None:
    other = b'<html><dl class="tags"><dt>Topics</dt><dd>Owls</dd></dl></html>'
    ours = b'<html><dl class="tags"><dt>Rating:</dt><dd>Mature</dd></dl></html>'
    chosen = [choose(data, "x.html") for data in (other, ours)]
    assert [reader.name if reader else None for reader in chosen] == ["html", "ao3-html"]


def test_a_page_that_holds_a_list_of_tags_and_nothing_else() -> None:
    assert codes(b'<html><body><a href="http://archiveofourown.org/x">x</a><dl class="tags"></dl></body></html>') == [
        None
    ]
    assert codes(b'<html><body>http://archiveofourown.org/<dl class="tags" <p>' + b"<div>" * 500) == ["too-deep"]


_SOUND = [download(Dialect(), TWO), download(Dialect(wrappers=False), "<p>x</p>"), book(Dialect(), TWO)]


@settings(deadline=None)
@given(
    data=st.sampled_from(_SOUND),
    changes=st.lists(
        st.tuples(
            st.integers(0, 20_000),
            st.sampled_from([b"", b"<", b">", b'"', b"\0", b"</div>", b"<div>", b"<p>", b"\xff"]),
        ),
        max_size=12,
    ),
    cut=st.integers(0, 3_000),
)
def test_damaged_files_are_read_or_refused(data: bytes, changes: list[tuple[int, bytes]], cut: int) -> None:
    for place, piece in changes:
        place %= len(data)  # noqa: PLW2901
        data = data[:place] + piece + data[place + 1 :]
    for item in items(data[: max(len(data) - cut, 1)]):
        assert (item.manuscript is None) != (item.problem is None)
        if item.manuscript is not None:
            texts = [item.manuscript.title or "", *item.manuscript.authors, *item.manuscript.characters]
            texts += [part for chapter in item.manuscript.chapters for part in (chapter.title, chapter.content)]
            assert all(find_bad_character(text) is None for text in texts)
