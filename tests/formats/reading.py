"""Reading bytes as an import does."""

from __future__ import annotations

import io

from app.formats.manuscript import Manuscript, ReadItem
from app.formats.options import ReadOptions
from app.formats.registry import read_stream


def items(data: bytes, name: str = "file", options: ReadOptions | None = None) -> list[ReadItem]:
    """All items of an input."""
    return list(read_stream(io.BytesIO(data), name, options or ReadOptions()))


def works(data: bytes, name: str = "file", options: ReadOptions | None = None) -> list[Manuscript]:
    """The works of an input of which none may fail."""
    found = []
    for item in items(data, name, options):
        assert item.manuscript is not None, item.problem
        found.append(item.manuscript)
    return found


def work(data: bytes, name: str = "file", options: ReadOptions | None = None) -> Manuscript:
    """The only work of an input."""
    (found,) = works(data, name, options)
    return found


def codes(data: bytes, name: str = "file") -> list[str | None]:
    """The problem's code of each item; ``None`` for a work."""
    return [item.problem["code"] if item.problem else None for item in items(data, name)]
