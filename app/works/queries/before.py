"""What works are before an import updates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from app.models import Author, Chapter, Series, SeriesWork, Tag, Tagging, Work, WorkAuthor

LOOKUP = 500


@dataclass(slots=True)
class Before:
    """A stored work: its row, the names of its tags by type, and its byline."""

    row: Mapping[Any, Any]
    tags: dict[str, list[str]] = field(default_factory=dict)
    authors: list[tuple[int, str]] = field(default_factory=list)
    series: list[tuple[str, int]] = field(default_factory=list)
    """Those that imports brought, with the work's position."""
    is_signed: bool = False
    """Whether a pen name of an account is among its authors."""


def works_before(connection: Connection, ids: Sequence[int]) -> dict[int, Before]:
    """Some works as they are; four statements for each 500."""
    found: dict[int, Before] = {}
    for start in range(0, len(ids), LOOKUP):
        part = ids[start : start + LOOKUP]
        for row in connection.execute(select(Work.__table__).where(Work.id.in_(part))).mappings():
            found[row["id"]] = Before(row)
        tags = select(Tagging.work_id, Tag.type, Tag.name).join(Tag, Tag.id == Tagging.tag_id)
        for work_id, kind, name in connection.execute(
            tags.where(Tagging.work_id.in_(part)).order_by(Tagging.work_id, Tagging.position)
        ):
            found[work_id].tags.setdefault(kind, []).append(name)
        bylines = select(WorkAuthor.work_id, Author.id, Author.name, Author.account_id).join(Author)
        for work_id, author_id, name, account_id in connection.execute(
            bylines.where(WorkAuthor.work_id.in_(part)).order_by(WorkAuthor.work_id, WorkAuthor.position)
        ):
            found[work_id].authors.append((author_id, name))
            found[work_id].is_signed |= account_id is not None
        places = select(SeriesWork.work_id, Series.title, SeriesWork.position).join(Series)
        for work_id, title, position in connection.execute(
            places.where(SeriesWork.work_id.in_(part), Series.identity.is_not(None))
        ):
            found[work_id].series.append((title, position))
    return found


def chapters_before(connection: Connection, ids: Sequence[int]) -> dict[int, list[Mapping[Any, Any]]]:
    """The chapters of some works in their order; one statement for each 500."""
    found: dict[int, list[Mapping[Any, Any]]] = {}
    for start in range(0, len(ids), LOOKUP):
        query = select(Chapter.__table__).where(Chapter.work_id.in_(ids[start : start + LOOKUP]))
        for row in connection.execute(query.order_by(Chapter.work_id, Chapter.position)).mappings():
            found.setdefault(row["work_id"], []).append(row)
    return found
