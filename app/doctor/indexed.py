"""The index against the database: which works, chapters and tags it holds, and what it says of them.

Ids are compared range by range, cards byte by byte, counters and the uses of tags as numbers. What the log has after
the index's position is on its way and no difference; what differs all the same is indexed again through the log, as
any change is, by whoever writes the index of this host.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, text, tuple_

from app.doctor.finding import Examination, Finding, Wrong
from app.doctor.walking import WORKS_AT_ONCE, id_ranges
from app.engagement.rules import moves_index
from app.errors import IndexUnavailable
from app.jobs.changes import TAG, WRANGLED, Position, log_changes, newest_position
from app.models import Change, Tag, Work
from app.search.comparing import differing_tags, differing_works, ids_between
from app.search.index import IndexMissing
from app.search.indexer import archive_id
from app.search.loading import load_graph
from app.search.reader import SearchIndex, Snapshot
from app.tags.graph import TagGraph
from app.tags.queries.neighbourhood import in_parts

LOOKS = 10
PAUSE = 0.5
"""What differs is looked at again for so long where something is being settled at this moment."""


def check_index(examination: Examination) -> Iterator[Finding]:
    """There is one that can be used, it is this archive's, and it is as far as the database."""
    index = SearchIndex(examination.settings.index_dir)
    index.refresh()
    reason = _unusable(examination, index)
    if reason and examination.repair:
        examination.catch_up()
        yield Finding("index", "mended", f"{reason}: it was built", 1)
        return
    if reason:
        yield Finding("index", "problem", f"{reason}: a server or `fanarchive index rebuild` builds it", 1)
        return
    if examination.repair:
        examination.catch_up()
        index.refresh()
    with examination.database.reading() as connection:
        newest = newest_position(connection)
        behind = _pending(connection, index.position)
    snapshot = index.snapshot()
    counts = f"{snapshot.works_count - 1:,} works and {snapshot.tags.num_docs - 1:,} tags"
    if index.position >= newest:
        yield Finding("index", "ok", f"{counts}, as far as the database")
    else:
        yield Finding("index", "warning", f"{counts}, {behind:,} changes behind the database", behind)


def _unusable(examination: Examination, index: SearchIndex) -> str:
    try:
        snapshot = index.snapshot()
        with examination.database.reading() as connection:
            index.check_archive(archive_id(connection))
            if snapshot.position > newest_position(connection):
                return "the index is ahead of the database"
    except (IndexUnavailable, IndexMissing) as error:
        return str(error).removeprefix("Search is not ready: ").rstrip(".")
    return ""


def _pending(connection: Connection, position: Position) -> int:
    query = select(func.count(Change.seq)).where(_later(connection, position))
    return connection.execute(query).scalar_one()


def _later(connection: Connection, position: Position) -> ColumnElement[bool]:
    """What the log has after a position.

    Rows of a restored dump have the transaction numbers of another cluster, and may seem to come from the future.
    """
    later = tuple_(Change.xid, Change.seq) > tuple_(position.xid, position.seq)
    if connection.dialect.name == "sqlite":
        return later
    return later & (Change.xid < text("pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two things that the index holds: its name, its place in the log, and how it is compared."""

    model: type[Work | Tag]
    name: str
    column: Any
    differing: Callable[[Connection, Snapshot, TagGraph, Sequence[int]], list[int]]


WORKS = Side(Work, "works", Change.work_id, partial(differing_works, is_told=moves_index))
TAGS = Side(Tag, "tags", Change.tag_id, differing_tags)


def check_indexed_works(examination: Examination) -> Iterator[Finding]:
    """Every published work is in the index as its card and its chapters say, and no other."""
    index = _open(examination)
    if index is not None:
        text = "works that are not in the index as they are in the database"
        fine = "the index holds every published work as it is"
        yield _compare(examination, index, WORKS).finding("index-works", text, fine, mended=examination.repair)


def check_indexed_tags(examination: Examination) -> Iterator[Finding]:
    """Every tag is in the index, with its names and with as many uses as works bear it."""
    index = _open(examination)
    if index is None:
        return
    with examination.database.reading() as connection:
        newest = newest_position(connection)
    if not index.wait_for(newest, LOOKS * PAUSE, settled=True):
        yield Finding("index-tags", "warning", "the index is behind: the uses of tags were not compared")
        return
    text = "tags that are not in the index as they are in the database"
    fine = "the index holds every tag with its uses"
    yield _compare(examination, index, TAGS).finding("index-tags", text, fine, mended=examination.repair)


def _open(examination: Examination) -> SearchIndex | None:
    index = SearchIndex(examination.settings.index_dir)
    index.refresh()
    return None if _unusable(examination, index) else index


def _compare(examination: Examination, index: SearchIndex, side: Side) -> Wrong:
    with examination.database.reading() as connection:
        graph = load_graph(connection)
    wrong = Wrong()
    for ids in _all_ids(examination, index, side):
        found = _differing(examination, index, side, graph, ids)
        if found and (side is TAGS or _is_unsettled(examination, index)):
            found, graph = _look_again(examination, index, side, found)
        wrong.add(*found)
        if examination.repair and found:
            _log(examination, side, found)
    return wrong


def _all_ids(examination: Examination, index: SearchIndex, side: Side) -> Iterator[Sequence[int]]:
    """The ids that the database or the index knows, some at a time."""
    last = 0
    for after, upto in id_ranges(examination.database, side.model):
        last = upto
        query = select(side.model.id).where(side.model.id > after, side.model.id <= upto)
        with examination.database.reading() as connection:
            ours = set(connection.execute(query).scalars())
        for theirs in ids_between(index.snapshot(), side.name, after, upto):
            ours.update(theirs)
            if len(ours) > 2 * WORKS_AT_ONCE:
                yield sorted(ours)
                ours = set()
        if ours:
            yield sorted(ours)
    yield from ids_between(index.snapshot(), side.name, last, None)


def _differing(
    examination: Examination, index: SearchIndex, side: Side, graph: TagGraph, ids: Sequence[int]
) -> list[int]:
    """Those that differ, but for what changed since: the index is looked at first, so that is all in the log."""
    index.refresh()
    snapshot = index.snapshot()
    with examination.database.reading() as connection:
        found = side.differing(connection, snapshot, graph, ids)
        since = _changed_since(connection, snapshot.position, side, found)
    return [one for one in found if one not in since]


def _changed_since(connection: Connection, position: Position, side: Side, ids: Sequence[int]) -> set[int]:
    later = _later(connection, position)
    return {row[0] for row in in_parts(connection, select(side.column).where(later), side.column, ids)}


def _is_unsettled(examination: Examination, index: SearchIndex) -> bool:
    """Whether acts on tags are being carried to works: then cards differ that nothing is wrong with."""
    if index.is_settling():
        return True
    with examination.database.reading() as connection:
        query = select(Change.seq).where(_later(connection, index.position), Change.kind.in_((TAG, WRANGLED))).limit(1)
        return connection.execute(query).first() is not None


def _look_again(examination: Examination, index: SearchIndex, side: Side, ids: list[int]) -> tuple[list[int], TagGraph]:
    """Wait for the index to have carried on what is under way; what differs then, and the tags as they are then."""
    graph = TagGraph()
    for _ in range(LOOKS):
        with examination.database.reading() as connection:
            graph = load_graph(connection)
            newest = newest_position(connection)
        ids = _differing(examination, index, side, graph, ids)
        if not ids or (index.position >= newest and not index.is_settling()):
            break
        time.sleep(PAUSE)
    return ids, graph


def _log(examination: Examination, side: Side, ids: list[int]) -> None:
    """Have them indexed again; nothing about them changed that whoever follows the archive has to hear."""
    with examination.database.write() as session:
        if side is TAGS:
            log_changes(session.connection(), tag_ids=ids)
        else:
            log_changes(session.connection(), unlisted_ids=ids)
    examination.logged = True
