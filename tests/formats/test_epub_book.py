"""Books are opened with suspicion, and forgiven what reading apps forgive."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats.epub_book import EpubBook
from app.formats.markup import text_of
from app.formats.problems import Unreadable
from app.formats.reading import read_all
from app.formats.zip_book import LARGEST_UNPACKED, MOST_ENTRIES, ZipBook
from tests.formats.books import CONTAINER, NCX_ITEM, ncx, package, page, zipped

SOUND: dict[str, str | bytes] = {
    "META-INF/container.xml": CONTAINER,
    "OPS/content.opf": package(
        ["one.xhtml", "two%20b.xhtml"],
        '<dc:title>A &amp; B</dc:title><dc:creator opf:role="aut">Ann</dc:creator>'
        '<dc:creator id="c2">Bob</dc:creator><meta refines="#c2" property="role">trl</meta>'
        '<meta name="calibre:series" content="S"/><!-- nothing -->',
        extra_items=NCX_ITEM,
    ),
    "OPS/toc.ncx": ncx([("First", "one.xhtml"), ("Second", "two%20b.xhtml#x"), ("Away", "https://example.org/")]),
    "OPS/one.xhtml": page("<p>One&nbsp;<b>1</b><br/>x</p>"),
    "OPS/two b.xhtml": page("<p>Two<p>unclosed"),
}


def without(*names: str) -> dict[str, str | bytes]:
    return {name: content for name, content in SOUND.items() if name not in names}


def code(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        EpubBook(data).documents()
    return caught.value.code


def test_a_sound_book() -> None:
    book = EpubBook(zipped(SOUND))
    assert book.values("dc:title") == ["A & B"]
    assert book.values("calibre:series") == ["S"]
    assert [(meta.value, meta.role) for meta in book.metadata if meta.name == "dc:creator"] == [
        ("Ann", "aut"),
        ("Bob", "trl"),
    ]
    assert book.spine == ["OPS/one.xhtml", "OPS/two b.xhtml"]
    assert [(entry.label, entry.name, entry.fragment) for entry in book.toc] == [
        ("First", "OPS/one.xhtml", ""),
        ("Second", "OPS/two b.xhtml", "x"),
    ]
    assert [text_of(root.find("body")) for _, root in book.documents()] == ["One 1 x", "Twounclosed"]
    assert book.notices == []


def test_an_epub_3_has_its_contents_in_its_nav() -> None:
    nav = '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    files = without("OPS/toc.ncx") | {
        "OPS/content.opf": package(["one.xhtml", "two%20b.xhtml"], version="3.0", extra_items=nav),
        "OPS/nav.xhtml": page(
            '<nav epub:type="landmarks"><a href="one.xhtml">Start</a></nav>'
            '<nav epub:type="toc"><ol><li><a href="two%20b.xhtml">Two <i>b</i></a></li></ol></nav>'
        ),
    }
    assert [(entry.label, entry.name) for entry in EpubBook(zipped(files)).toc] == [("Two b", "OPS/two b.xhtml")]


@pytest.mark.parametrize(
    ("files", "notice"),
    [
        (without("META-INF/container.xml"), "container.xml is missing"),
        (without("META-INF/container.xml") | {"meta-inf/Container.XML": CONTAINER}, None),
        (without("META-INF/container.xml") | {"META-INF/container.xml": "<broken"}, "leads nowhere"),
        (without("OPS/two b.xhtml"), "1 of the files that the book lists"),
        (without("OPS/one.xhtml") | {"OPS/ONE.xhtml": page("x")}, None),
        (without("OPS/toc.ncx") | {"OPS/toc.ncx": "<ncx"}, None),
        (
            SOUND | {"OPS/content.opf": str(SOUND["OPS/content.opf"]).replace("<itemref", "<nothing")},
            "no reading order",
        ),
    ],
)
def test_what_a_book_survives(files: dict[str, str | bytes], notice: str | None) -> None:
    book = EpubBook(zipped(files))
    assert len(book.documents()) >= 1
    assert any(notice in one for one in book.notices) if notice else book.notices == []


def test_links_lead_nowhere_outside() -> None:
    book = EpubBook(zipped(SOUND))
    for href in ("../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "//host/one.xhtml", "http://[", "nothing"):
        assert book.resolve(href, "OPS/one.xhtml") is None
    assert book.resolve("../OPS/one.xhtml#a", "OPS/one.xhtml") == ("OPS/one.xhtml", "a")
    assert book.resolve("#a", "OPS/one.xhtml") == ("OPS/one.xhtml", "a")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.txt": "no book"}, "no-package"),
        (without("OPS/one.xhtml", "OPS/two b.xhtml"), "no-documents"),
        (SOUND | {"OPS/content.opf": "<package"}, "bad-xml"),
        (SOUND | {"OPS/content.opf": '<!DOCTYPE p [<!ENTITY a "b">]><package>&a;</package>'}, "xml-entities"),
        (SOUND | {"OPS/one.xhtml": '<!DOCTYPE html [<!ENTITY a "b">]><html>&a;</html>'}, "xml-entities"),
        (SOUND | {"OPS/one.xhtml": page("<div>" * 300)}, "too-deep"),
        (SOUND | {"OPS/one.xhtml": page("<div>" * 300 + "</div>" * 300)}, "too-deep"),
        (SOUND | {"inner.epub": b"PK\x03\x04"}, "nested-archive"),
        (SOUND | {"OPS/one.xhtml": b"PK\x03\x04"}, "nested-archive"),
        (SOUND | {"../up.txt": "x"}, "unsafe-name"),
        (SOUND | {"/abs.txt": "x"}, "unsafe-name"),
        (SOUND | {"C:\\x.txt": "x"}, "unsafe-name"),
        (SOUND | {"a\\..\\..\\x.txt": "x"}, "unsafe-name"),
        (SOUND | {"bomb.bin": b"\0" * 2_000_000}, "zip-bomb"),
    ],
)
def test_what_a_book_may_not_hold(files: dict[str, str | bytes], expected: str) -> None:
    assert code(zipped(files)) == expected


def test_entries_that_a_book_may_not_have() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    assert code(_with(link)) == "symlink"
    packed = zipfile.ZipInfo("packed")
    packed.compress_type = zipfile.ZIP_BZIP2
    assert code(_with(packed)) == "bad-zip"
    sound = zipped(SOUND)
    place = sound.rindex(b"PK\x01\x02")
    assert code(sound[: place + 8] + b"\x01" + sound[place + 9 :]) == "encrypted"
    named = sound.rindex(b"OPS/two b.xhtml")
    assert code(sound[:named] + b"OPS/two\0b.xhtml" + sound[named + 15 :]) == "unsafe-name"
    assert code(sound[:named] + b"OPS/toc.ncx\0\0\0\0" + sound[named + 15 :]) == "unsafe-name"
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = _with(zipfile.ZipInfo("OPS/one.xhtml"))
    assert code(twice) == "duplicate-entry"


def _with(info: zipfile.ZipInfo) -> bytes:
    out = io.BytesIO(zipped(SOUND))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(info, "x" * 100)
    return out.getvalue()


def test_numbers_that_are_too_large() -> None:
    assert code(zipped({f"f{number}": "" for number in range(MOST_ENTRIES + 1)})) == "too-many-entries"
    stored = bytearray(zipped(SOUND))
    place = stored.rindex(b"PK\x01\x02")
    stored[place + 24 : place + 28] = (LARGEST_UNPACKED + 1).to_bytes(4, "little")
    assert code(bytes(stored)) == "zip-bomb"


def test_many_documents_have_no_more_tags_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.formats.epub_book.MOST_TAGS", 30)
    names = [f"p{number}.xhtml" for number in range(9)]
    files: dict[str, str | bytes] = {"META-INF/container.xml": CONTAINER, "OPS/content.opf": package(names)}
    assert code(zipped(files | {f"OPS/{name}": page("<p>x</p>") for name in names})) == "too-complex"


def test_a_header_that_lies_about_the_size() -> None:
    sound = bytearray(zipped(SOUND))
    place = sound.rindex(b"PK\x01\x02")
    sound[place + 24 : place + 28] = (3).to_bytes(4, "little")
    assert code(bytes(sound)) == "bad-zip"


def test_a_file_that_is_cut_off() -> None:
    sound = zipped(SOUND)
    assert {code(sound[:length]) for length in (10, len(sound) // 2, len(sound) - 10)} == {"bad-zip"}


@settings(deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8), cut=st.integers(0, 200))
def test_a_damaged_book_is_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(zipped(SOUND))
    for place, byte in changes:
        data[place % len(data)] = byte
    try:
        EpubBook(bytes(data[: len(data) - cut])).documents()
    except Unreadable as error:
        assert error.code


def test_a_stream_is_read_up_to_its_limit() -> None:
    assert read_all(io.BytesIO(b"12345"), 5) == b"12345"
    with pytest.raises(Unreadable) as caught:
        read_all(io.BytesIO(b"123456"), 5)
    assert caught.value.code == "too-large"
    with pytest.raises(Unreadable):
        ZipBook(b"")
