"""Word documents: what their styles say, what they hold besides text, and what is refused."""

from __future__ import annotations

import pytest

from app.formats.manuscript import Manuscript
from tests.formats.books import zipped
from tests.formats.reading import codes, work


def chapters(found: Manuscript) -> list[tuple[str, str]]:
    return [(chapter.title, chapter.content.strip()) for chapter in found.chapters]


def docx(body: str, core: str = "", extra: dict[str, str] | None = None, styles: str = "") -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    package_ns = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package_ns}/content-types"><Default Extension="rels" ContentType="x"/>'
        f'<Override PartName="/word/document.xml" ContentType="{types}.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package_ns}/relationships"><Relationship Id="r1"'
        f' Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f'<w:styles {space}><w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/>'
        f"</w:style>{styles}</w:styles>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package_ns}/relationships"><Relationship Id="s1"'
        f' Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "docProps/core.xml": '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{core}</cp:coreProperties>",
    }
    return zipped({**files, **(extra or {})}, mimetype=False)


def paragraph(text: str, style: str = "", run: str = "") -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}<w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def test_a_word_document() -> None:
    body = paragraph("One", "H1") + paragraph("He ran.", run="<w:i/>") + paragraph("Two", "H1") + paragraph("He hid.")
    found = work(docx(body, "<dc:title>The Fox</dc:title><dc:creator>Ann</dc:creator>"), "fox.docx")
    assert (found.title, found.authors) == ("The Fox", ["Ann"])
    assert chapters(found) == [("One", "<p><em>He ran.</em></p>"), ("Two", "<p>He hid.</p>")]


def test_word_documents_that_cannot_be_read() -> None:
    assert codes(docx("<w:p"), "x.docx") == ["bad-docx"]
    assert codes(docx(""), "x.docx") == ["no-text"]
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><w:styles/>'
    assert codes(docx(paragraph("x"), extra={"word/styles.xml": bomb}), "x.docx") == ["xml-entities"]
    table = zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<x/>"}, mimetype=False)
    assert codes(table, "x.xlsx") == ["unsupported-format"]


def style(key: str, name: str, more: str = "") -> str:
    return f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>{more}</w:style>'


STYLES = (
    style("T", "Title")
    + style("S", "Subtitle")
    + style("Q", "Quote")
    + style("TOC1", "toc 1")
    + style("K", "Kapitelkopf", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>')
    + style("L", "Mine", '<w:basedOn w:val="K"/>')
    + style("M", "Own", '<w:basedOn w:val="H1"/>')
    + style("C", "Chapter Title")
)


def test_the_title_of_a_document_is_no_chapter() -> None:
    front = paragraph("The Fox", "T") + paragraph("A Tale", "S") + paragraph("by Ann")
    body = paragraph("One", "H1") + paragraph("He ran.") + paragraph("Two", "H1") + paragraph("He hid.")
    found = work(docx(front + body, styles=STYLES), "x.docx")
    assert (found.title, found.authors, found.extra) == ("The Fox", ["Ann"], {"subtitle": "A Tale"})
    assert [title for title, _ in chapters(found)] == ["One", "Two"]


@pytest.mark.parametrize("look", ["K", "L", "M", "C"])
def test_styles_of_ones_own_are_headings_by_their_outline(look: str) -> None:
    body = paragraph("One", look) + paragraph("He ran.") + paragraph("Two", look) + paragraph("He hid.")
    assert chapters(work(docx(body, styles=STYLES), "x.docx")) == [("One", "<p>He ran.</p>"), ("Two", "<p>He hid.</p>")]


def test_quotations_are_quotations_and_a_table_of_contents_is_left_out() -> None:
    body = paragraph("One ... 1", "TOC1") + paragraph("He ran.") + paragraph("Words.", "Q")
    found = work(docx(body, styles=STYLES), "x.docx")
    assert chapters(found) == [("", "<p>He ran.</p><blockquote><p>Words.</p></blockquote>")]
    assert found.notices == ["The table of contents was left out."]


COMMENTS = (
    '<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:comment w:id="1"/>'
    "</w:comments>"
)


def test_changes_and_comments_are_said() -> None:
    changed = (
        '<w:p><w:r><w:t>He </w:t></w:r><w:ins w:id="1"><w:r><w:t>ran</w:t></w:r></w:ins>'
        '<w:del w:id="2"><w:r><w:delText>hid</w:delText></w:r></w:del></w:p>'
    )
    found = work(docx(changed, extra={"word/comments.xml": COMMENTS}), "x.docx")
    assert chapters(found) == [("", "<p>He ran</p>")]
    assert [notice.partition(" ")[0] for notice in found.notices] == ["The", "1"]


def test_an_author_over_the_text_who_is_not_that_of_the_properties_is_kept() -> None:
    body = paragraph("The Fox", "T") + paragraph("by Ann") + paragraph("He ran.")
    found = work(docx(body, "<dc:creator>Bob</dc:creator>", styles=STYLES), "x.docx")
    assert (found.authors, found.extra) == (["Bob"], {"byline": "Ann"})
    assert any("Ann is named" in notice for notice in found.notices)
    assert chapters(found) == [("", "<p>He ran.</p>")]
