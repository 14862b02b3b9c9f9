"""Rows of tags with numbers, where a synonym names its canonical's number; lists of canonical tags are the same.

``id,type,name,canonical,cached_count,merger_id``, as Archive of Our Own's dump of 2021 has them, and our own CSV. Lists
cut from the dump have blanks in the header and a comma too many at the end of each row. Sources: the dump's header,
and lists that were derived from it, in which a name that could not be written became ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from app.formats.member_names import NOTHING
from app.formats.problems import Unreadable
from app.formats.tables import Table, header_of
from app.formats.tag_tables.facts import GivenType, TableReader, TableRow, TagFact, facts_of
from app.formats.tag_tables.table_rows import placed
from app.formats.tag_tables.values import clean_name, closed_notice, mark_of, type_of, uses_of

_NUMBER = re.compile(r"(\d+)(?:\.0+)?")
_NO_MERGER = NOTHING | {"-1", "-1.0", "0"}
_PYTHON_MARKS = frozenset({"True", "False"})


def score(head: bytes) -> float:
    """Type, name and either mark in the header."""
    names = set(header_of(head)[0])
    if not names >= {"type", "name"}:
        return 0.0
    return 1.0 if names >= {"canonical", "merger id"} else 0.7 if names & {"canonical", "merger id"} else 0.0


def read(stream: BinaryIO, name: str, given: GivenType) -> Iterator[TableRow]:
    """One fact a row."""
    return facts_of(placed(Table(stream), name), lambda where, row: [_fact(where, row, given)])


def _fact(where: str, row: Mapping[str, str], given: GivenType) -> TagFact:
    word = row.get("type", "")
    kind = given if given and not word else type_of(word, "type")
    canonical = mark_of(row.get("canonical", ""), "canonical")
    merger = _reference(row.get("merger id", ""))
    closed = closed_notice(kind)
    if closed:
        return TagFact(where, kind, row.get("name", "")[:150], notices=closed)
    if canonical and merger:
        raise Unreadable("canonical-synonym", "It is canonical and merged into another tag at once.", "merger_id")
    return TagFact(
        where,
        kind,
        _name(row, canonical=canonical),
        canonical=False if merger else canonical,
        uses=uses_of(row.get("cached count", ""), "cached_count"),
        ref=_reference(row.get("id", "")),
        synonym_ref=merger,
    )


def _name(row: Mapping[str, str], *, canonical: bool | None) -> str:
    name = row.get("name", "")
    if name == "None" and row.get("canonical") in _PYTHON_MARKS:
        detail = "The name is missing: the program that wrote the table put “None” for it."
        raise Unreadable("name-missing", detail, "name")
    if name == "Redacted" and not canonical:
        raise Unreadable("name-missing", "The name was left out of the dump: “Redacted” stands for it.", "name")
    return clean_name(name, "name")


def _reference(text: str) -> str | None:
    if text.lower() in _NO_MERGER:
        return None
    number = _NUMBER.fullmatch(text)
    if number is None:
        raise Unreadable("bad-number", f"“{text[:40]}” is no row's number.", "merger_id")
    return number[1]


READER = TableReader("merger-table", score, read)
