"""FanFicFare's text files: values and paragraphs that were wrapped, chapters behind a tab, notes by their headings."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.wrapped_lines import unwrap
from app.formats.wrapped_markdown import to_markdown
from app.kit.html import html_to_text
from app.kit.markdown import markdown_to_html
from tests.formats import fanficfare as made
from tests.formats.reading import work

LONG = ", ".join(f"Tag number {n} of a work - Non-Graphic, or so" for n in range(1, 40) if n % 3).replace(", or so", "")


@pytest.mark.parametrize("width", [40, 60, 78, 100, 0])
def test_long_values_are_whole(width: int) -> None:
    found = work(made.text_file({"Genre": LONG}, width=width))
    assert found.freeforms == LONG.split(", ")
    assert len(found.chapters) == 2


@pytest.mark.parametrize("width", [60, 78, 0])
def test_a_wrapped_value_may_look_like_a_label(width: int) -> None:
    fandoms = ["Star Wars", "Star Trek: Deep Space Nine", "Star Trek: The Next Generation", "Star Trek: Voyager"] * 2
    named = [f"{name} {n}" for n, name in enumerate(fandoms)]
    assert work(made.text_file({"Category": ", ".join(named)}, width=width)).fandoms == named


def test_a_language_without_spaces() -> None:
    text = "\n\n".join("狐" * length for length in (300, 130, 90, 61, 40))
    found = work(made.text_file({"Language": "中文"}, [("A", f"{text}\n\n")], width=60, summary="狐狸" * 90))
    assert found.summary == f"<p>{'狐狸' * 90}</p>"
    assert found.chapters[0].content == text


def test_a_label_that_is_not_known_is_kept() -> None:
    assert work(made.text_file({"Heat": "3 of 5"})).extra == {"Heat": "3 of 5"}


@pytest.mark.parametrize("title", ["The Fox", "A " + "very " * 30 + "long title", "狐" * 200, "by and by"])
def test_titles(title: str) -> None:
    found = work(made.text_file({"Chapters": "1"}, [(title, "One.\n\n")], title=title))
    assert found.title == title
    assert [(one.title, one.content) for one in found.chapters] == [("", "One.")]


def test_a_story_without_a_title() -> None:
    found = work(made.text_file(title=""), "fox.txt")
    assert (found.title, found.authors) == ("fox", ["Ann (bee)", "Cal"])


def test_an_author_may_have_a_comma() -> None:
    assert work(made.text_file({"Author URL": "https://example.org/a"})).authors == ["Ann (bee), Cal"]


def test_a_long_address_is_whole() -> None:
    url = "https://example.org/stories/" + "a" * 200
    found = work(made.text_file({"Story URL": url, "Publisher": "example.org"}))
    assert found.source is not None
    assert found.source.url == url


def test_a_summary_keeps_its_paragraphs() -> None:
    found = work(made.text_file(summary=f"{'A crow & more. ' * 20}\n\nWords: none, <3.\n\nLast."))
    assert found.summary == f"<p>{('A crow &amp; more. ' * 20).strip()}</p><p>Words: none, &lt;3.</p><p>Last.</p>"


NOTES = (
    "**Author's Note:**\n\n  * For [owl](https://example.org/users/owl/gifts). \n\n> Of the work.\n>\n> Twice.\n\n"
    "**Summary for the Chapter:**\n\n> In short.\n\n**Notes for the Chapter:**\n\n> Before.\n\n"
)
FOOT = "**Notes for the Chapter:**\n\n> After.\n\n**Author's Note:**\n\n> At the end.\n\n"


def test_notes() -> None:
    quoted = "> A letter.  \n> Yours,\n\n"
    chapters = [("1. A", f"{NOTES}{quoted}One.\n\n"), ("2. B", f"Two.\n\n{quoted}{FOOT}")]
    found = work(made.text_file(chapters=chapters))
    one, two = found.chapters
    assert (one.summary, one.notes, one.content) == (
        "<p>In short.</p>",
        "<p>Before.</p>",
        "> A letter.  \n> Yours,\n\nOne.",
    )
    assert (two.end_notes, two.content) == ("<p>After.</p>", "Two.\n\n> A letter.  \n> Yours,")
    assert (found.notes.replace("\n", ""), found.end_notes) == (
        "<p>Of the work.</p><p>Twice.</p>",
        "<p>At the end.</p>",
    )
    assert found.gifts == ["owl"]


def test_a_note_behind_a_rule() -> None:
    data = made.text_file({"Chapters": "1"}, [("A", "One.\n\n* * *\n\n **Notes for the Chapter:**\n\n> After.\n\n")])
    found = work(data)
    assert (found.chapters[0].content, found.end_notes) == ("One.\n\n* * *", "<p>After.</p>")


def test_a_heading_of_the_story_is_no_note() -> None:
    (only,) = work(
        made.text_file({"Chapters": "1"}, [("A", "**Part one:**\n\nOne.\n\n**The end:**\n\nTwo.\n\n")])
    ).chapters
    assert only.content == "**Part one:**\n\nOne.\n\n**The end:**\n\nTwo."


def test_what_stands_behind_a_tab_in_a_story_is_no_chapter() -> None:
    chapters = [("1. A", "One.\n\n\n\n        code of its own\n\n\n\n"), ("2. B", "Two.\n\n")]
    found = work(made.text_file(chapters=chapters))
    assert [one.title for one in found.chapters] == ["A", "B"]
    assert "code of its own" in found.chapters[0].content


def test_chapters_that_are_not_where_the_contents_say() -> None:
    data = made.text_file().replace(b"        2. Chapter 2", b"        2. Otherwise")
    found = work(data)
    assert len(found.chapters) == 2
    assert any("see that all are there" in one for one in found.notices)


@pytest.mark.parametrize(
    ("lines", "markdown"),
    [
        (["One", "two  ", "three"], "One two  \nthree"),
        (["> a", "> b", ">", "> c", "", "d"], "> a b\n>\n> c\n\nd"),
        (["  * one", "  * two *x*", "", "y"], "  * one\n  * two \\*x\\*\n\ny"),
        (["* * *"], "* * *"),
        (["***"], "\\*\\*\\*"),
        (["He *grins* and **shouts**"], "He \\*grins\\* and **shouts**"),
        (["`so' he said"], "\\`so' he said"),
        (["a `code` b"], "a `code` b"),
        (["Non-", "Graphic and pre-", "1900 - or", "- so"], "Non-Graphic and pre- 1900 - or - so"),
    ],
)
def test_the_markdown_of_the_tool(lines: list[str], markdown: str) -> None:
    assert to_markdown(lines, 78) == markdown


@given(
    st.lists(st.text(st.sampled_from("ab狐 -é0."), min_size=1, max_size=120), max_size=20).map(" ".join),
    st.integers(20, 90),
)
def test_wrapping_can_be_undone_but_for_white_space(text: str, width: int) -> None:
    plain = " ".join(text.split())
    lines = textwrap.wrap(plain, width)
    assert unwrap(lines, width).replace(" ", "") == plain.replace(" ", "")
    if "-" not in plain and all(len(word) <= width for word in plain.split()):
        assert unwrap(lines, width) == plain


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=80), max_size=20))
def test_no_letter_of_a_chapter_is_lost(lines: list[str]) -> None:
    kept = "".join(html_to_text(markdown_to_html(to_markdown(lines, 78))).split())
    letters = [one for one in "".join(lines) if one.isalpha()]
    assert [one for one in kept if one.isalpha()] == letters or any(one in "".join(lines) for one in "<[&!")
