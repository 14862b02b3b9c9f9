"""Plain text: one work a file, its title from the first line (else the file's name), chapters at headings.

Blank lines make paragraphs. Text that is wrapped at a fixed width, as old files are, is joined again, and the
manuscript says so. What stands before the first chapter (a dedication, a note) becomes the work's notes while it is
short, else a chapter of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from app.formats.manuscript import ReadItem
from app.formats.plain_works import LARGEST, work_of
from app.formats.problems import Unreadable
from app.formats.reading import Reader


def score(head: bytes, name: str) -> float:
    """Anything that is not known as something else."""
    if not head.strip():
        return 0.3
    return 0.3 if name.lower().endswith((".txt", ".text", ".md")) or b"\0" not in head[:1_000] else 0.15


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item: the whole file is the work."""
    try:
        yield ReadItem(name, work_of(stream.read(LARGEST + 1)))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())


READER = Reader("plain-text", score, read, one_work=True)
