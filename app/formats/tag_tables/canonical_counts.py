"""Canonical tags with the numbers of their works: one JSON object, ``{name: count}``.

Such lists were taken from pages, so names have HTML entities left in them, and counts may be nothing or less. What they
list are freeforms, unless the caller says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from app.formats.json_values import head_of
from app.formats.problems import Unreadable
from app.formats.tag_tables.facts import GivenType, TableReader, TableRow, TagFact, bad, facts_of
from app.formats.tag_tables.json_rows import whole
from app.formats.tag_tables.values import clean_name

_START = re.compile(rb'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*-?\d+\s*[,}]')
_MEMBER = re.compile(rb'"\s*:\s*(-?\d+\s*[,}])?')
_LOOKED_AT = 50
_MOSTLY = 0.8


def score(head: bytes) -> float:
    """An object whose first members are numbers, but for a few."""
    start = head_of(head)
    if not _START.match(start):
        return 0.0
    found = [bool(number) for number in _MEMBER.findall(start)][:_LOOKED_AT]
    return 0.8 if sum(found) >= _MOSTLY * len(found) else 0.0


def read(stream: BinaryIO, name: str, given: GivenType) -> Iterator[TableRow]:
    """One canonical tag a member."""
    try:
        members = whole(b"", stream, as_pairs=True)
    except Unreadable as error:
        yield bad(name, error)
        return
    if not isinstance(members, list):
        yield bad(name, Unreadable("not-an-object", "The file has to be an object of names and counts."))
        return
    placed = ((f"{name} item {number}", member) for number, member in enumerate(members, 1))
    yield from facts_of(placed, lambda where, member: [_fact(where, member, given or "freeform")])


def _fact(where: str, member: Any, kind: str) -> TagFact:
    if not isinstance(member, tuple):
        raise Unreadable("not-an-object", "The file has to be an object of names and counts.")
    name, uses = member
    if isinstance(uses, bool) or not isinstance(uses, int):
        raise Unreadable("bad-number", "A count has to be a whole number.", "count")
    cleaned = clean_name(name, "name", entities=True)
    return TagFact(where, kind, cleaned, canonical=True, uses=uses if uses >= 0 else None)


READER = TableReader("canonical-counts", score, read)
