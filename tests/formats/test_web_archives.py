"""Pages saved as one file (MHTML), which are read as the pages that they hold."""

from __future__ import annotations

import quopri

import pytest

from tests.formats.ao3 import Chapter, Dialect, download
from tests.formats.reading import codes, items, work

PAGE = download(Dialect(title="Caf\u00e9"), [Chapter("Chapter 1: The Owl"), Chapter("Chapter 2")])
PLACE = "https://example.org/stories/7"


def saved(page: bytes, *, kind: str = "text/html", place: str = PLACE, begins: str = "From: <Saved by Blink>") -> bytes:
    head = (
        f'{begins}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n'
        f'\tboundary="----Next----"\r\n\r\n\r\n------Next----\r\nContent-Type: {kind}; charset=utf-8\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: {place}\r\n\r\n"
    )
    other = b"\r\n------Next----\r\nContent-Type: text/css\r\n\r\np { color: red }\r\n------Next------\r\n"
    return head.encode() + quopri.encodestring(page) + other


@pytest.mark.parametrize("begins", ["From: <Saved by Blink>", "Snapshot-Content-Location: x", "Subject: Owls"])
def test_the_page_is_read_as_if_it_were_alone(begins: str) -> None:
    assert work(saved(PAGE, begins=begins)) == work(PAGE)
    assert work(saved(PAGE)).title == "Caf\u00e9"


def test_where_it_was_saved_from_is_known() -> None:
    story = b"<!DOCTYPE html><html><head><title>Owls</title></head><body><p>It rained.</p></body></html>"
    found = work(saved(story))
    assert found.source is not None
    assert (found.source.url, found.title) == (PLACE, "Owls")
    for place in ("cid:frame@mhtml.blink", "https://e.org/--><script>"):
        assert work(saved(story, place=place)).source is None


def test_files_without_a_page_and_letters_about_one() -> None:
    assert codes(saved(PAGE, kind="image/png")) == ["nothing-to-read"]
    assert codes(saved(b"")) == ["nothing-to-read"]
    assert codes(b"bplist00\xd1\x01\x02_\x10\x0fWebMainResource") == ["unsupported-format"]
    (letter,) = items(b"From: Ann\n\nDear Bob,\n\nit rained, and we went home.\n")
    assert letter.format == "plain-text"
