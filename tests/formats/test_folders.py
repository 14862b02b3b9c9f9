"""Files that belong together: chapters in files of their own, and what stands beside a file and tells of it."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats.folder_plan import plan
from app.formats.manuscript import Manuscript, ReadItem
from app.formats.numbered_names import file_stem, numbered
from tests.formats.reading import codes, items
from tests.formats.test_containers import tar_of, zip_of
from tests.formats.test_loose_files import book, html

TAIL = b"\n\nIt went on in the dark of the wood.\n"
OPF = b"""<?xml version='1.0' encoding='utf-8'?>
<package xmlns="http://www.idpf.org/2007/opf" unique-identifier="uuid_id" version="2.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
<dc:identifier opf:scheme="calibre" id="calibre_id">1</dc:identifier>
<dc:identifier opf:scheme="uuid" id="uuid_id">355f4d88-643e-4abe-895a-eea7af0f1d38</dc:identifier>
<dc:title>The Fox at Noon</dc:title><dc:creator opf:role="aut">Ann Example</dc:creator>
<dc:contributor opf:role="bkp">calibre (6.13.0)</dc:contributor>
<dc:date>2011-05-06T00:00:00+00:00</dc:date><dc:description>&lt;p&gt;He runs.&lt;/p&gt;</dc:description>
<dc:identifier opf:scheme="AO3">4711</dc:identifier><dc:language>eng</dc:language>
<dc:subject>Fluff</dc:subject><dc:subject>Fables</dc:subject>
<meta name="calibre:series" content="Beasts"/><meta name="calibre:series_index" content="2"/>
<meta name="calibre:user_metadata:#fandoms"
 content="{&quot;name&quot;: &quot;Fandoms&quot;, &quot;#value#&quot;: [&quot;Tales&quot;, &quot;Lore&quot;]}"/>
</metadata></package>"""


def chapter(number: int, text: str = "") -> bytes:
    return f"Chapter {number}\n\nThe fox ran for the {number}th time.{text}".encode() + TAIL


def only(data: bytes, name: str = "all.zip") -> Manuscript:
    (item,) = items(data, name)
    assert item.manuscript is not None, item.problem
    return item.manuscript


def by_file(found: list[ReadItem]) -> dict[str, Manuscript]:
    return {item.entry or "": item.manuscript for item in found if item.manuscript is not None}


# -- names


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("01 - Prologue.html", ("", 1, "Prologue")),
        ("3.txt", ("", 3, "")),
        ("002_The_Storm.txt", ("", 2, "The Storm")),
        ("Chapter 12.txt", ("", 12, "")),
        ("chapter-3-dusk.html", ("", 3, "dusk")),
        ("My Story - Chapter 3 - Dusk.html", ("My Story", 3, "Dusk")),
        ("My_Story_ch07.txt", ("My Story", 7, "")),
        ("fox07.txt", ("fox", 7, "")),
        ("The Fox (2 of 5).txt", ("The Fox", 2, "")),
        ("Part 2 of 9.txt", ("", 2, "")),
        ("Chapter Three.txt", ("", 3, "")),
        ("The%20Fox%202.txt", ("The Fox", 2, "")),
        ("Prologue.txt", ("", 0, "Prologue")),
    ],
)
def test_names_that_count(name: str, parts: tuple[str, int, str]) -> None:
    found = numbered(file_stem(name))
    assert found is not None
    assert (found.stem, found.number, found.title) == parts


@pytest.mark.parametrize("name", ["The Fox.html", "Story (1).html", "Search.txt", "100% Fox.txt"])
def test_names_that_do_not(name: str) -> None:
    found = numbered(file_stem(name))
    assert found is None or (found.stem == "" and found.number == 100)


@pytest.mark.parametrize(
    "names",
    [
        ["a/The Fox.txt", "a/The Crow.txt"],
        ["a/1.txt", "a/2.txt", "a/other.txt"],
        ["1.txt", "2.txt"],
        ["a/2001 Odyssey.txt", "a/2010 Odyssey.txt"],
        ["a/1.txt", "a/2.txt", "a/9.txt"],
        ["a/Fox.txt", "a/Fox 2.txt"],
        ["a/1.epub", "a/2.epub"],
        ["a/x1.txt", "b/x2.txt"],
    ],
)
def test_files_that_do_not_count_up_are_each_by_themselves(names: list[str]) -> None:
    assert [one.is_one for one in plan(names, lambda _index: 0)] == [True] * len(names)


STEMS = ("1 a", "2 b", "x", "01 - Dawn", "02 - Dusk", "03", "Chapter 1", "Chapter 2", "Story 1", "Story 2", "metadata")
NAMES = st.builds(
    "f/{}{}{}".format, st.sampled_from(["", "g/"]), st.sampled_from(STEMS),
    st.sampled_from([".html", ".json", ".txt", ".yaml", ".opf", ".epub"]),
)  # fmt: skip


@settings(max_examples=200)
@given(st.dictionaries(NAMES, st.sampled_from([10, 1_000, 50_000]), min_size=2, max_size=9))
def test_what_belongs_together_does_so_without_the_files_that_stand_alone(sizes: dict[str, int]) -> None:
    """A unit of an import holds such files without the others, and they are planned again where it is worked on."""

    def planned(names: list[str]) -> list[list[str]]:
        found = plan(names, lambda index: sizes[names[index]])
        return [[names[index] for index in sorted(one.all)] for one in found if not one.is_one]

    together = planned(sorted(sizes))
    assert planned([name for names in together for name in names]) == together


def test_a_long_list_of_names_is_planned_at_once() -> None:
    names = [f"a/{number}.html" for number in range(1, 20_001)] + [f"b/x{'9' * 200}{number}" for number in range(9_000)]
    assert len(plan(names, lambda _index: 0)) == len(names)


# -- chapters


@pytest.mark.parametrize("pack", [zip_of, tar_of])
def test_a_folder_of_numbered_files_is_one_work_in_natural_order(pack: object) -> None:
    files = {f"My Story/Chapter {number}.txt": chapter(number) for number in (1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9)}
    (item,) = items(pack({**files, "My Story/cover.jpg": b"\xff\xd8\xff"}), "x.zip")  # type: ignore[operator]
    work = item.manuscript
    assert work is not None
    assert (work.title, len(work.chapters), item.alone) == ("My Story", 11, True)
    assert {one.title for one in work.chapters} == {""}
    assert "9th" in work.chapters[8].content
    assert work.notices[-2].startswith(
        "11 files are its chapters, in the order of the numbers in their names: Chapter 1"
    )


def test_titles_of_chapters_come_from_their_text_then_their_page_then_their_name() -> None:
    files = {
        "F/1 - Dawn.html": html("<p>Text of it.</p>", "<title>The Tale - Chapter 1: Morning</title>"),
        "F/2 - Noon.html": html("<h2>Chapter 2: High</h2><p>Other text.</p>", "<title>The Tale - Chapter 2</title>"),
        "F/3 - Dusk.html": html("<p>Last text.</p>", "<title>The Tale - Chapter 3</title>"),
    }
    work = only(zip_of(files))
    assert (work.title, [one.title for one in work.chapters]) == ("The Tale", ["Morning", "Chapter 2: High", "Dusk"])


def test_what_stands_over_the_first_chapter_is_told_of_the_work() -> None:
    head = b"Title: The Fox\nAuthor: Ann\nFandom: Fables\nRating: PG-13\nSummary: He runs.\n\n"
    files = {
        "fox1.txt": head + chapter(1),
        "fox2.txt": chapter(2),
        "fox3.txt": chapter(3) + b"\nThe End\n",
        "z.txt": TAIL,
    }
    work = by_file(items(zip_of(files)))["fox1.txt"]
    assert (work.title, work.authors, work.fandoms, work.rating) == ("The Fox", ["Ann"], ["Fables"], "teen")
    assert (len(work.chapters), work.status) == (3, "complete")


@pytest.mark.parametrize(
    "texts",
    [
        [b"The Fox\n\nby Ann\n\nOne." + TAIL, b"The Crow\n\nby Ann\n\nTwo." + TAIL],
        [b"One." + TAIL + b"\nThe End\n", b"Two." + TAIL + b"\nThe End\n"],
        [b"One." + TAIL, b"One." + TAIL],
        [chapter(1) + b"\n" + chapter(2), chapter(1) + b"\n" + chapter(2) + b"x"],
        [b"Title: A\nAuthor: Ann\nFandom: X\n\nOne." + TAIL, b"Title: A\nAuthor: Ann\nFandom: Y\n\nTwo." + TAIL],
        [html("<p>One.</p>", "<link rel=canonical href='https://archiveofourown.org/works/1'>"),
         html("<p>Two.</p>", "<link rel=canonical href='https://archiveofourown.org/works/2'>")],
    ],
)  # fmt: skip
def test_files_that_are_works_by_themselves_are_not_joined(texts: list[bytes]) -> None:
    files = {f"F/{number}.txt": text for number, text in enumerate(texts, 1)}
    assert [item.entry for item in items(zip_of(files))] == ["F/1.txt", "F/2.txt"]


def test_a_chapter_that_cannot_be_read_fails_alone_and_is_missed() -> None:
    files = {f"F/{number}.txt": chapter(number) if number != 2 else b"" for number in range(1, 5)}
    work, failed = items(zip_of(files))
    assert work.manuscript is not None
    assert len(work.manuscript.chapters) == 3
    assert "There is no file of the numbers 2." in work.manuscript.notices
    assert failed.problem is not None
    assert (failed.entry, failed.problem["code"]) == ("F/2.txt", "empty-file")


# -- a library of calibre


def test_the_package_beside_a_file_fills_what_that_does_not_say() -> None:
    files = {"A/T (1)/T - A.txt": chapter(1), "A/T (1)/metadata.opf": OPF, "A/T (1)/cover.jpg": b"\xff\xd8\xff"}
    (item,) = items(zip_of({**files, "metadata.db": b"SQLite format 3\0"}))
    work = item.manuscript
    assert work is not None
    assert (work.title, work.authors, work.language, work.summary) == (
        "The Fox at Noon", ["Ann Example"], "eng", "<p>He runs.</p>",
    )  # fmt: skip
    assert [(one.title, one.position) for one in work.series] == [("Beasts", 2)]
    assert work.source is not None
    assert work.source.url == "https://archiveofourown.org/works/4711"
    assert (work.key, item.known_beside) == ("uuid:355f4d88-643e-4abe-895a-eea7af0f1d38", True)
    assert str(work.published_at)[:10] == "2011-05-06"
    assert (work.fandoms, work.freeforms, work.extra["subjects"]) == (["Tales", "Lore"], [], ["Fluff", "Fables"])
    assert any("subjects that say not of which type" in one for one in work.notices)
    assert any(one.startswith("metadata.opf tells of the file") for one in work.notices)


def test_what_a_file_says_of_itself_stands_against_the_package_beside_it() -> None:
    metadata = (
        "<dc:title>The Fox at Night</dc:title><dc:creator>Ann Example</dc:creator><dc:language>fr</dc:language>"
        "<dc:source>https://www.fanfiction.net/s/5/1/</dc:source>"
    )
    fox = book({"a.xhtml": "<p>a</p>"}, metadata)
    found = by_file(items(zip_of({"b/fox.epub": fox, "b/fox.txt": chapter(1), "b/metadata.opf": OPF})))
    first, second = found["b/fox.epub"], found["b/fox.txt"]
    assert (first.title, first.language) == ("The Fox at Night", "fr")
    assert first.source is not None
    assert first.source.url == "https://www.fanfiction.net/s/5/1/"
    assert [one.title for one in first.series] == ["Beasts"]
    assert (second.title, second.key == first.key) == ("The Fox at Noon", True)


def test_a_package_of_another_book_tells_nothing() -> None:
    other = book({"a.xhtml": "<p>a</p>"}, "<dc:title>The Hen</dc:title><dc:creator>Bo</dc:creator>")
    (item,) = items(zip_of({"b/hen.epub": other, "b/metadata.opf": OPF}))
    assert item.manuscript is not None
    assert (item.manuscript.key, item.manuscript.series) == (None, [])


def test_a_package_by_itself_is_metadata_and_broken_ones_harm_nothing() -> None:
    (item,) = items(OPF, "metadata.opf")
    assert item.manuscript is not None
    assert (item.format, item.manuscript.title, item.manuscript.chapters) == ("opf", "The Fox at Noon", [])
    for cut in range(0, len(OPF), 61):
        assert codes(zip_of({"b/fox.txt": chapter(1), "b/metadata.opf": OPF[:cut]})) == [None]


# -- what tells of a file


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Fox.json", orjson.dumps({"title": "The Fox", "author": "Ann", "fandom": "Fables", "rating": "T"})),
        ("Fox.yaml", b"title: The Fox\nauthor: Ann\nfandom: [Fables]\nrating: teen\n"),
        ("Fox.yml", b"---\ntitle: The Fox\nauthors:\n  - Ann\nfandoms:\n  - Fables\nrating: teen\n---\n"),
        ("Fox.txt", b"Title: The Fox\nAuthor: Ann\nFandom: Fables\nRating: T\n"),
        ("metadata.json", b'{\n "title": "The Fox", "authors": ["Ann"], "fandoms": ["Fables"], "rating": "T"\n}\n'),
    ],
)
def test_metadata_beside_a_file_fills_it(name: str, data: bytes) -> None:
    work = only(zip_of({"F/Fox.html": html("<p>He ran.</p>", ""), f"F/{name}": data}))
    assert (work.title, work.authors, work.fandoms, work.rating) == ("The Fox", ["Ann"], ["Fables"], "teen")
    assert work.chapters[0].content == "<p>He ran.</p>"
    assert any(one.startswith(f"{name} tells of the file") for one in work.notices)


def test_metadata_of_another_story_is_an_input_like_any_other() -> None:
    page = html("<h1>The Hen</h1><p>He ran.</p>")
    data = orjson.dumps({"title": "The Fox", "author": "Ann"})
    found = by_file(items(zip_of({"Fox.html": page, "Fox.json": data})))
    assert [(one.title, one.authors) for one in found.values()] == [("The Hen", []), ("The Fox", ["Ann"])]


def test_a_page_that_names_its_source_takes_what_names_none() -> None:
    page = html("<h1>The Fox</h1><p>He ran.</p>", "<link rel=canonical href='https://a.example/s/1'>")
    told = {"title": "The Fox", "author": "Ann"}
    assert only(zip_of({"Fox.html": page, "Fox.json": orjson.dumps(told)})).authors == ["Ann"]
    other = orjson.dumps({**told, "url": "https://www.fanfiction.net/s/5/1/"})
    assert len(items(zip_of({"Fox.html": page, "Fox.json": other}))) == 2
    untitled = html("<p>He ran.</p>", "<link rel=canonical href='https://a.example/s/1'>")
    assert len(items(zip_of({"Page.html": untitled, "Page.json": orjson.dumps(told)}))) == 2


def test_an_archive_of_chapters_has_its_name() -> None:
    files = {f"{number}.txt": chapter(number) for number in (1, 2)}
    assert only(zip_of(files), "My_Fox.v2.zip").title == "My Fox.v2"
    assert len(items(zip_of(files), "-")) == 2


def test_a_text_beside_a_page_is_a_text() -> None:
    found = by_file(items(zip_of({"Fox.html": html("<p>He ran.</p>"), "Fox.txt": chapter(1)})))
    assert [len(one.chapters) for one in found.values()] == [1, 1]


def test_metadata_beside_chapters_tells_of_the_work() -> None:
    files = {f"F/{number}.txt": chapter(number) for number in (1, 2)}
    work = only(zip_of({**files, "F/metadata.json": orjson.dumps({"title": "The Fox", "author": "Ann"})}))
    assert (work.title, work.authors, len(work.chapters)) == ("The Fox", ["Ann"], 2)
