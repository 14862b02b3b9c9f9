"""The shapes of tables that are read, and which of them an input is: found out from its content, not its name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from app.formats.tag_tables import (
    aliases,
    broader_pairs,
    canonical_counts,
    frequencies,
    merger_table,
    own_lines,
    tag_pages,
    top_tags,
)
from app.formats.tag_tables.facts import BadRow, GivenType, TableReader, TableRow

HEAD = 65_536
TABLES: dict[str, TableReader] = {
    module.READER.name: module.READER
    for module in (
        own_lines,
        merger_table,
        broader_pairs,
        aliases,
        canonical_counts,
        tag_pages,
        top_tags,
        frequencies,
    )
}
NAMES = tuple(TABLES)


def choose(head: bytes) -> TableReader | None:
    """The reader that the first bytes of an input fit best; ``None`` where none does."""
    best, _, reader = max((reader.score(head), -place, reader) for place, reader in enumerate(TABLES.values()))
    return reader if best > 0 else None


def read_table(stream: BinaryIO, name: str, *, given: GivenType = None, shape: str | None = None) -> Iterator[TableRow]:
    """The facts of one input, in order; an input of no known shape is one bad row.

    ``given`` is the type of tags for tables that do not say it, ``shape`` one of :data:`NAMES`.
    """
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream, HEAD)  # type: ignore[type-var]
    head = buffered.peek(HEAD)
    reader = TABLES[shape] if shape else choose(head)
    if reader is None:
        detail = f"It is no table of tags in a shape that is read: {', '.join(NAMES)}."
        yield BadRow(name, {"code": "unsupported-format", "detail": detail})
        return
    yield from reader.read(buffered, name, given)
