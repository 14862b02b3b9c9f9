"""What we ask of a searcher again and again, with the types that the engine's own stubs lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tantivy

from app.search.watched import Searcher


def count(searcher: Searcher, query: tantivy.Query) -> int:
    """How many documents match, exactly."""
    found: Any = searcher.search(query, 1)
    return int(found.count)


def stored(searcher: Searcher, address: tantivy.DocAddress) -> bytes:
    """The ``stored`` field of a document."""
    value: Any = searcher.doc(address).get_first("stored")
    assert isinstance(value, bytes)
    return value


def numbers(searcher: Searcher, field: str, addresses: Sequence[tantivy.DocAddress]) -> list[int]:
    """A number of each of some documents."""
    values: Any = searcher.fast_field_values(field, list(addresses))
    return list(values)


def total_of(found: tantivy.SearchResult) -> int:
    """The exact number of matches of a search that counted them."""
    result: Any = found
    return int(result.count)
