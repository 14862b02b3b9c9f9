"""Snippets: the best place of a text, escaped, with its matches marked."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.grammar import parse
from app.search.snippets import Highlighter, fold_in_place

FILLER = "Nothing happens here at all, and it goes on not happening. " * 20


def snippet(text: str, query: str, language: str = "en") -> str:
    return Highlighter(parse(query, fields=False)).snippet(text, language)


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("The quick brown fox jumps", "fox", ["fox"]),
        ("The FOX and a Fox", "fox", ["FOX", "Fox"]),
        ("She was running and ran, runs", "run", ["running", "runs"]),
        ("A café in Paris", "cafe", ["café"]),
        ("They don't care", "dont", ["don't"]),
        ("quick brown, brown quick", '"quick brown"', ["quick brown"]),
        ("a well-read man, well read", '"well read"', ["well-read", "well read"]),
        ("wonder and wonderful", "wonder*", ["wonder", "wonderful"]),
        ("吾輩は猫である", "は猫で", ["は猫で"]),
        ("the dog, not the fox", "dog -fox", ["dog"]),
        ("foxglove is no fox", "fox", ["fox"]),
    ],
)
def test_marks(text: str, query: str, marked: list[str]) -> None:
    assert re.findall("<mark>(.*?)</mark>", snippet(text, query)) == marked


def test_shows_the_place_where_most_of_the_query_stands() -> None:
    text = FILLER + "a fox alone. " + FILLER + "the fox met the crow. " + FILLER
    found = snippet(text, "fox crow")
    assert "<mark>fox</mark> met the <mark>crow</mark>" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) < 340


def test_escapes_what_the_author_wrote() -> None:
    assert (
        snippet("1 < 2 & <script>fox</script>", "fox") == "1 &lt; 2 &amp; &lt;script&gt;<mark>fox</mark>&lt;/script&gt;"
    )


@given(st.text(max_size=400), st.sampled_from(["fox", '"a b"', "a OR b", "bc*", "日本"]))
def test_without_its_marks_it_is_a_piece_of_the_text(text: str, query: str) -> None:
    plain = html.unescape(re.sub("</?mark>", "", snippet(text.replace("&", "+"), query))).strip("…")
    assert plain in text.replace("&", "+").replace("\n", " ").replace("…", "…")


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    if not text.isascii():
        assert len(fold_in_place(text)) == len(text)


@pytest.mark.parametrize(
    ("content", "query", "expected"),
    [
        ("<p>A fox ran.</p>", "fox", "A <mark>fox</mark> ran."),
        ('<p title="fox">A <em>f</em>ox ran &amp; hid.</p>', "fox", "A <mark>fox</mark> ran &amp; hid."),
        ("<p>The quick</p><p>brown fox</p>", '"brown fox"', "The quick <mark>brown fox</mark>"),
        ("<p>The <b>quick</b> fox</p>", '"quick fox"', "The <mark>quick fox</mark>"),
    ],
)
def test_from_html(content: str, query: str, expected: str) -> None:
    assert Highlighter(parse(query, fields=False)).snippet_of_html(content, "en") == expected


def test_of_long_html_only_the_place_is_read() -> None:
    content = f"<p>{FILLER}</p>" * 40 + "<p>Then a fox came by.</p>" + f"<p>{FILLER}</p>" * 40
    found = Highlighter(parse("fox", fields=False)).snippet_of_html(content, "en")
    assert "Then a <mark>fox</mark> came by." in found
    assert found.startswith("…")
    assert found.endswith("…")
