"""What was done to tags, newest first; who looks after which fandom; and rows for those who may see all tags."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Connection, exists, func, select, union

from app.errors import ArchiveError
from app.jobs.changes import Position
from app.models import Change, Tag, TagAct, TagActEffect, WranglingAssignment
from app.tags.errors import TagGone, TagNotFound
from app.tags.queries.neighbourhood import in_parts

Row = Sequence[Any]


def acts_on(connection: Connection, tag_id: int, limit: int, before: int | None, offset: int) -> Sequence[Row]:
    """The acts that were asked of a tag or changed a fact of it: id, time, who, change, works, undone by, and more."""
    query = (
        select(
            TagAct.id, TagAct.at, TagAct.signed_by, TagAct.change, TagAct.works, TagAct.undone_by, TagAct.undoes,
            TagAct.tag_id, TagAct.asked,
        )
        .where(TagAct.id.in_(_acts_on(tag_id)))
        .order_by(TagAct.id.desc())
        .offset(offset)
        .limit(limit)
    )  # fmt: skip
    if before is not None:
        query = query.where(TagAct.id < before)
    return connection.execute(query).all()


def count_acts_on(connection: Connection, tag_id: int) -> int:
    """How many acts there were."""
    return connection.execute(select(func.count()).select_from(_acts_on(tag_id).subquery())).scalar_one()


def _acts_on(tag_id: int) -> CompoundSelect[Any]:
    """Their ids, each by its own index: PostgreSQL goes through all acts where such lists are joined by "or"."""
    return union(
        select(TagAct.id).where(TagAct.tag_id == tag_id),
        select(TagActEffect.act_id).where(TagActEffect.tag_id == tag_id),
        select(TagActEffect.act_id).where(TagActEffect.other_id == tag_id),
    )


def last_changes(connection: Connection, ids: Collection[int]) -> dict[int, Position]:
    """Where in the changes log the last act on each of some tags stands; tags that no act has touched are left out."""
    query = select(Tag.id, Change.xid, Change.seq).join(Change, Change.seq == Tag.wrangled_change)
    return {row[0]: Position(row[1], row[2]) for row in in_parts(connection, query, Tag.id, ids)}


def tag_row(connection: Connection, tag_id: int) -> dict[str, Any] | None:
    """A tag's own members, whoever uses it."""
    query = select(Tag.id, Tag.type, Tag.name, Tag.kind, Tag.canonical, Tag.canonical_id).where(Tag.id == tag_id)
    row = connection.execute(query).one_or_none()
    return dict(row._mapping) if row else None  # noqa: SLF001  SQLAlchemy's public name for it


def missing_tag(connection: Connection, tag_id: int) -> ArchiveError:
    """What the address of a tag answers that is not there: the acts on it tell whether everybody saw it once."""
    marked = (TagActEffect.tag_id == tag_id) & (TagActEffect.what == "canonical")
    return TagGone() if connection.execute(select(exists().where(marked))).scalar() else TagNotFound()


def assignments(connection: Connection, wrangler: str | None, fandom_id: int | None) -> Sequence[Row]:
    """Fandom id, its name, and who looks after it, by name."""
    query = (
        select(Tag.id, Tag.name, WranglingAssignment.wrangler)
        .join(Tag, Tag.id == WranglingAssignment.fandom_id)
        .order_by(Tag.name, Tag.id, WranglingAssignment.wrangler)
        .limit(10_000)
    )
    if wrangler is not None:
        query = query.where(WranglingAssignment.wrangler == wrangler)
    if fandom_id is not None:
        query = query.where(WranglingAssignment.fandom_id == fandom_id)
    return connection.execute(query).all()
