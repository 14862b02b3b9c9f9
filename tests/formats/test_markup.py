"""Trees of HTML and XML, from good and bad bytes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats.markup import (
    LARGEST,
    MOST_TAGS,
    decode_markup,
    inner_html,
    outer_html,
    parse_html,
    parse_xhtml,
    parse_xml,
    text_of,
)
from app.formats.problems import Unreadable
from app.kit.text import find_bad_character


def test_what_stands_inside_an_element() -> None:
    body = parse_html("<body> a &lt; <b>c</b> d<br>e<!-- note --><p>f</p>\n</body>").find("body")
    assert inner_html(body) == "a &lt; <b>c</b> d<br>e<!-- note --><p>f</p>"
    assert text_of(body) == "a < c d ef"
    assert (inner_html(None), text_of(None)) == ("", "")
    bold = parse_html("<p><b>x</b> tail</p>").find(".//b")
    assert bold is not None
    assert (outer_html(bold), outer_html(bold, tail=True)) == ("<b>x</b>", "<b>x</b> tail")


@pytest.mark.parametrize(
    ("data", "text", "notice"),
    [
        ("<p>Żółw</p>".encode(), "Żółw", None),
        (b"\xef\xbb\xbf<p>\xc3\xa9</p>", "é", None),
        ("<p>é</p>".encode("utf-16"), "é", None),
        ('<meta charset="windows-1251"><p>Лес</p>'.encode("cp1251"), "Лес", None),
        ("<meta http-equiv=x content='text/html; charset=ISO-8859-1'><p>“é”</p>".encode("cp1252"), "“é”", None),
        ('<?xml version="1.0" encoding="koi8-r"?><p>Лес</p>'.encode("koi8-r"), "Лес", None),
        ("<meta charset='ascii'><p>é</p>".encode(), "é", None),
        ("<meta charset='no such thing'><p>é</p>".encode(), "é", None),
        (
            ("<p>" + "Это лес, а это поле и река. " * 20 + "</p>").encode("cp1251"),
            "Это лес",
            "The encoding was guessed: cp1251.",
        ),
    ],
)
def test_encodings(data: bytes, text: str, notice: str | None) -> None:
    assert text_of(parse_html(data)).startswith(text)
    assert decode_markup(data)[1] == notice


def test_names_of_characters_are_known_without_a_dtd() -> None:
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
    root = parse_xhtml(f'{doctype}<html xmlns="http://www.w3.org/1999/xhtml"><p>a&nbsp;b&mdash;c&amp;d&lt;</p></html>')
    assert text_of(root) == "a b—c&d<"
    assert [element.tag for element in root.iter()] == ["html", "p"]


def test_what_is_no_xml_is_mended_as_html() -> None:
    assert text_of(parse_xhtml("<html><p>a<p>b & c</html>")) == "ab & c"
    with pytest.raises(Unreadable) as caught:
        parse_xml(b"<a><b></a>")
    assert (caught.value.code, caught.value.pointer) == ("bad-xml", "line 1")


@pytest.mark.parametrize("parse", [parse_html, parse_xml, parse_xhtml])
@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("<div>" * 100_000, "too-deep"),
        ("<div>" * 400 + "</div>" * 400, "too-deep"),
        ("<br>" * (MOST_TAGS + 1), "too-complex"),
        (b" " * (LARGEST + 1), "too-large"),
        (b"  \n", "empty-file"),
        (("é" * 40).encode() + b"\xff", "not-utf-8"),
    ],
)
def test_what_is_refused(parse: object, source: bytes | str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(source)  # type: ignore[operator]
    assert caught.value.code == code


@pytest.mark.parametrize("source", [" " * 10**6, "<!DOCTYPE" * 100_000, "<?xml " * 100_000, "<p " + "a" * 10**6])
def test_nothing_is_looked_through_twice(source: str) -> None:
    for parse in (parse_html, parse_xml):
        with contextlib.suppress(Unreadable):
            parse(source)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_neither_expanded_nor_fetched(encoding: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x "xxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
    file = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    quoted = '<!DOCTYPE a PUBLIC ">" "x" [<!ENTITY x "y">]><a>&x;</a>'
    for text in (bomb, file, bomb.replace("DOCTYPE", "doctype"), quoted):
        with pytest.raises(Unreadable) as caught:
            parse_xml(text.encode(encoding))
        assert caught.value.code in {"xml-entities", "bad-xml"}
        assert "root:" not in text_of(parse_html(text.encode(encoding)))


def test_characters_that_no_text_may_hold_are_left_out() -> None:
    root = parse_html("<p title='x'>a&#1;b\x0bc&#x9d;\x85d&#xfffe;\ud800e\0f</p>")
    for text in (text_of(root), inner_html(root), outer_html(root)):
        assert find_bad_character(text) is None


_PIECES = st.sampled_from(
    [
        "<",
        ">",
        "<p>",
        "</p>",
        "&",
        "&#0;",
        "&#xd800;",
        "<!--",
        "]]>",
        "<![CDATA[",
        "<?x",
        "é",
        "\0",
        '"',
        "<svg/>",
        "<a b='",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.lists(_PIECES, max_size=30).map("".join), st.text(max_size=50), st.binary(max_size=50)))
def test_whatever_comes_is_a_tree_or_refused(source: str | bytes) -> None:
    for parse in (parse_html, parse_xml, parse_xhtml):
        try:
            root = parse(source)
        except Unreadable:
            continue
        assert find_bad_character(text_of(root) + inner_html(root)) is None
