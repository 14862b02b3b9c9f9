"""Markdown files: what stands before the text, in whatever form, and what other programs put into it."""

from __future__ import annotations

import pytest

from app.formats.manuscript import Manuscript, SeriesRef, SourceRef
from tests.formats.reading import items, work

TEXT = "\n# One\n\nHe ran.\n\n# Two\n\nHe hid.\n"
YAML = """---
title: 'It''s: a fox' # of course
author:
  - Ann
  - "Bee, the \\"second\\""
fandoms: [Fables, "Crows, Owls"]
characters: Crow, Fox (the old one, grey)
relationships: Crow/Fox, Owl/Mouse
series:
  name: The Well
  index: 3
summary: >
  He runs & hides.

  Twice.
words: 1,234
source: https://archiveofourown.org/works/5
date: 2020-01-02
---
"""
TOML = (
    '+++\ntitle = "The Fox"\nauthors = ["Ann", "Bee"]\ndate = 2020-01-02\n[series]\nname = "The Well"\nindex = 3\n+++\n'
)
PANDOC = "% The Fox\n% Ann; Bee\n% 2020-01-02\n"
MULTI = "Title: The Fox\nAuthor: Ann, Bee\nDate: 2020-01-02\n"


def chapters(found: Manuscript) -> list[tuple[str, str]]:
    return [(chapter.title, chapter.content.strip()) for chapter in found.chapters]


def test_yaml_as_people_write_it() -> None:
    found = work((YAML + TEXT).encode(), "x.md")
    assert (found.title, found.authors) == ("It's: a fox", ["Ann", 'Bee, the "second"'])
    assert (found.fandoms, found.characters) == (["Fables", "Crows, Owls"], ["Crow", "Fox (the old one, grey)"])
    assert (found.relationships, found.series) == (["Crow/Fox", "Owl/Mouse"], [SeriesRef("The Well", 3)])
    assert (found.summary, found.words) == ("<p>He runs &amp; hides. Twice.</p>", 1_234)
    assert found.source == SourceRef("archiveofourown.org", "5", "https://archiveofourown.org/works/5")
    assert chapters(found) == [("One", "<p>He ran.</p>"), ("Two", "<p>He hid.</p>")]
    assert any("characters is joined by commas" in notice for notice in found.notices)


@pytest.mark.parametrize("front", [TOML, PANDOC, MULTI])
def test_other_forms_of_a_block_before_the_text(front: str) -> None:
    found = work((front + TEXT).encode(), "x.md")
    assert (found.title, found.authors, str(found.published_at)[:10]) == ("The Fox", ["Ann", "Bee"], "2020-01-02")
    assert found.series == ([SeriesRef("The Well", 3)] if front == TOML else [])
    assert (found.notes, len(found.chapters)) == ("", 2)


@pytest.mark.parametrize("front", ["---\ntitle: The Fox\n", "+++\ntitle = \n+++\n", "---\n\nHe ran.\n\n---\n"])
def test_what_is_no_such_block_stays_text(front: str) -> None:
    found = work((front + TEXT).encode(), "x.md")
    assert found.title == "x"
    assert (found.notes + "".join(chapter.content for chapter in found.chapters)).count("He ran.") >= 1
    assert len(found.chapters) == 2


def test_a_place_in_a_series_that_is_none_is_said() -> None:
    found = work(("---\nseries: The Well\nseries_index: 2.5\n---\n" + TEXT).encode(), "x.md")
    assert found.series == [SeriesRef("The Well", None)]
    assert any("2.5" in notice for notice in found.notices)


@pytest.mark.parametrize(
    "head",
    [
        "- **Rating:** Teen\n- **Fandom:** Fables\n",
        "| | |\n|---|---|\n| Rating | Teen |\n| Fandom | Fables |\n",
        "**Rating:** Teen\n**Fandom:** Fables\n",
    ],
)
def test_facts_under_the_title_may_be_a_list_or_a_table(head: str) -> None:
    found = work(f"# The Fox\n\nby Ann\n\n{head}\n## One\n\na\n\n## Two\n\nb\n".encode(), "x.md")
    assert (found.title, found.authors, found.rating, found.fandoms) == ("The Fox", ["Ann"], "teen", ["Fables"])
    assert [title for title, _ in chapters(found)] == ["One", "Two"]
    assert found.notes == ""


def test_html_is_html_and_what_only_looks_like_it_is_text() -> None:
    data = (
        b"# One {#one .x}\n\n<center>Hi</center>\n\n<grins> He <i>ran</i> <3 <sighs>\n\n<sobs>\n\n# Two\n\nb<!-- x -->"
    )
    one, two = chapters(work(data, "x.md"))
    assert one[0] == "One"
    assert "<i>ran</i> &lt;3 &lt;sighs&gt;" in one[1]
    assert "&lt;grins&gt; He" in one[1]
    assert "<p>&lt;sobs&gt;</p>" in one[1]
    assert "<center>Hi</center>" in one[1]
    assert two == ("Two", "<p>b<!-- x --></p>")


def test_tables_and_footnotes_lose_nothing() -> None:
    data = b"# One\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nText[^n].\n\n[^n]: note\n\n# Two\n\nb\n"
    content = chapters(work(data, "x.md"))[0][1]
    assert "<td>2</td>" in content
    assert "<p>[^n]: note</p>" in content


OBJECT = '{"title": "The Fox", "authors": ["Ann", "Bo"], "series": {"name": "Beasts"}, "rating": "teen", "x": null}'


@pytest.mark.parametrize(
    "front",
    [
        f"---json\n{OBJECT}\n---\n",
        f";;;\n{OBJECT}\n;;;\n",
        f"{OBJECT[:1]}\n  {OBJECT[1:-1]}\n}}\n\n",
    ],
)
def test_json_before_the_text(front: str) -> None:
    found = work(f"{front}He *ran*.\n\nHe hid.\n".encode(), "fox.md")
    assert (found.title, found.authors, found.rating) == ("The Fox", ["Ann", "Bo"], "teen")
    assert found.chapters[0].content == "<p>He <em>ran</em>.</p>\n<p>He hid.</p>"
    assert found.series == [SeriesRef("Beasts")]


@pytest.mark.parametrize(
    ("data", "file_format"),
    [
        (b'{"title": "A"}\n{"title": "B"}\n', "ndjson"),
        (b'{"title": "A"}\nno JSON\n', "ndjson"),
        (b'{\n "title": "A",\n "chapters": 3\n}\n', "works-json"),
        (b'{\n "title": "A"\n}\n{\n "title": "B"\n}\n', "works-json"),
        (b'{\n "title": "A", "title": "B"\n}\n\nText\n', "works-json"),
        (b'{"a": ' * 4_000, "ndjson"),
    ],
)
def test_json_that_is_no_head_of_a_text(data: bytes, file_format: str) -> None:
    assert {item.format for item in items(data, "x") if item.format} <= {file_format}
