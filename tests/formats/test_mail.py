"""Messages to lists: stories, their parts, and what is none."""

from __future__ import annotations

import base64
import quopri
from email.message import EmailMessage

import pytest

from app.formats.manuscript import Manuscript
from tests.formats.reading import codes, items, work

STORY = "\n\n".join(f"The fox ran over hill number {number}, and hid in the dark of the wood." for number in range(12))


def message(subject: str, text: str = STORY, sender: str = "Ann Example <ann@mail.example>", **headers: str) -> bytes:
    told = {"From": sender, "Subject": subject, "Date": "Wed, 02 May 2001 10:00:00 +0200", **headers}
    told.setdefault("Message-ID", f"<{abs(hash(subject + text))}@mail.example>")
    return ("".join(f"{name}: {value}\n" for name, value in told.items()) + f"\n{text}\n").encode()


def mbox(*messages: bytes) -> bytes:
    return b"".join(b"From ann@mail.example Wed May 02 10:00:00 2001\n" + one + b"\n" for one in messages)


def text_of(found: Manuscript) -> str:
    return " ".join(chapter.content for chapter in found.chapters)


def test_a_message_is_a_work() -> None:
    found = work(message("[foxes] FIC: The Fox", f"{STORY}\n-- \nList rules here", **{"Message-ID": "<1@x>"}), "x.eml")
    assert (found.title, found.authors, str(found.published_at)) == (
        "The Fox", ["Ann Example"], "2001-05-02 08:00:00+00:00",
    )  # fmt: skip
    assert (found.key, found.extra["Subject"]) == ("mail:<1@x>", "[foxes] FIC: The Fox")
    assert "hill number 11" in text_of(found)
    assert "List rules" not in text_of(found)
    assert "ann@mail" not in repr(found)


def test_the_head_over_a_story_says_more_than_that_of_the_message() -> None:
    head = "Title: The Fox at Noon\nAuthor: Bo\nFandom: Fables\nRating: PG-13\n\n"
    found = work(message("FIC: fox", head + STORY, Newsgroups="alt.foxes.creative"))
    assert (found.title, found.authors, found.fandoms, found.rating) == ("The Fox at Noon", ["Bo"], ["Fables"], "teen")


def test_parts_of_a_story_are_its_chapters_and_replies_are_none() -> None:
    data = mbox(
        message("FIC: The Fox (2/3)", STORY.replace("hill", "river")),
        message("Re: FIC: The Fox (1/3)", "So good!"),
        message("hello", "I am new here."),
        message("FIC: The Fox (1/3)"),
        message("FIC: The Fox (3/3)", STORY.replace("hill", "lake")),
        message("Another", STORY.replace("fox", "crow")),
    )
    found = items(data, "list.mbox")
    assert [item.problem["code"] if item.problem else None for item in found] == ["no-story", "no-story", None, None]
    other, fox = found[2].manuscript, found[3].manuscript
    assert other is not None
    assert fox is not None
    assert (other.title, found[2].input, found[2].alone) == ("Another", "list.mbox message 6", False)
    assert (fox.title, len(fox.chapters)) == ("The Fox", 3)
    assert ["river" in chapter.content for chapter in fox.chapters] == [False, True, False]


def test_a_greeting_is_no_title_and_a_long_reply_no_story() -> None:
    assert work(message("FIC: The Fox", f"Hi all\n\n{STORY}")).title == "The Fox"
    assert codes(message("Re: FIC: The Fox", f"Hi all\n\n{STORY}")) == ["no-story"]


def encoded(how: str) -> bytes:
    told = EmailMessage()
    told["From"], told["Subject"] = "Zoë <zoe@mail.example>", "Füchse"
    told.set_content(f"Füchse. {STORY}", cte=how)
    told.add_alternative(f"<html><body><p>Füchse. {STORY}</p></body></html>", subtype="html")
    told.add_attachment(b"x" * 100, maintype="image", subtype="png", filename="x.png")
    return told.as_bytes()


@pytest.mark.parametrize("how", ["base64", "quoted-printable", "8bit"])
def test_encodings_of_mail(how: str) -> None:
    found = work(encoded(how), "x.eml")
    assert (found.title, found.authors) == ("Füchse", ["Zoë"])
    assert "Füchse. The fox" in text_of(found)


def test_old_code_pages_and_pages_alone() -> None:
    body = quopri.encodestring(("Les élèves. " + STORY).encode("cp1252"))
    head = b"From: a@b.example\nSubject: =?iso-8859-1?q?=C9t=E9?=\nMIME-Version: 1.0\n"
    kind = b"Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: quoted-printable\n\n"
    found = work(head + kind + body)
    assert (found.title, found.authors, "Les élèves" in text_of(found)) == ("Été", ["a"], True)
    page = base64.encodebytes(f"<h1>The Hen</h1><p>{STORY}</p>".encode())
    found = work(head + b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + page)
    assert found.title == "The Hen"


def test_broken_messages_never_raise() -> None:
    data = mbox(encoded("base64"), message("FIC: The Fox (1/2)"), message("FIC: The Fox (2/2)", STORY + "x"))
    for cut in range(0, len(data), 131):
        assert all(item.problem or item.manuscript for item in items(data[:cut], "x.mbox"))
        assert all(item.problem or item.manuscript for item in items(data[cut:], "x.mbox"))
    assert codes(mbox(message("A", "Content-Type: multipart/mixed"))) == ["no-story"]


def test_a_letter_in_a_story_is_no_message() -> None:
    (item,) = items(b"From: Ann\nSubject: the fox\n\nDear Bo, it ran away.\n", "letter.txt")
    assert item.format == "plain-text"
