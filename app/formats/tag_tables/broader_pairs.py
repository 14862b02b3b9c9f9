"""Pairs of a tag and one that is broader: ``Tag Name,Metatag Name``, mostly without a column for the type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from app.formats.tables import Table, header_of
from app.formats.tag_tables.facts import TAG_TYPES, GivenType, TableReader, TableRow, TagFact, facts_of
from app.formats.tag_tables.table_rows import placed
from app.formats.tag_tables.values import clean_name, closed_notice, type_of

_PAIRS = (("tag name", "metatag name"), ("tag", "metatag"), ("subtag", "metatag"), ("narrower", "broader"))
_TYPES = ("type", "tag type")


def score(head: bytes) -> float:
    """The header has such a pair."""
    return 0.95 if _columns(header_of(head)[0]) else 0.0


def _columns(names: Sequence[str]) -> tuple[str, str] | None:
    return next((pair for pair in _PAIRS if set(pair) <= set(names)), None)


def read(stream: BinaryIO, name: str, given: GivenType) -> Iterator[TableRow]:  # noqa: ARG001  the archive may know it
    """One fact a pair; both are canonical."""
    table = Table(stream)
    columns = _columns(table.names) or ("tag name", "metatag name")
    return facts_of(placed(table, name), lambda where, row: [_fact(where, row, columns)])


def _fact(where: str, row: Mapping[str, str], columns: tuple[str, str]) -> TagFact:
    word = next((row[one] for one in _TYPES if row.get(one)), "")
    kind = type_of(word, "type") if word else None
    if kind is not None and kind not in TAG_TYPES:
        return TagFact(where, kind, row.get(columns[0], "")[:150], notices=closed_notice(kind))
    narrower, broader = (clean_name(row.get(one, ""), one) for one in columns)
    return TagFact(where, kind, narrower, broader=(broader,))


READER = TableReader("broader-pairs", score, read)
