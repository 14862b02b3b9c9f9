"""Cleaned HTML as blocks, text and Markdown, and back."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.html import (
    HtmlRefused,
    clean_html,
    count_html_words,
    html_blocks,
    html_to_markdown,
    html_to_text,
    markdown_to_html,
    text_to_html,
)
from app.kit.words import count_words

_NAMES = [
    "p",
    "em",
    "b",
    "i",
    "s",
    "del",
    "div",
    "blockquote",
    "span",
    "h2",
    "ul",
    "ol",
    "li",
    "a",
    "code",
    "pre",
    "sub",
    "dl",
    "dd",
    "dt",
    "u",
    "strong",
]
_TAGS = [f"<{slash}{name}>" for name in _NAMES for slash in ("", "/")]
_WORDS = [
    *(
        "x",
        "word",
        " ",
        "a b",
        "\u00e9",
        ".",
        "\u00ab",
        "\U0001f495",
        "!",
        "1. z",
        "- k",
        "# h",
        "#",
        "=",
        "+",
        "===",
    ),
    *(
        "*",
        "_",
        "**",
        "~~",
        "`",
        "``",
        "\\",
        "[l](m)",
        "[x]: y",
        "&lt;b&gt;",
        "&amp;amp;",
        "&nbsp;",
        "\n",
        "    code",
    ),
]
_BREAKS = ["<br>", "<hr>", '<a href="http://x/a b(c)">']
_fragments = st.lists(st.sampled_from(_TAGS + _WORDS + _WORDS + _BREAKS), max_size=20).map("".join)


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ("<p>Don't re-read it -- please.</p>", 4),
        ("<p>one</p>two<br/>three", 3),
        ("un<em>believ</em>able", 1),
        ("<p></p>", 0),
        ("<p>* * *</p>", 0),
        ('<p title="a b c">x</p>', 1),
        ("<ul><li>a</li><li>b</li></ul>", 2),
        ("<table><tr><td>a</td><td>b</td></tr></table>", 2),
        ("<ruby>\u6f22<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", 1),
        ("<p>&lt;b&gt; x</p>", 2),
        ("a<wbr>b", 1),
    ],
)
def test_words_of_html(html: str, count: int) -> None:
    assert count_html_words(clean_html(html)) == count


@given(_fragments)
def test_words_are_those_of_the_blocks(html: str) -> None:
    cleaned = clean_html(html)
    assert count_html_words(cleaned) == sum(map(count_words, html_blocks(cleaned)))


def test_blocks() -> None:
    html = "<h2>A &amp; b</h2><p>un<em>believ</em>able<br>x</p><ruby>\u6f22<rt>kan</rt></ruby>"
    assert html_blocks(html) == ["A & b", "unbelievable", "x", "\u6f22"]


def test_plain_text_makes_paragraphs() -> None:
    assert text_to_html("a\r\nb\r\n \r\n\r\nc <d> & e") == "<p>a<br>b</p>\n<p>c &lt;d&gt; &amp; e</p>"
    assert text_to_html(" \n\n ") == ""


@given(st.text(alphabet="ab <&>\n\r\t\u2028\u00e9"))
def test_plain_text_survives(text: str) -> None:
    html = clean_html(text_to_html(text))
    assert html_to_text(html).split() == text.split()


def test_html_as_text() -> None:
    html = (
        "<h1>T</h1><p>a  b<br>c</p><blockquote><p>q</p></blockquote><hr><ul><li>x</li><li>y</li></ul>"
        "<ol><li>one</li><li>two</li></ol><pre>k\n  l</pre>"
    )
    expected = "T\n\na b\nc\n\n> q\n\n* * *\n\n- x\n\n- y\n\n1. one\n\n2. two\n\nk\n  l"
    assert html_to_text(html) == expected


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a <em>b</em> <strong>c</strong></p>", "a _b_ **c**\n"),
        ("<p>un<em>believ</em>able</p>", "un*believ*able\n"),
        ("<p><b><i>x</i></b></p>", "**_x_**\n"),
        ("<h2>T #</h2>", "## T \\#\n"),
        ("<p>1. a</p><p>- b</p><p># c</p>", "1\\. a\n\n\\- b\n\n\\# c\n"),
        ("<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "- a\n\n- b\n\n  1. c\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b\n"),
        ('<p><a href="http://x/(y)">z</a>!</p>', "[z](http://x/%28y%29)!\n"),
        ('<img src="http://x/y" alt="a]">', "![a\\]](http://x/y)\n"),
        ("<p>a<br>b</p><hr>", "a\\\nb\n\n* * *\n"),
        ("<pre>x\n  *y*</pre>", "```\nx\n  *y*\n```\n"),
        ("<p><code>a`b</code></p>", "``a`b``\n"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a \\| b \\|\n"),
        ("<p><s>x</s> <u>y</u></p>", "~~x~~ y\n"),
        ("", ""),
    ],
)
def test_html_as_markdown(html: str, markdown: str) -> None:
    assert html_to_markdown(html) == markdown


@settings(max_examples=1000)
@given(_fragments)
def test_text_survives_markdown(html: str) -> None:
    cleaned = clean_html(html)
    back = clean_html(markdown_to_html(html_to_markdown(cleaned)))
    assert _letters(back) == _letters(cleaned)


def _letters(html: str) -> str:
    return re.sub(r"\s+", "", "".join(html_blocks(html)))


@pytest.mark.parametrize("tag", ["div", "blockquote", "em", "ul", "ol><li", "span", "code"])
def test_depth_is_no_trouble(tag: str) -> None:
    cleaned = clean_html(f"<{tag}>" * 90 + "x" + "<p>y")
    for form in (html_to_text, html_to_markdown):
        assert "x" in form(cleaned)
        assert "y" in form(cleaned)
    assert _letters(clean_html(markdown_to_html(html_to_markdown(cleaned)))) == "xy"


def test_markdown_in() -> None:
    assert markdown_to_html("*a* ~~b~~ <i>c</i>") == "<p><em>a</em> <s>b</s> &lt;i&gt;c&lt;/i&gt;</p>\n"
    with pytest.raises(HtmlRefused) as caught:
        markdown_to_html("x" * 1_000_001)
    assert caught.value.code == "markdown-too-long"


def test_ruby_readings_stand_in_brackets_with_or_without_rp() -> None:
    html = "<p><ruby>兜<rt>かぶと</rt></ruby>が<ruby>時<rp>(</rp><rt>とき</rt><rp>)</rp></ruby></p>"
    assert html_to_text(html) == "兜(かぶと)が時(とき)"
    assert html_blocks(html) == ["兜が時"]
