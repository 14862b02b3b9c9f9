"""Rows of calibre's catalogue in the words of other tables of works.

Its tags have no types, its comments are a summary, and its stars are no rating.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

UNTYPED = "tags without types"
_SIGNS = frozenset({"author sort", "title sort", "timestamp", "uuid"})
_ENOUGH = 3
_NAMES = {"comments": "summary", "tags": UNTYPED, "rating": "stars", "size": "bytes"}
_ADDRESS = re.compile(r"(?:^|,\s?)(?:uri|url):(https?(?::|%3A|\|)//[^,\s]{3,1900})")
_OF_THE_LIBRARY = frozenset({"author sort", "title sort", "timestamp", "id", "library name", "isbn"})


def is_calibre(names: Collection[str]) -> bool:
    """Whether the columns are those of calibre."""
    return len(_SIGNS.intersection(names)) >= _ENOUGH


def renamed(names: Collection[str]) -> list[str]:
    """What the columns are called in other tables."""
    return [_NAMES.get(name, name) for name in names if name not in _OF_THE_LIBRARY] + ["url"]


def row_of(row: Mapping[str, str]) -> dict[str, str]:
    """A row under these names, with its address by itself."""
    found = {_NAMES.get(name, name): value for name, value in row.items() if name not in _OF_THE_LIBRARY}
    found["authors"] = found.get("authors", "").replace(" & ", ", ")
    address = _ADDRESS.search(found.get("identifiers", ""))
    found["url"] = address[1].replace("|", ":").replace("%3A", ":") if address else ""
    return found
