"""What a table says of a tag, and the shape of a reader of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from app.formats.problems import Unreadable

T = TypeVar("T")
TAG_TYPES = ("fandom", "character", "relationship", "freeform")
Link = tuple[str | None, str]
"""Type and name of another tag; the type is none where the table does not say it."""


@dataclass(frozen=True, slots=True)
class TagFact:
    """One tag as one row speaks of it; what a row does not say is none or empty.

    ``type`` is one of :data:`TAG_TYPES`, a word of our closed sets (``rating warning category media``), or none where
    the table does not say it. ``synonym_ref`` is the ``ref`` of another row, in tables whose rows have numbers.
    A fact of uses alone wrangles nothing.
    """

    where: str
    type: str | None
    name: str
    canonical: bool | None = None
    synonym_of: str | None = None
    broader: tuple[str, ...] = ()
    parents: tuple[Link, ...] = ()
    uses: int | None = None
    notices: tuple[str, ...] = ()
    ref: str | None = None
    synonym_ref: str | None = None

    @property
    def wrangles(self) -> bool:
        """Whether it says more than how often the tag is used."""
        return (
            self.canonical is not None
            or self.synonym_of is not None
            or self.synonym_ref is not None
            or bool(self.broader or self.parents)
        )


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, with the members of a report row's ``problem``."""

    where: str
    problem: dict[str, Any]


TableRow = TagFact | BadRow
GivenType = str | None


@dataclass(frozen=True, slots=True)
class TableReader:
    """A shape: how likely an input is of it (0..1, from its first bytes), and how it is read.

    ``read`` takes the stream, the input's name for ``where``, and the type that the caller gave for tables which do
    not say it.
    """

    name: str
    score: Callable[[bytes], float]
    read: Callable[[BinaryIO, str, GivenType], Iterator[TableRow]]


def bad(where: str, error: Unreadable) -> BadRow:
    """The row of an error."""
    return BadRow(where, error.as_problem())


def facts_of(
    rows: Iterable[tuple[str, T | Unreadable]], make: Callable[[str, T], Iterable[TableRow]]
) -> Iterator[TableRow]:
    """What ``make`` says of each row; a row that cannot be read stops none of the others."""
    for where, row in rows:
        try:
            if isinstance(row, Unreadable):
                raise row
            yield from make(where, row)
        except Unreadable as error:
            yield bad(where, error)
