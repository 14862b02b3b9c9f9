"""Backups of journals, saved entries, and files as old systems wrote them."""

from __future__ import annotations

from html import escape

from tests.formats.reading import codes, items, work
from tests.formats.test_loose_files import html

HEAD = "<b>Title:</b> The Fox\n<b>Author:</b> ann\n<b>Fandom:</b> Fables\n<b>Rating:</b> PG\n\n"


def entry(subject: str, text: str, number: int = 1, **members: str) -> str:
    told = "".join(f"<{name}>{value}</{name}>" for name, value in members.items())
    date = "<eventtime>2004-05-06 10:00:00</eventtime>"
    return (
        f"<entry><itemid>{number}</itemid>{date}<subject>{subject}</subject><event>{escape(text)}</event>{told}</entry>"
    )


def export(*entries: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<livejournal>{"".join(entries)}</livejournal>'.encode()


def test_entries_that_are_stories_are_works() -> None:
    found = items(
        export(
            entry("today", "I ate."),
            entry("Fic: The Fox", HEAD + "It ran.\n\nIt <i>hid</i>.", 2, security="usemask"),
            entry("Drabble: Hen", "It was careful.", 3, security="private", taglist="birds, fic"),
        ),
        "2004-05.xml",
    )
    assert [item.problem["code"] if item.problem else item.input for item in found] == [
        "no-story", "2004-05.xml entry 2", "2004-05.xml entry 3",
    ]  # fmt: skip
    fox, hen = found[1].manuscript, found[2].manuscript
    assert fox is not None
    assert hen is not None
    assert (fox.title, fox.authors, fox.fandoms, fox.rating) == ("The Fox", ["ann"], ["Fables"], "general")
    assert fox.chapters[0].content == "<p>It ran.</p><p>It <i>hid</i>.</p>"
    assert (fox.visibility, str(fox.published_at)[:10]) == ("registered", "2004-05-06")
    assert (hen.title, hen.state, hen.freeforms, hen.extra["tags"]) == ("Hen", "draft", [], "birds, fic")


def test_parts_in_entries_are_chapters() -> None:
    one = (entry(f"Fic: The Fox ({n}/2)", f"It ran {n}.", n) for n in (2, 1))
    (found,) = items(export(*one), "x.xml")
    assert found.manuscript is not None
    assert found.manuscript.title == "The Fox"
    assert [chapter.content for chapter in found.manuscript.chapters] == ["It ran 1.", "It ran 2."]


def test_an_entry_a_file() -> None:
    data = f"""<?xml version="1.0"?>
<event>
<itemid>7</itemid><eventtime>2004-05-06 10:00:00</eventtime><subject>Fic</subject>
<url>https://ann.livejournal.com/1234.html</url><event>{escape(HEAD)}It ran.</event></event>""".encode()
    found = work(data, "L-7")
    assert (found.title, found.source is not None) == ("The Fox", True)
    assert codes(data.replace(b"It ran.", b"").replace(escape(HEAD).encode(), b""), "L-7") == ["no-text"]
    for cut in range(0, len(data), 17):
        assert all(item.problem or item.manuscript for item in items(data[:cut], "L-7"))


def test_a_saved_entry_whose_lines_end_in_breaks() -> None:
    head = HEAD.replace("\n", "<br>")
    found = work(html(f"<div class='entry-content'>{head}It ran.<br><br>It hid.<br></div>", "<title>ann: fic</title>"))
    assert (found.title, found.authors, found.rating) == ("The Fox", ["ann"], "general")
    assert found.chapters[0].content == "<p>It ran.</p><p>It hid.</p>"


def test_xml_that_is_no_page_is_not_read_as_one() -> None:
    data = b'<?xml version="1.0"?>\n<tumblr><posts><post><title>x</title><p>Text of it</p></post></posts></tumblr>'
    assert codes(data, "posts.xml") == ["unsupported-format"]
    page = b'<?xml version="1.0"?>\n<!DOCTYPE html><html><body><p>Text of it.</p></body></html>'
    assert codes(page, "x.xhtml") == [None]


def test_utf_16_without_a_mark() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        found = work("The Fox\n\nby Zoë\n\nIt ran over the hill.".encode(encoding), "x.txt")
        assert (found.title, found.authors, found.notices) == (
            "The Fox", ["Zoë"], [f"The encoding was guessed: {encoding}."],
        )  # fmt: skip
    assert codes(b"It\0 ran over the hill, and more.", "x.txt") == ["bad-character"]
