"""Files that are nothing but names and values of one story (YAML, or labelled lines): metadata, no text."""

from __future__ import annotations

import re

from app.formats.beside import NO_TEXT
from app.formats.decoding import decoded_lines
from app.formats.front_fields import take_front
from app.formats.front_matter import read_lines
from app.formats.labelled_head import read_head, take
from app.formats.manuscript import Manuscript
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.formats.text_layout import blocks_of

LARGEST = 1024 * 1024
_ENDINGS = (".yaml", ".yml")
_LIST = re.compile(r"^[^\n:]{1,60}:[ \t]*\[|^[ \t]*-[ \t]", re.MULTILINE)
_NAMES_TITLE = frozenset({"title", "story title", "name"})


def score(head: bytes, name: str) -> float:
    """Only where the name says so: a text may begin with such lines, too."""
    return 0.5 if name.lower().endswith(_ENDINGS) and b"\0" not in head else 0.0


def _manuscript(data: bytes) -> Manuscript:
    work = Manuscript()
    text = decoded_lines(data, work)
    blocks = blocks_of(text.split("\n"))
    head = read_head(blocks)
    values = read_lines(text.strip() + "\n")
    if head is not None and head.blocks == len(blocks) and not (values and _LIST.search(text)):
        take(work, head.work)
    else:
        if not _NAMES_TITLE.intersection(values):
            raise Unreadable("not-metadata", "The file is no list of names and values with a title among them.")
        take_front(work, values)
        work.extra.pop("name", None)
        work.title = work.title or next(values[name][0] for name in _NAMES_TITLE if values.get(name))
    if not work.title:
        raise Unreadable("no-title", "The file names no title.")
    work.notices.append(NO_TEXT)
    return work


READER = Reader("metadata-text", score, whole_file(_manuscript, LARGEST))
