"""The most used tags with their fandom: JSON objects of ``type name number fandom``.

``Additional`` in place of a fandom means that the tag belongs to none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from app.formats.json_values import head_of
from app.formats.problems import Unreadable
from app.formats.tag_tables.facts import TAG_TYPES, GivenType, Link, TableReader, TableRow, TagFact, facts_of
from app.formats.tag_tables.json_rows import elements, kind_of, name_of
from app.formats.tag_tables.values import clean_name, closed_notice

_SIGNS = (b'"number"', b'"fandom"', b'"name"', b'"type"')
_NO_FANDOM = frozenset({"", "additional", "none", "no fandom"})


def score(head: bytes) -> float:
    """Objects with these members."""
    start = head_of(head)
    return 0.9 if start[:1] in {b"[", b"{"} and all(sign in start for sign in _SIGNS) else 0.0


def read(stream: BinaryIO, name: str, given: GivenType) -> Iterator[TableRow]:
    """One fact an object; whether the tag is canonical is not said."""
    return facts_of(elements(stream, name), lambda where, row: [_fact(where, row, given)])


def _fact(where: str, row: Mapping[str, Any], given: GivenType) -> TagFact:
    kind, name, uses = kind_of(row, given), name_of(row, "name"), row.get("number")
    if uses is not None and (isinstance(uses, bool) or not isinstance(uses, int)):
        raise Unreadable("bad-number", "A count has to be a whole number.", "/number")
    if kind not in TAG_TYPES:
        return TagFact(where, kind, name, notices=closed_notice(kind))
    fandom = row.get("fandom")
    parents: tuple[Link, ...] = ()
    if isinstance(fandom, str) and kind != "fandom" and fandom.strip().lower() not in _NO_FANDOM:
        parents = (("fandom", clean_name(fandom, "/fandom")),)
    notices = () if parents else ("The table says only how often the tag is used: nothing to do.",)
    return TagFact(where, kind, name, parents=parents, uses=uses if uses and uses > 0 else None, notices=notices)


READER = TableReader("top-tags", score, read)
