"""The rows of a CSV table with their places."""

from __future__ import annotations

from collections.abc import Iterator

from app.formats.tables import Row, Table


def placed(table: Table, name: str) -> Iterator[tuple[str, Row]]:
    """Each row with the line it ends on."""
    for number, row in table:
        yield f"{name} line {number}", row
