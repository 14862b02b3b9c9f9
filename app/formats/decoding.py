"""From the bytes of a text file to its characters, with a notice where the encoding was guessed."""

from __future__ import annotations

from app.formats.manuscript import Manuscript
from app.formats.problems import Unreadable
from app.kit.encoding import UndecodableText, decode
from app.kit.text import find_bad_character


def decoded(data: bytes, work: Manuscript) -> str:
    """The text as it stands; raises :class:`Unreadable` (``not-utf-8``)."""
    try:
        text, encoding, guessed = decode(data)
    except UndecodableText as error:
        raise Unreadable("not-utf-8", str(error)) from error
    if guessed:
        work.notices.append(f"The encoding was guessed: {encoding}.")
    return text


def decoded_lines(data: bytes, work: Manuscript) -> str:
    r"""The same with ``\n`` at the ends of lines and pages; raises ``bad-character`` for what no text may hold."""
    text = decoded(data, work).removeprefix("\ufeff")
    bad = find_bad_character(text.replace("\f", "\n"))  # a form feed is a page's end, nothing worse
    if bad is not None:
        raise Unreadable("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", str(bad[0]))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
