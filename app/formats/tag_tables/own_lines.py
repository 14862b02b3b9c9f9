"""Our own form: JSON lines, a tag each, which lose nothing.

``{"type": "freeform", "name": "AU", "canonical": false, "synonym_of": "Alternate Universe",
"parents": [{"type": "fandom", "name": "No Fandom"}], "broader": []}``; what is none or empty may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from app.formats.json_values import head_of
from app.formats.problems import Unreadable
from app.formats.tag_tables.facts import TAG_TYPES, GivenType, TableReader, TableRow, TagFact, facts_of
from app.formats.tag_tables.json_rows import elements, kind_of, links_of, name_of, names_of
from app.formats.tag_tables.values import clean_name

_SIGNS = (b'"type"', b'"name"', b'"canonical"')


def score(head: bytes) -> float:
    """Lines of objects with these members."""
    start = head_of(head)
    first = start.partition(b"\n")[0]
    return 0.9 if start.startswith(b"{") and all(sign in first for sign in _SIGNS) else 0.0


def read(stream: BinaryIO, name: str, given: GivenType) -> Iterator[TableRow]:
    """One fact a line."""
    return facts_of(elements(stream, name), lambda where, row: [_fact(where, row, given)])


def _fact(where: str, row: Mapping[str, Any], given: GivenType) -> TagFact:
    kind, canonical = kind_of(row, given), row.get("canonical")
    if kind not in TAG_TYPES:
        raise Unreadable("unknown-type", f"The type is one of {', '.join(TAG_TYPES)}.", "/type")
    if not (canonical is None or isinstance(canonical, bool)):
        raise Unreadable("bad-value", "This has to be true or false.", "/canonical")
    target = None if row.get("synonym_of") is None else name_of(row, "synonym_of")
    if canonical and target is not None:
        raise Unreadable("canonical-synonym", "It is canonical and a synonym at once.", "/synonym_of")
    return TagFact(
        where,
        kind,
        name_of(row, "name"),
        canonical=canonical,
        synonym_of=target,
        broader=tuple(clean_name(one, pointer) for one, pointer in names_of(row, "broader")),
        parents=links_of(row, "parents"),
    )


READER = TableReader("tags", score, read)
