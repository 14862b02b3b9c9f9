"""The works of the caller, whatever their state."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.accounts.rules import Viewer
from app.models import Work, WorkAuthor


@dataclass(slots=True)
class OwnWorks:
    """A page of works by id, newest first."""

    ids: list[int]
    total: int
    next_key: int | None


def list_own(
    connection: Connection, viewer: Viewer, state: str | None, limit: int, offset: int, after: int | None
) -> OwnWorks:
    """The works under the viewer's pen names, those of one state where one is given."""
    # Starting from the names, which have few works; asked of each work, SQLite goes through all of them.
    mine = select(WorkAuthor.work_id).where(WorkAuthor.author_id.in_(viewer.author_ids))
    conditions = [Work.id.in_(mine), *([Work.state == state] if state else [])]
    total = connection.execute(select(func.count()).select_from(Work).where(*conditions)).scalar_one()
    if after is not None:
        conditions.append(Work.id < after)
    query = select(Work.id).where(*conditions).order_by(Work.id.desc()).offset(offset).limit(limit + 1)
    ids = list(connection.execute(query).scalars())
    page = ids[:limit]
    return OwnWorks(page, total, page[-1] if len(ids) > limit else None)
