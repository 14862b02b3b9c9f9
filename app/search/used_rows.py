"""How many works carry each tag, by the rows of the database: for whoever fills the index of tags by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, func, or_, select

from app.models import Tag, Tagging, Work
from app.search.tag_documents import TagRow
from app.tags.graph import TagGraph
from app.tags.queries.neighbourhood import LOOKUP

Used = dict[int, tuple[int, int]]
"""Of tags, how many public works carry them, and how many for registered readers alone."""

_PUBLIC = "public"


def used_by_rows(connection: Connection, tags: Sequence[TagRow], graph: TagGraph) -> Used:
    """How tags that follow one another by id are used; those of which no published work makes use are left out.

    Canonical tags count the works of their synonyms, too, each work once.
    """
    if not tags:
        return {}
    own = (
        select(Tagging.tag_id, Work.visibility, func.count())
        .join(Work, Work.id == Tagging.work_id)
        .where(Tagging.tag_id.between(tags[0].id, tags[-1].id), Work.state == "published")
        .group_by(Tagging.tag_id, Work.visibility)
    )
    used = _added_up(connection.execute(own).all())
    several = [tag.id for tag in tags if graph.has_synonyms(tag.id)]
    meant = func.coalesce(Tag.canonical_id, Tag.id)
    folded = (
        select(meant, Work.visibility, func.count(Tagging.work_id.distinct()))
        .select_from(Tag)
        .join(Tagging, Tagging.tag_id == Tag.id)
        .join(Work, Work.id == Tagging.work_id)
        .where(Work.state == "published")
        .group_by(meant, Work.visibility)
    )
    for start in range(0, len(several), LOOKUP):
        part = several[start : start + LOOKUP]
        found = connection.execute(folded.where(or_(Tag.id.in_(part), Tag.canonical_id.in_(part)))).all()
        used |= _added_up(found)
    return used


def _added_up(rows: Iterable[Sequence[Any]]) -> Used:
    used: Used = {}
    for tag_id, visibility, count in rows:
        public, registered = used.get(tag_id, (0, 0))
        used[tag_id] = (public + count, registered) if visibility == _PUBLIC else (public, registered + count)
    return used
