"""What authors write over a story: title, author, and labelled lines, in whatever kind of file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.formats.manuscript import Manuscript
from tests.formats.reading import work

LINES = (
    "Title: The Fox",
    "Author: Ann",
    "Fandom: Fables",
    "Pairing: Crow/Fox, Owl/Mouse",
    "Rating: PG-13",
    "Warnings: none",
    "Status: Complete",
    "Date: 2001-05-02",
    "Disclaimer: Not mine.",
    "Summary: He runs.",
)
STORY = ("He ran.", "He hid.")


def text(lines: tuple[str, ...], between: str = "\n") -> bytes:
    return f"{between.join(lines)}\n\n{STORY[0]}\n\n{STORY[1]}\n".encode()


def page(lines: tuple[str, ...], between: str) -> bytes:
    said = "<br>".join(lines) if between == "<br>" else "</p><p>".join(lines)
    return f"<!DOCTYPE html><html><body><p>{said}</p><p>{STORY[0]}</p><p>{STORY[1]}</p>".encode()


FILES = {
    "text": text(LINES),
    "text with blank lines": text(LINES, "\n\n"),
    "text whose summary stands below": text((*LINES[:-1], "Summary:\n\nHe runs.")),
    "text with marks": text(tuple(f"**{line.replace(': ', ':** ')}" for line in LINES)),
    "wrapped text": text(tuple(line.replace("Owl/", "\nOwl/") for line in LINES)),
    "Markdown": b"# The Fox\n\n" + text(tuple(f"**{line.replace(': ', ':** ')}" for line in LINES[1:]), "  \n"),
    "a page of paragraphs": page(LINES, "<p>"),
    "a page of lines": page(LINES, "<br>"),
}


@pytest.mark.parametrize("name", FILES)
def test_labels_over_a_story_say_what_is_what(name: str) -> None:
    found = work(FILES[name], "x.md" if name == "Markdown" else "x")
    assert (found.title, found.authors, found.fandoms) == ("The Fox", ["Ann"], ["Fables"])
    assert (found.relationships, found.rating, found.status) == (["Crow/Fox", "Owl/Mouse"], "teen", "complete")
    assert (found.warnings, found.summary) == ([], "<p>He runs.</p>")
    assert found.published_at == datetime(2001, 5, 2, tzinfo=UTC)
    assert found.extra == {"Disclaimer": "Not mine."}
    assert words(found) == "He ran. He hid."


def words(found: Manuscript) -> str:
    content = "\n\n".join(chapter.content for chapter in found.chapters)
    return " ".join(content.replace("<p>", " ").replace("</p>", " ").split())


def test_notes_over_a_story_are_its_notes() -> None:
    data = b"Title: The Fox\nRating: K\nA/N: For <owl>.\n\nAn aside.\n\nChapter 1\n\nHe ran.\n\nChapter 2\n\nHe hid.\n"
    found = work(data)
    assert found.notes == "<p>For &lt;owl&gt;.</p><p>An aside.</p>"
    assert len(found.chapters) == 2


def test_a_category_is_no_fandom_here() -> None:
    found = work(text(("Title: The Fox", "Rating: G", "Category: Angst")))
    assert (found.fandoms, found.categories) == ([], [])
    assert found.extra == {"Category": ["Angst"]}


@pytest.mark.parametrize(
    "lines",
    [
        ("Ann: He ran.", "Bob: He hid.", "Ann: No!"),
        ("Note: this is how it began", "And so it went."),
        ("He said the following: run", "Title: what title?"),
    ],
)
def test_what_only_looks_like_a_head_stays_text(lines: tuple[str, ...]) -> None:
    found = work(text(lines))
    assert words(found) == " ".join([*" ".join(lines).split(), "He ran. He hid."])
    assert (found.rating, found.extra) == (None, {})


def test_a_file_that_is_nothing_but_a_head_stays_text() -> None:
    assert "Fables" in work("\n".join(LINES).encode()).chapters[0].content
    assert "Fables" in work(page(LINES, "<p>").replace(b"<p>He ran.</p><p>He hid.</p>", b"")).chapters[0].content


def test_title_and_author_may_be_plain_paragraphs() -> None:
    body = "<!DOCTYPE html><html><body><p>The Fox</p><p>by Ann Bee</p><p>Chapter 1</p><p>a</p><p>Chapter 2</p><p>b</p>"
    found = work(body.encode())
    assert (found.title, found.authors, found.notes) == ("The Fox", ["Ann Bee"], "")
    told = work(b"<!DOCTYPE html><html><body><p>He stood</p><p>by the door, waiting.</p><p>Then he ran.</p>")
    assert told.authors == []


def test_a_message_to_a_list() -> None:
    head = "From: Ann\nSubject: NEW: The Fox (1/1)\nNewsgroups: alt.foxes\nDate: Tue, 2 Jan 2001\n\nTITLE: The Fox\n"
    found = work(f"{head}AUTHOR: Ann\nRATING: PG\nKEYWORDS: run\n\n*****\n\nHe ran.\n\nHe hid.\n".encode())
    assert (found.title, found.authors, found.rating) == ("The Fox", ["Ann"], "general")
    assert str(found.published_at)[:10] == "2001-01-02"
    assert found.extra == {"From": "Ann", "Subject": "NEW: The Fox (1/1)", "KEYWORDS": "run"}
    assert words(found) == "He ran. He hid."


def test_title_and_author_stand_over_the_labels() -> None:
    found = work(b"The Fox\nBy: Ann\n\nRated: T\nGenre: Drama\nWords: 1,234\n\nHe ran.\n\nHe hid.\n")
    assert (found.title, found.authors, found.rating, found.words) == ("The Fox", ["Ann"], "teen", 1_234)
    assert words(found) == "He ran. He hid."
