"""What all readers share: the shape of a reader, and filling gaps from what was given beside a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from app.formats.manuscript import Manuscript, ReadItem
from app.formats.options import ReadOptions


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: how likely an input is of it (0..1, from its first bytes and its name), and how it is read.

    ``one_work``: a file holds one work, which takes the file's name where its text names no title and none was given.
    """

    name: str
    score: Callable[[bytes, str], float]
    read: Callable[[BinaryIO, str], Iterator[ReadItem]]
    one_work: bool = False


def fill_gaps(manuscript: Manuscript, options: ReadOptions) -> Manuscript:
    """Add what the file does not say; what it says stands."""
    manuscript.title = manuscript.title or options.title
    manuscript.authors = manuscript.authors or list(options.authors)
    manuscript.fandoms = manuscript.fandoms or list(options.fandoms)
    manuscript.characters = manuscript.characters or list(options.characters)
    manuscript.relationships = manuscript.relationships or list(options.relationships)
    manuscript.freeforms = manuscript.freeforms or list(options.freeforms)
    manuscript.rating = manuscript.rating or options.rating
    manuscript.language = manuscript.language or options.language
    manuscript.status = manuscript.status or options.status
    return manuscript


def title_from_name(name: str) -> str:
    """A title where there is no other: the file's name without folders and extension; ``-`` is standard input."""
    stem = PurePosixPath(name.replace("\\", "/")).stem.strip()
    return stem if stem and name != "-" else "Untitled"
