"""Pages of rows that are found by a filter and ordered by one key, which is the first column of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, func, select


class Slice(Protocol):
    """How long a page is and where it starts: at an offset, or behind the key ``after``."""

    @property
    def limit(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def after(self) -> int | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class RowPage:
    """The rows of a page, how many there are in all, and the key behind which the next page starts."""

    rows: Sequence[Any]
    total: int
    next_key: int | None


def page_of(
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    key: Any,
    conditions: Sequence[ColumnElement[bool]],
    asked: Slice,
    *,
    newest_first: bool = True,
) -> RowPage:
    """A page of ``query`` under ``conditions``, by ``key`` downwards or upwards; two statements."""
    total = connection.execute(select(func.count(key)).where(*conditions)).scalar_one()
    if asked.after is not None:
        conditions = [*conditions, key < asked.after if newest_first else key > asked.after]
    query = query.where(*conditions).order_by(key.desc() if newest_first else key)
    rows = connection.execute(query.offset(asked.offset).limit(asked.limit + 1)).all()
    page = rows[: asked.limit]
    return RowPage(page, total, page[-1][0] if len(rows) > asked.limit else None)
