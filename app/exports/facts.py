"""What a whole dump holds beside the import records: everything that these have no member for.

The members are those of :mod:`app.imports.facts`, which takes them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from app.models import (
    Author,
    Chapter,
    ChapterRevision,
    ImportKey,
    Series,
    SeriesAuthor,
    SeriesWork,
    Withholding,
    Work,
    WorkAuthor,
    WorkInput,
    WorkSource,
)

WORK_MEMBERS = (
    "state", "listing", "was_public", "dated", "language", "version", "created_at", "edited_at", "published_at",
    "revised_at", "counted_kudos", "counted_comments", "counted_bookmarks", "counted_hits", "brought_kudos",
    "brought_comments", "brought_bookmarks", "brought_hits",
)  # fmt: skip
CHAPTER_MEMBERS = (
    "published_at", "revised_at", "version", "revision", "dated", "saved_at", "saved_by", "words_added",
    "words_removed", "was_public",
)  # fmt: skip
REVISION_MEMBERS = (
    "revision", "at", "by", "title", "summary", "notes", "end_notes", "words", "content", "words_added",
    "words_removed",
)  # fmt: skip
INPUT_MEMBERS = ("place", "format", "digest", "told", "day", "chapters", "taken_at")
SOURCE_MEMBERS = ("site", "site_id", "url", "position", "url_key")
Rows = dict[int, list[dict[str, Any]]]


def facts_of(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By work id; eight statements, however many works."""
    own = Work.__table__.c
    query = select(Work.id, *(own[name] for name in WORK_MEMBERS)).where(Work.id.in_(ids))
    works = {row.id: row._asdict() for row in connection.execute(query)}
    parts = {
        "authors": _grouped(connection, WorkAuthor, ("author_id",), ids, WorkAuthor.position),
        "series": _grouped(connection, SeriesWork, ("series_id", "position", "place"), ids, SeriesWork.series_id),
        "sources": _grouped(connection, WorkSource, SOURCE_MEMBERS, ids, WorkSource.position),
        "keys": _grouped(connection, ImportKey, ("importer", "key"), ids, ImportKey.key),
        "withheld": _grouped(
            connection,
            Withholding,
            ("kind", "state_before", "reason", "by", "at", "undone_import"),
            ids,
            Withholding.kind,
        ),
        "inputs": _grouped(connection, WorkInput, INPUT_MEMBERS, ids, WorkInput.place),
        "chapters": _grouped(connection, Chapter, CHAPTER_MEMBERS, ids, Chapter.position),
    }
    for one in (row for rows in parts["inputs"].values() for row in rows):
        one |= {"place": one["place"].hex(), "digest": one["digest"].hex()}
    for work_id, work in works.items():
        del work["id"]
        work |= {name: rows.get(work_id, []) for name, rows in parts.items()}
        work["authors"] = [row["author_id"] for row in work["authors"]]
    return works


def _grouped(connection: Connection, model: Any, members: Sequence[str], ids: Sequence[int], order: Any) -> Rows:
    columns = [getattr(model, name) for name in members]
    query = select(model.work_id, *columns).where(model.work_id.in_(ids)).order_by(model.work_id, order)
    if model is ImportKey:
        # What it was called when it came from a dump: another dump names it anew. Members' keys belong to accounts.
        # The operator has nearly all keys: SQLite must not look through theirs instead of those of the works.
        operators = ImportKey.importer.concat("") == "operator"
        query = query.where(ImportKey.key.not_like("key:dump/%"), operators)
    found: Rows = {}
    for work_id, *values in connection.execute(query):
        found.setdefault(work_id, []).append(dict(zip(members, values, strict=True)))
    return found


def revisions_of(connection: Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """What the chapters of some works were before, by work, chapter and revision."""
    columns = [getattr(ChapterRevision, name) for name in REVISION_MEMBERS]
    query = (
        select(Chapter.work_id, Chapter.position, *columns)
        .join(Chapter, Chapter.id == ChapterRevision.chapter_id)
        .where(Chapter.work_id.in_(ids))
        .order_by(Chapter.work_id, Chapter.position, ChapterRevision.revision)
    )
    members = ("work_id", "position", *REVISION_MEMBERS)
    return [dict(zip(members, row, strict=True)) for row in connection.execute(query)]


def authors_after(connection: Connection, after: int, limit: int) -> list[dict[str, Any]]:
    """Authors by ascending id; whose pen name one is stays here."""
    columns = (Author.id, Author.name, Author.site, Author.bio, Author.version, Author.created_at)
    query = select(*columns).where(Author.id > after).order_by(Author.id).limit(limit)
    return [row._asdict() for row in connection.execute(query)]


def series_after(connection: Connection, after: int, limit: int) -> list[dict[str, Any]]:
    """Series by ascending id, with whose they are."""
    columns = (
        Series.id, Series.title, Series.summary, Series.identity, Series.version, Series.created_at, Series.was_public,
    )  # fmt: skip
    query = select(*columns).where(Series.id > after).order_by(Series.id).limit(limit)
    found = [row._asdict() for row in connection.execute(query)]
    owners: dict[int, list[int]] = {}
    signed = select(SeriesAuthor.series_id, SeriesAuthor.author_id).where(
        SeriesAuthor.series_id.in_([one["id"] for one in found])
    )
    for series_id, author_id in connection.execute(signed.order_by(SeriesAuthor.series_id, SeriesAuthor.position)):
        owners.setdefault(series_id, []).append(author_id)
    return [one | {"authors": owners.get(one["id"], [])} for one in found]
