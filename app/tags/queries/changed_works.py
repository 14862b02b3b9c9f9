"""How many works are found by other filters than before: exact, from the graph before and after."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, func, or_, select

from app.models import Tag, TagBroader, Tagging, Work
from app.tags.graph import TagGraph
from app.tags.queries.neighbourhood import LOOKUP, in_parts

STREAM = 5_000


def wrangled_graph(connection: Connection) -> TagGraph:
    """Synonyms, canonical tags and broader links, all of them: some hundred bytes a wrangled tag."""
    graph = TagGraph()
    wrangled = select(Tag.id, Tag.canonical, Tag.canonical_id).where(or_(Tag.canonical, Tag.canonical_id.is_not(None)))
    streaming = connection.execution_options(yield_per=STREAM)
    for tag_id, canonical, canonical_id in streaming.execute(wrangled):
        graph.put(tag_id, canonical_id, canonical=canonical)
    for narrow, broad in streaming.execute(select(TagBroader.narrower_id, TagBroader.broader_id)):
        graph.link(narrow, broad)
    return graph


def works_found_otherwise(connection: Connection, tag_ids: Collection[int], before: TagGraph, after: TagGraph) -> int:
    """Of the published works that carry any of some tags, how many are matched by other filters now."""
    changed = 0
    tags = select(Tagging.work_id, Tagging.tag_id)
    for works in _works_carrying(connection, tag_ids):
        carried: dict[int, list[int]] = {work: [] for work in works}
        for work, tag_id in in_parts(connection, tags, Tagging.work_id, works):
            carried[work].append(tag_id)
        changed += sum(_filters(before, ids) != _filters(after, ids) for ids in carried.values())
    return changed


def _filters(graph: TagGraph, tag_ids: list[int]) -> set[int]:
    return set(graph.closure({graph.fold(one) for one in tag_ids}))


def _works_carrying(connection: Connection, tag_ids: Collection[int]) -> Iterator[list[int]]:
    """The works, each once, some hundreds at a time; a byte is kept for each work there is."""
    query = select(Tagging.work_id).join(Work, Work.id == Tagging.work_id).where(Work.state == "published")
    seen = bytearray((connection.execute(select(func.max(Work.id))).scalar() or 0) + 1)
    for (work,) in in_parts(connection, query.distinct(), Tagging.tag_id, tag_ids):
        seen[work] = 1
    part: list[int] = []
    for work, carries in enumerate(seen):
        if carries:
            part.append(work)
        if len(part) == LOOKUP:
            yield part
            part = []
    if part:
        yield part
