"""Single works and chapters, as few statements as can be: the detail is the stored card, closed with its notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select, text

from app.accounts.policy import access
from app.accounts.queries import own_ids
from app.accounts.rules import Viewer
from app.db.types import from_stored
from app.errors import ArchiveError
from app.jobs.tombstones import tombstone_of
from app.models import Chapter
from app.search.cards import finish_card
from app.works.errors import ChapterGone, WorkNotFound
from app.works.queries.patching import patched_card, patched_cards, wrangled_column
from app.works.queries.standing import (
    check_readable,
    draft_chapters_of,
    insiders_work,
    is_insider,
    unveiled,
)

_STATS = (
    "w.brought_kudos + w.counted_kudos, w.brought_comments + w.counted_comments,"
    " w.brought_bookmarks + w.counted_bookmarks, w.brought_hits + w.counted_hits"
)
_MARKS = {"sqlite": "?", "postgresql": "%s"}
_WORK = {
    dialect: "SELECT w.state, w.visibility, w.was_public, w.version, w.notes, w.end_notes, c.body, "  # noqa: S608
    f"{_STATS}, {wrangled_column(dialect)} FROM works w JOIN work_cards c ON c.work_id = w.id WHERE w.id = {mark}"
    for dialect, mark in _MARKS.items()
}
_CARDS = {
    dialect: text(
        f"SELECT w.id, w.state, w.visibility, {wrangled_column(dialect)}, c.body, "  # noqa: S608 constants
        f"{_STATS} FROM works w JOIN work_cards c ON c.work_id = w.id WHERE w.id IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    for dialect in _MARKS
}
_STATE = text("SELECT state, visibility, was_public, version FROM works WHERE id = :id")


@dataclass(slots=True)
class WorkDetail:
    """A work's JSON and the version its ``ETag`` starts with."""

    version: int
    body: bytes
    work_id: int = 0
    """The work of a chapter."""
    consent: dict[str, str] = field(default_factory=dict)
    """What its authors allow."""


def work_detail(connection: Connection, viewer: Viewer, work_id: int) -> WorkDetail:
    """The whole work but its chapters, in one statement."""
    row = connection.exec_driver_sql(_WORK[connection.dialect.name], (work_id,)).fetchone()
    if row is None:
        raise WorkNotFound
    check_readable(connection, viewer, work_id, row[0], row[1], was_public=bool(row[2]))
    notes = b',"notes":%b,"end_notes":%b' % (orjson.dumps(row[4]), orjson.dumps(row[5]))
    card = patched_card(connection, bytes(row[6]), row[11])
    body = finish_card(card + notes, row[7:11])
    body = insiders_work(connection, viewer, work_id, row[0], body)
    # Few works say something: none is parsed in vain.
    consent = orjson.loads(body).get("consent") or {} if b'"consent":{"' in body else {}
    return WorkDetail(row[3], body, consent=consent)


def cards_by_id(connection: Connection, viewer: Viewer, ids: Sequence[int]) -> dict[int, bytes]:
    """The list JSON of the works among ``ids`` that the viewer may read."""
    rows = connection.execute(_CARDS[connection.dialect.name], {"ids": list(ids)}).all()
    own = own_ids(connection, viewer, [row[0] for row in rows])
    rows = [row for row in rows if access(viewer, row[1], row[2], was_public=False, own=row[0] in own) == "open"]
    cards = {row[0]: bytes(row[4]) for row in rows}
    cards = patched_cards(connection, cards, {row[0]: row[3] for row in rows})
    found = {row[0]: finish_card(cards[row[0]], row[5:9]) for row in rows}
    return found | unveiled(connection, {work_id: card for work_id, card in found.items() if work_id in own})


def require_work(connection: Connection, viewer: Viewer, work_id: int) -> int:
    """The version of a work that the viewer may read."""
    row = connection.execute(_STATE, {"id": work_id}).one_or_none()
    if row is None:
        raise WorkNotFound
    check_readable(connection, viewer, work_id, row[0], row[1], was_public=bool(row[2]))
    return int(row[3])


@dataclass(slots=True)
class ChapterRow:
    """A chapter with its neighbours, numbered over those that the viewer sees."""

    id: int
    work_id: int
    position: int
    title: str
    summary: str
    notes: str
    end_notes: str
    words: int
    state: str
    published_at: datetime
    revised_at: datetime
    version: int
    content: str | None = None
    previous_id: int | None = None
    next_id: int | None = None
    consent: dict[str, str] = field(default_factory=dict)
    """What the work's authors allow."""


_LISTED = (
    Chapter.title, Chapter.summary, Chapter.notes, Chapter.end_notes, Chapter.words, Chapter.state,
    Chapter.published_at, Chapter.revised_at, Chapter.version,
)  # fmt: skip


def table_of_contents(
    connection: Connection, work_id: int, *, content: bool = False, drafts: bool = False
) -> list[ChapterRow]:
    """The published chapters in order, and the drafts where they are shown; with their content where it is wanted."""
    columns = (*_LISTED, Chapter.content) if content else _LISTED
    query = select(Chapter.id, *columns).where(Chapter.work_id == work_id).order_by(Chapter.position)
    if not drafts:
        query = query.where(Chapter.state == "published")
    rows = connection.execute(query).all()
    chapters = [ChapterRow(row[0], work_id, index, *row[1:]) for index, row in enumerate(rows, 1)]
    for before, after in pairwise(chapters):
        before.next_id, after.previous_id = after.id, before.id
    return chapters


_NEIGHBOURS = (
    "SELECT c.id, c.title, c.summary, c.notes, c.end_notes, c.words, c.state, c.published_at, c.revised_at,"
    " c.version, c.content, w.state, w.visibility, w.was_public, c.work_id,"
    " (SELECT count(*) FROM chapters e WHERE e.work_id = c.work_id AND e.{shown}"
    "  AND e.position <= c.position),"
    " (SELECT p.id FROM chapters p WHERE p.work_id = c.work_id AND p.{shown}"
    "  AND p.position < c.position ORDER BY p.position DESC LIMIT 1),"
    " (SELECT n.id FROM chapters n WHERE n.work_id = c.work_id AND n.{shown}"
    "  AND n.position > c.position ORDER BY n.position LIMIT 1), w.details"
    " FROM chapters c JOIN works w ON w.id = c.work_id WHERE c.{shown} AND "
)
_SHOWN = {False: "state = 'published'", True: "state IN ('draft', 'published')"}
_BY_ID = {
    (dialect, drafts): _NEIGHBOURS.format(shown=shown) + f"c.id = {mark}"
    for dialect, mark in _MARKS.items()
    for drafts, shown in _SHOWN.items()
}
_BY_POSITION = {
    (dialect, drafts): _NEIGHBOURS.format(shown=shown) + f"c.work_id = {mark} ORDER BY c.position LIMIT 1 OFFSET {mark}"
    for dialect, mark in _MARKS.items()
    for drafts, shown in _SHOWN.items()
}


def chapter_by_id(connection: Connection, viewer: Viewer, chapter_id: int) -> ChapterRow:
    """A chapter of a work that the viewer may read; a draft for those who see drafts of that work."""
    drafts = False
    if is_insider(viewer):
        work_id = connection.execute(select(Chapter.work_id).where(Chapter.id == chapter_id)).scalar()
        drafts = work_id is not None and draft_chapters_of(connection, viewer, work_id)
    row = connection.exec_driver_sql(_BY_ID[connection.dialect.name, drafts], (chapter_id,)).fetchone()
    if row is None:
        raise missing_chapter(connection, viewer, chapter_id)
    return _chapter(connection, viewer, row)


def missing_chapter(connection: Connection, viewer: Viewer, chapter_id: int) -> ArchiveError:
    """What the address of a chapter answers that is not there; of a deleted one, first what its work answers."""
    left = tombstone_of(connection, "chapter", chapter_id)
    if left is None:
        return WorkNotFound("There is no such chapter.")
    require_work(connection, viewer, left.work_id)
    return ChapterGone()


def chapter_at(connection: Connection, viewer: Viewer, work_id: int, position: int) -> ChapterRow:
    """The chapter at a position, counted over those that the viewer sees; a second statement only to say why not."""
    drafts = draft_chapters_of(connection, viewer, work_id)
    statement = _BY_POSITION[connection.dialect.name, drafts]
    row = connection.exec_driver_sql(statement, (work_id, position - 1)).fetchone()
    if row is None:
        require_work(connection, viewer, work_id)
        raise WorkNotFound(f"The work has no chapter {position}.")
    return _chapter(connection, viewer, row)


def _chapter(connection: Connection, viewer: Viewer, row: Sequence[Any]) -> ChapterRow:
    check_readable(connection, viewer, row[14], row[11], row[12], was_public=bool(row[13]))
    title, summary, notes, end_notes, words, state, published, revised, version, content = row[1:11]
    published, revised = from_stored(published), from_stored(revised)
    shown = ChapterRow(
        row[0], row[14], row[15], title, summary, notes, end_notes, words, state, published, revised, version, content
    )
    shown.previous_id, shown.next_id = row[16], row[17]
    details = row[18] if isinstance(row[18], dict) else orjson.loads(row[18])
    shown.consent = details.get("consent") or {}
    return shown


def work_of_source(connection: Connection, condition: str, values: dict[str, str]) -> int | None:
    """The work known by a normalised address (``url``) or by a site's id (``site``)."""
    where = "url_key = :url_key" if condition == "url" else "site = :site AND site_id = :site_id"
    row = connection.execute(text(f"SELECT work_id FROM work_sources WHERE {where}"), values).one_or_none()  # noqa: S608
    return int(row[0]) if row else None


def listed_states(connection: Connection, ids: Sequence[int]) -> Sequence[Any]:
    """State, visibility and counters of some works: the one query behind a page of cards.

    Handed to the driver as it is: building it anew for each number of ids costs more than answering it.
    """
    marks = ",".join([_MARKS[connection.dialect.name]] * len(ids))
    statement = f"SELECT w.id, w.state, w.visibility, {_STATS} FROM works w WHERE w.id IN ({marks})"  # noqa: S608
    return connection.exec_driver_sql(statement, tuple(ids)).fetchall()
