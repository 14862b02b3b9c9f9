"""Works as they stand, for files: what a file of them depends on, and with their text.

Two reads, since the first is enough to say that a client has the file already. Both show what any reader may be given:
an anonymous work names nobody, also to its authors, for files are passed on; counters are left out, so that a kudos
does not make another book; and draft chapters are left out wherever there are others.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, func, select

from app.accounts.queries import listed_works
from app.accounts.rules import Viewer
from app.formats.record import manuscript_of
from app.formats.writers.book import BookWork
from app.models import Author, Chapter, Work, WorkAuthor
from app.search.cards import ANONYMOUS
from app.search.indexer import archive_id
from app.works.queries.records import Record, records_of
from app.works.queries.standing import draft_chapters_of

MOST_TEXT = 32 * 2**20
"""Characters of one work's text, which is in memory while its file is made."""
_NOT_IN_FILES = ("stats", "version", "id")


@dataclass(frozen=True, slots=True)
class Standing:
    """A work as it stands, without its text."""

    work_id: int
    version: int
    title: str
    authors: tuple[str, ...]
    language: str
    consent: dict[str, str]
    modified: datetime
    characters: int
    digest: bytes
    """Of all that a file of the work is made of."""


def standings_of(connection: Connection, viewer: Viewer, ids: Sequence[int]) -> list[Standing]:
    """How the works among ``ids`` stand that the viewer may take along, in that order."""
    records = records_of(connection, viewer, ids, text=False)
    chapters = _chapters(connection, viewer, [record["id"] for record in records])
    dates = select(Work.id, Work.created_at).where(Work.id.in_(chapters))
    made = {row[0]: row[1] for row in connection.execute(dates)}
    found = []
    for record in records:
        work_id, version = record["id"], record["version"]
        shown = chapters[work_id]
        said = orjson.dumps([_for_files(record), [chapter[:2] for chapter in shown]], option=orjson.OPT_SORT_KEYS)
        revised = [made[work_id], *(chapter[2] for chapter in shown)]
        consent = record.get("consent", {})
        characters = sum(chapter[3] for chapter in shown)
        standing = Standing(
            work_id=work_id,
            version=version,
            title=record["title"],
            authors=tuple(one["name"] for one in _for_files(record)["authors"]),
            language=record["language"],
            consent=consent,
            modified=max(revised),
            characters=characters,
            digest=hashlib.sha256(said).digest(),
        )
        found.append(standing)
    return found


def book_of(connection: Connection, viewer: Viewer, work_id: int, public_url: str) -> BookWork | None:
    """A work with its text; ``None`` for one that may no longer be taken along."""
    standings = standings_of(connection, viewer, [work_id])
    records = records_of(connection, viewer, [work_id]) if standings else []
    if not standings or not records:
        return None
    record = _for_files(records[0])
    chapters = record.get("chapters", [])
    record["chapters"] = [one for one in chapters if one["state"] == "published"] or chapters
    identifier = urn_of(connection, "work", work_id)
    if "key" in record:
        record["key"] = identifier  # unlike a number, it is nobody else's
    address = f"{public_url.rstrip('/')}/v1/works/{work_id}" if public_url else None
    return BookWork(manuscript_of(record), identifier, standings[0].modified, address)


def urn_of(connection: Connection, kind: str, number: int) -> str:
    """What something of this archive is called everywhere and for ever."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"fanarchive:{archive_id(connection)}/{kind}/{number}").urn


def works_of_author(connection: Connection, viewer: Viewer, author_id: int) -> list[int]:
    """The works that lists show under a name."""
    query = (
        select(Work.id)
        .join(WorkAuthor, WorkAuthor.work_id == Work.id)
        .where(WorkAuthor.author_id == author_id, listed_works(viewer), ~Work.anonymous)
        .order_by(Work.id)
    )
    return list(connection.execute(query).scalars())


def author_name(connection: Connection, author_id: int) -> str:
    """A pen name."""
    return str(connection.execute(select(Author.name).where(Author.id == author_id)).scalar_one())


def _for_files(record: Record) -> Record:
    """A record without what changes as it is read; what is hidden or deleted was published."""
    kept = {name: value for name, value in record.items() if name not in _NOT_IN_FILES}
    kept["state"] = "draft" if record["state"] == "draft" else "published"
    return kept | {"authors": [ANONYMOUS]} if kept["anonymous"] else kept


ChapterStanding = tuple[int, int, datetime, int]
"""Id, version, time and length."""


def _chapters(connection: Connection, viewer: Viewer, ids: Sequence[int]) -> dict[int, list[ChapterStanding]]:
    """The chapters that files hold, by work: drafts where the viewer sees nothing else."""
    found = _stored(connection, ids, "published")
    unposted = [work_id for work_id in ids if not found[work_id] and draft_chapters_of(connection, viewer, work_id)]
    return found | _stored(connection, unposted, "draft")


def _stored(connection: Connection, ids: Sequence[int], state: str) -> dict[int, list[ChapterStanding]]:
    saved_at = func.coalesce(Chapter.saved_at, Chapter.revised_at)
    query = (
        select(Chapter.work_id, Chapter.id, Chapter.version, saved_at, func.length(Chapter.content))
        .where(Chapter.work_id.in_(ids), Chapter.state == state)
        .order_by(Chapter.work_id, Chapter.position)
    )
    found: dict[int, list[ChapterStanding]] = {work_id: [] for work_id in ids}
    for work_id, *values in connection.execute(query) if ids else ():
        found[work_id].append((values[0], values[1], values[2], values[3]))
    return found
