"""Names that count: ``01 - Prologue``, ``My Story - Chapter 3 - Dusk``, ``fox07``, ``Chapter One``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.formats.file_names import unescaped
from app.formats.headings import chapter_heading

_NUMBER = r"(?P<number>[0-9]{1,4})"
_REST = r"(?:\s*[-–—:.,)\]]+\s*|\s+|$)(?P<title>.*)"
_ALONE = re.compile(rf"[#\[(]?{_NUMBER}[\])]?{_REST}")
_WORD = r"(?:chapters?|chapt?|ch|part|pt|episode|ep|kapitel|kap|chapitre|cap[ií]tulo|capitolo|hoofdstuk|глава|часть)"
_SAID = re.compile(rf"(?P<stem>.*?)[\s,;:.(\[-]*(?<![^\W\d_]){_WORD}[\s.#-]*{_NUMBER}{_REST}", re.IGNORECASE)
_AT_END = re.compile(rf"(?P<stem>.*[^\s\d(\[])(?:\s*[-–—:,.#]\s*|\s*){_NUMBER}(?:\s*[-–—:]\s*(?P<title>\S.*))?")
_SHARE = re.compile(
    rf"(?P<stem>.*?)[\s,;:.–—-]*[(\[]?(?:{_WORD}\s?)?{_NUMBER}\s?(?:/|of)\s?[0-9?]{{1,4}}[)\]]?{_REST}", re.IGNORECASE
)
_OF = re.compile(r"(?:of|/|von|de)\s*[0-9]{1,4}\b[\s:.)-]*", re.IGNORECASE)
_EDGES = " \t-–—_:;.,#(["
_LAST = frozenset(
    {"epilogue", "epílogo", "épilogue", "epilog", "эпилог", "afterword", "終章", "尾聲", "尾声", "エピローグ"}
)
_AFTER_ALL = 10_000
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Numbered:
    """A name in parts: what it shares with others, its number (0 before the first), and what is its own."""

    stem: str
    number: int
    title: str = ""

    @property
    def key(self) -> str:
        """The stem without what names differ in by chance."""
        return "".join(one for one in self.stem.casefold() if one.isalnum())

    @property
    def is_last(self) -> bool:
        """Whether it stands behind all that have numbers."""
        return self.number == _AFTER_ALL


def file_stem(name: str) -> str:
    """A file's name as people write it: without folders and ending, ``_`` and ``%20`` as blanks."""
    return " ".join(unescaped(PurePosixPath(name).stem).replace("_", " ").split())


def numbered(text: str) -> Numbered | None:
    """The parts of a name or a title that has a number, or says that it is the first or the last of others."""
    if not text or len(text) > _LONGEST:
        return None
    alone = _ALONE.fullmatch(text)
    if alone is not None:
        return _made("", alone["number"], alone["title"])
    for pattern in (_SHARE, _SAID):
        said = pattern.fullmatch(text)
        if said is not None:
            return _made(said["stem"], said["number"], said["title"])
    heading = chapter_heading(text)
    if heading is not None and heading.numbered:
        return Numbered("", heading.number, heading.title) if heading.number is not None else None
    if heading is not None:
        return Numbered("", _AFTER_ALL if heading.title.casefold() in _LAST else 0, heading.title)
    end = _AT_END.fullmatch(text)
    return _made(end["stem"], end["number"], end["title"] or "") if end is not None else None


def shared(text: str) -> Numbered | None:
    """The parts of a title that says which of how many it is: ``The Fox (2/5)``."""
    found = _SHARE.fullmatch(text) if len(text) <= _LONGEST else None
    return _made(found["stem"], found["number"], found["title"]) if found is not None else None


def _made(stem: str, number: str, title: str) -> Numbered:
    return Numbered(stem.strip(_EDGES), int(number), _OF.sub("", title, count=1).strip(_EDGES + ")]"))
