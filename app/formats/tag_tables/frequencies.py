"""How often tags are used, as they were typed: ``tag,freq``. It says nothing that could be wrangled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from app.formats.tables import Table, header_of
from app.formats.tag_tables.facts import GivenType, TableReader, TableRow, TagFact, facts_of
from app.formats.tag_tables.table_rows import placed
from app.formats.tag_tables.values import clean_name, uses_of

_NAMES = frozenset({"tag", "tags", "freeform", "name", "tag name"})
_COUNTS = frozenset({"freq", "frequency", "count", "uses", "n"})
NOTICE = "The table says only how often the tag is used: nothing to do."


def score(head: bytes) -> float:
    """Two columns, a name and a count."""
    names = header_of(head)[0]
    return 0.8 if len(names) == 2 and names[0] in _NAMES and names[1] in _COUNTS else 0.0  # noqa: PLR2004  a pair


def read(stream: BinaryIO, name: str, given: GivenType) -> Iterator[TableRow]:
    """One fact of uses a row."""
    table = Table(stream)
    tag, count = [*table.names, "tag", "freq"][:2]

    def fact(where: str, row: dict[str, str]) -> list[TableRow]:
        named, uses = clean_name(row.get(tag, ""), tag), uses_of(row.get(count, ""), count)
        return [TagFact(where, given or "freeform", named, uses=uses, notices=(NOTICE,))]

    return facts_of(placed(table, name), fact)


READER = TableReader("frequencies", score, read)
