"""What authors write becomes what books may hold, rule by rule; that all of it is valid, EPUBCheck says elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from lxml import etree

from app.formats.writers.xhtml import to_xhtml
from app.formats.writers.xhtml_attributes import web_address
from app.kit.html import html_to_text
from tests.formats.manuscripts import CLEAN

CASES = {
    "void elements": ("<p>a<br>b</p><hr>", "<p>a<br/>b</p><hr/>"),
    "entities": ("<p>a&nbsp;b &amp; &lt;c&gt;</p>", "<p>a\xa0b &amp; &lt;c&gt;</p>"),
    "a block within formatting": ("<em>x<p>y</p>z</em>", "<em>x</em><p><em>y</em></p><em>z</em>"),
    "a link around blocks": (
        '<a href="https://x.example/">a<div>b</div></a>',
        '<a href="https://x.example/">a</a><div><a href="https://x.example/">b</a></div>',
    ),
    "a block within a line": ("<h1>a<div>b</div>c</h1>", "<h1>a<br/>b<br/>c</h1>"),
    "a block within preformatted text": ("<pre>a<p>b</p></pre>", "<pre>a\nb</pre>"),
    "text in a list": ("<ul>t<li>a</li><p>q</p></ul>", "<ul><li>t</li><li>a</li><li><p>q</p></li></ul>"),
    "an item without a list": ("<li>a</li>", "<div>a</div>"),
    "a description without a term": (
        "<dl><dd>x</dd><dt>y</dt></dl>",
        "<dl><dt></dt><dd>x</dd><dt>y</dt><dd></dd></dl>",
    ),
    "details without a summary": ("<details>x</details>", "<details><summary>…</summary>x</details>"),
    "a summary too late": (
        "<details>x<summary>s</summary></details>",
        "<details><summary>…</summary>x<div>s</div></details>",
    ),
    "a caption that is last": (
        "<figure>x<figcaption>c</figcaption> </figure>",
        "<figure>x<figcaption>c</figcaption> </figure>",
    ),
    "a caption in the middle": (
        "<figure>x<figcaption>c</figcaption>y</figure>",
        "<figure>x<div>c</div>y</figure>",
    ),
    "a foot before the rows": (
        "<table><tfoot><tr><td>f</td></tr></tfoot><tbody><tr><td>1</td></tr></tbody></table>",
        "<table><tbody><tr><td>f</td></tr></tbody><tbody><tr><td>1</td></tr></tbody></table>",
    ),
    "a second head": (
        "<table><thead><tr><th>a</th></tr></thead><thead><tr><th>b</th></tr></thead></table>",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><th>b</th></tr></tbody></table>",
    ),
    "ruby": (
        "<ruby>漢<rt>kan</rt>字<rp>(</rp><rt>ji</rt><rp>)</rp>x</ruby>",
        "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字<rp>(</rp><rt>ji</rt><rp>)</rp></ruby>x",
    ),
    "formatting across a reading": (
        "<ruby><b>漢<rt>kan</rt></b></ruby>",
        "<ruby><b>漢</b><rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
    ),
    "elements that are gone": (
        "<center>a</center><strike>b</strike><tt>c</tt><acronym>d</acronym><big>e</big>",
        '<div class="center">a</div><s>b</s><code>c</code><abbr>d</abbr><span class="big">e</span>',
    ),
    "attributes that are gone": (
        '<p align="right" lang="x!y" dir="up" title="t">a</p><bdo>b</bdo>',
        '<p class="align-right" title="t">a</p><span>b</span>',
    ),
    "languages": ('<p lang="fr">a</p>', '<p lang="fr" xml:lang="fr">a</p>'),
    "a link that leads nowhere": ('<a href="two.html">a</a>', "<span>a</span>"),
    "a link within a link": (
        '<a href="https://x.example/">a<table><tbody><tr><td><a href="https://y.example/">b</a></td></tr></tbody></table></a>',
        (
            '<a href="https://x.example/">a</a>'
            '<table><tbody><tr><td><a href="https://x.example/">b</a></td></tr></tbody></table>'
        ),
    ),
    "an image": ('<img src="https://x.example/i.png" alt="A fox">', '<a href="https://x.example/i.png">A fox</a>'),
    "an image in a link": (
        '<a href="https://y.example/"><img src="https://x.example/i.png" alt=""></a>',
        '<a href="https://y.example/">Image</a>',
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_authors_write(name: str) -> None:
    html, expected = CASES[name]
    assert to_xhtml(html) == expected


@given(CLEAN)
def test_everything_is_well_formed_and_nothing_is_lost(html: str) -> None:
    made = to_xhtml(html)
    etree.fromstring(f"<body>{made}</body>")
    if "<img" in html or "<rp" in html or "<rt" in html or "<col" in html:
        return  # shown in other words
    before, after = ("".join(html_to_text(text).split()) for text in (html, made.replace("/>", ">")))
    for mark in "*-1234567890.()>…":
        before, after = before.replace(mark, ""), after.replace(mark, "")
    assert after == before


def test_formatting_around_many_blocks_does_not_blow_a_text_up() -> None:
    html = f'<em title="{"x" * 10_000}">{"<p>a</p>" * 10_000}</em>'
    made = to_xhtml(html)
    assert len(made) < 8 * len(html)
    assert html_to_text(made).split() == ["a"] * 10_000


@pytest.mark.parametrize(
    "html", ["a < b & c > d", "</p></em>", "<p><em>open", "<ruby>open<rt>x", "&copy; &unknown; &#0;"]
)
def test_what_is_not_clean_is_still_well_formed(html: str) -> None:
    etree.fromstring(f"<body>{to_xhtml(html)}</body>")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.example", "https://x.example/"),
        ("HTTP://X.example:80/a b?c=[d]&e#f#g", "http://x.example:80/a%20b?c=%5Bd%5D&e#f%23g"),
        ("https://例え.jp/パス", "https://xn--r8jz45g.jp/%E3%83%91%E3%82%B9"),
        ("https://x.example/100%", "https://x.example/100%25"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("http://x:99999/", None),
        ("http://[::1]/", None),
        ("//x.example/", None),
        ("javascript:alert(1)", None),
        ("chapter2.html", None),
        ("#note", None),
        ("http://", None),
    ],
)
def test_addresses(address: str, expected: str | None) -> None:
    assert web_address(address) == expected
