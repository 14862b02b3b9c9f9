"""OpenDocument texts and FictionBook; and what is read of none, which says what to convert it to."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.formats.books import zipped
from tests.formats.reading import codes, items, work

SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
)
STYLES = (
    '<style:style style:name="T1" style:family="text"><style:text-properties fo:font-style="italic"/></style:style>'
    '<style:style style:name="P1" style:parent-style-name="Title"/>'
)


def odt(text: str, meta: str = "", holder: str = "text") -> bytes:
    content = f"<office:document-content {SPACES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
    content += f"<office:body><office:{holder}>{text}</office:{holder}></office:body></office:document-content>"
    about = f"<office:document-meta {SPACES}><office:meta>{meta}</office:meta></office:document-meta>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{holder}")
        for name, inner in (("content.xml", content), ("meta.xml", about), ("Thumbnails/thumbnail.png", "x")):
            archive.writestr(name, inner, zipfile.ZIP_DEFLATED)
    return out.getvalue()


ODT = odt(
    '<text:p text:style-name="P1">The Fox</text:p><text:p>by Ann</text:p>'
    '<text:h text:outline-level="1">One</text:h>'
    '<text:p>He <text:span text:style-name="T1">ran</text:span><text:line-break/>off<text:s text:c="2"/>fast.'
    "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Very.</text:p></text:note-body>"
    "</text:note></text:p>"
    "<text:tracked-changes><text:deletion><text:p>gone</text:p></text:deletion></text:tracked-changes>"
    '<text:h text:outline-level="1">Two</text:h><text:list><text:list-item><text:p>a &lt; b</text:p></text:list-item>'
    "</text:list>",
    "<dc:title>Untold</dc:title>",
)
FB2 = """<?xml version="1.0" encoding="windows-1251"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">
<description><title-info><genre>fanfiction</genre><author><first-name>Анна</first-name><last-name>Лис</last-name></author>
<book-title>Лиса</book-title><annotation><p>Бежит.</p></annotation><lang>ru</lang>
<date value="2011-05-06">6 мая</date><sequence name="Звери" number="2"/></title-info>
<document-info><src-url>https://ficbook.example/readfic/5</src-url><id>abc</id></document-info></description>
<body><title><p>Лиса</p></title><epigraph><p>О лисе.</p></epigraph>
<section><title><p>Часть 1</p></title>
<section><title><p>Утро</p></title><p>Она <emphasis>бежала</emphasis>.<a l:href="#n1">[1]</a></p><empty-line/>
<poem><stanza><v>раз</v><v>два</v></stanza></poem></section>
<section><title><p>Вечер</p></title><p>Она &lt;спала&gt;.</p></section></section></body>
<body name="notes"><section id="n1"><p>Быстро.</p></section></body>
<binary id="c.jpg" content-type="image/jpeg">AAAA</binary></FictionBook>""".encode("cp1251")


def test_an_opendocument_text() -> None:
    found = work(ODT, "x.odt")
    assert (found.title, found.authors) == ("The Fox", ["Ann"])
    assert [(one.title, one.content) for one in found.chapters] == [
        ("One", "<p>He <em>ran</em><br>off  fast.<sup>1</sup></p>"),
        ("Two", "<ul><li><p>a &lt; b</p></li></ul>"),
    ]
    assert found.chapters[-1].end_notes == "<p>Very.</p>"


def test_a_fictionbook() -> None:
    found = work(FB2, "x.fb2")
    assert (found.title, found.authors, found.language, found.summary) == ("Лиса", ["Анна Лис"], "ru", "<p>Бежит.</p>")
    assert [(one.title, one.position) for one in found.series] == [("Звери", 2)]
    assert str(found.published_at)[:10] == "2011-05-06"
    assert found.source is not None
    assert found.source.url == "https://ficbook.example/readfic/5"
    assert [one.title for one in found.chapters] == ["Утро", "Вечер"]
    assert found.chapters[0].content == (
        "<blockquote><p>О лисе.</p></blockquote><h3>Часть 1</h3><p>Она <em>бежала</em>.[1]</p><br>"
        "<div><p>раз<br>два</p></div>"
    )
    assert found.chapters[1].end_notes == "<p>Быстро.</p>"
    assert (found.fandoms, found.freeforms, found.extra["subjects"]) == ([], [], ["fanfiction"])


RTF = rb"""{\rtf1\ansi\ansicpg1251\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fnil\fcharset204 Arial;}}
{\colortbl;\red0\green0\blue0;}{\stylesheet{\s1\outlinelevel0 \b heading 1;}{\s2 Normal;}}
{\info{\title The F\'f6x}{\author Ann}}{\*\generator X;}
\pard\s1 One\par\pard\f0 He {\i ran\b  on}\line \u8220\'93now\u8221?\'85 \{so\}\par
{\pict\bin4 }}}}}\pard\s1 Two\par\pard\f1 \'cb\'e8\'f1\'e0\plain  \uc0\u-10179\u-8704 end\par}"""


def test_rtf() -> None:
    found = work(RTF, "x.rtf")
    assert (found.title, found.authors) == ("The Fцx", ["Ann"])
    assert [(one.title, one.content) for one in found.chapters] == [
        ("One", "<p>He <em>ran</em><em><strong> on</strong></em><br>“now”… {so}</p>"),
        ("Two", "<p>Лиса 😀end</p>"),
    ]
    assert found.notices == ["Pictures were left out."]
    assert codes(b"{\\rtf1 }", "x.rtf") == ["no-text"]
    assert codes(b"{\\rtf1" + b"{" * 9_000, "x.rtf") == ["too-deep"]


def test_a_packed_fictionbook() -> None:
    (item,) = items(zipped({"x.fb2": FB2}, mimetype=False), "x.fb2.zip")
    assert item.format == "fictionbook"


@pytest.mark.parametrize("data", [ODT, FB2, RTF], ids=["odt", "fb2", "rtf"])
def test_broken_documents_never_raise(data: bytes) -> None:
    for cut in range(0, len(data), 37):
        assert all(item.problem or item.manuscript for item in items(data[:cut], "x"))


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as DOCX or HTML"),
        (b"x" * 60 + b"BOOKMOBI", "convert it to EPUB or HTML"),
        (b"%PDF-1.7", "convert it to EPUB or HTML"),
        (odt("", holder="spreadsheet"), "is an OpenDocument file and no text"),
    ],
)
def test_what_is_not_read_says_what_to_do(data: bytes, advice: str) -> None:
    (item,) = items(data, "x")
    assert item.problem is not None
    assert item.problem["code"] == "unsupported-format"
    assert advice in item.problem["detail"]


def test_a_file_without_bytes_says_so() -> None:
    assert codes(b"", "x.txt") == ["empty-file"]
