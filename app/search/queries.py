"""What searches read from the database: chapters to cut snippets from, authors by name, the state of works."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, select, text, tuple_

from app.accounts.policy import is_listed
from app.accounts.queries import listed_works
from app.accounts.rules import Viewer
from app.db.totals import Totals
from app.kit.text import name_key
from app.models import Author, Work, WorkAuthor

_PASSAGES = text(
    "SELECT c.id, c.content, w.id, w.language, w.state, w.visibility,"
    " w.brought_kudos + w.counted_kudos, w.brought_comments + w.counted_comments,"
    " w.brought_bookmarks + w.counted_bookmarks, w.brought_hits + w.counted_hits"
    " FROM chapters c JOIN works w ON w.id = c.work_id WHERE c.id IN :ids AND c.state = 'published'"
).bindparams(bindparam("ids", expanding=True))


@dataclass(slots=True)
class PassageRow:
    """A chapter's text and its work's counters."""

    content: str
    language: str
    stats: Sequence[int]


def passage_rows(connection: Connection, viewer: Viewer, chapter_ids: Sequence[int]) -> dict[int, PassageRow]:
    """The chapters that the viewer may still see, by id, in one statement."""
    rows = connection.execute(_PASSAGES, {"ids": list(chapter_ids)})
    return {row[0]: PassageRow(row[1], row[3], row[6:10]) for row in rows if is_listed(viewer, row[4], row[5])}


def mark_of_passages(rows: dict[int, PassageRow]) -> bytes:
    """Tells the rows of a page from others, without keeping twenty texts."""
    mark = hashlib.sha256()
    for chapter_id, row in sorted(rows.items()):
        mark.update(f"{chapter_id} {row.language} {tuple(row.stats)} {len(row.content)} ".encode())
        mark.update(row.content.encode())
    return mark.digest()


@dataclass(slots=True)
class FoundAuthors:
    """A page of authors by name; ``next_key`` is (name key, id) of the last one."""

    items: list[tuple[int, str]]
    total: int
    next_key: list[str | int] | None


def list_authors(
    connection: Connection,
    viewer: Viewer,
    q: str | None,
    limit: int,
    offset: int,
    after: list[str | int] | None,
    totals: Totals,
) -> FoundAuthors:
    """Authors with a work that the viewer may find under their name, by name; ``q`` is how the name begins."""
    visible = exists(
        select(WorkAuthor.work_id)
        .join(Work, Work.id == WorkAuthor.work_id)
        .where(WorkAuthor.author_id == Author.id, listed_works(viewer), ~Work.anonymous)
    )
    conditions: list[ColumnElement[bool]] = [visible]
    if q is not None:
        start = name_key(q)
        conditions += [Author.name_key >= start, Author.name_key < start + "\U0010ffff"]
    counted = select(func.count()).select_from(Author).where(*conditions)
    key = ("authors", q, tuple(viewer.visibilities))
    total = totals.of(connection, key, lambda: connection.execute(counted).scalar_one())
    if after is not None:
        conditions.append(tuple_(Author.name_key, Author.id) > tuple_(after[0], after[1]))
    rows = connection.execute(
        select(Author.id, Author.name, Author.name_key)
        .where(*conditions)
        .order_by(Author.name_key, Author.id)
        .offset(offset)
        .limit(limit + 1)
    ).all()
    page = rows[:limit]
    more = len(rows) > limit
    return FoundAuthors([(row[0], row[1]) for row in page], total, [page[-1][2], page[-1][0]] if more else None)


def author_row(connection: Connection, author_id: int) -> tuple[str, str, int] | None:
    """Name, bio and version."""
    row = connection.execute(
        select(Author.name, Author.bio, Author.version).where(Author.id == author_id)
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None
