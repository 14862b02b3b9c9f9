"""Storing many works at once: rows for every table and a card for each work, one round per table.

Everything here takes ids that were resolved before (tags, authors, series) and runs in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, update

from app.db.bulk import insert_rows, reserve_ids
from app.kit.html import CLEANER_VERSION
from app.models import (
    Chapter,
    ImportKey,
    Series,
    SeriesWork,
    Tagging,
    Work,
    WorkAuthor,
    WorkCard,
    WorkSource,
)
from app.search.cards import CardFacts, render_card
from app.works.drafts import ChapterDraft, SourceDraft, WorkDraft
from app.works.rules import listing_after

WORK_COLUMNS = (
    "title", "summary", "notes", "end_notes", "language", "rating", "warnings", "categories", "status", "state",
    "visibility", "anonymous", "has_text", "words", "chapters_posted", "chapters_expected", "published_at",
    "revised_at", "brought_kudos", "brought_comments", "brought_bookmarks", "brought_hits", "details",
    "import_digest", "cleaner_version", "version", "was_public",
    "listing",
)  # fmt: skip
CHAPTER_COLUMNS = (
    "id", "work_id", "position", "title", "summary", "notes", "end_notes", "words", "state", "published_at",
    "revised_at", "version", "revision", "cleaner_version", "content", "source_url",
)  # fmt: skip


@dataclass(slots=True)
class ResolvedWork:
    """A draft with the ids of all that it names; ``tags`` are (type, id, card JSON) in the author's order."""

    draft: WorkDraft
    authors: list[tuple[int, str]]
    tags: list[tuple[str, int, dict[str, Any]]]
    series: list[tuple[int, str, int]]
    work_id: int = 0
    version: int = 1
    was_public: bool = False
    listing: str = "never"
    importer: str | None = None
    """Who brings it; of a work that is here already it stays."""
    keeps_byline: bool = False
    keeps_series: bool = False
    """Whether an update leaves its authors or its series as they are."""
    told: int | None = None
    """Of a work that was here: what of the draft stands, a bit each."""


def insert_works(connection: Connection, works: Sequence[ResolvedWork]) -> None:
    """Store new works; each gets its ``work_id``."""
    for work_id, work in zip(reserve_ids(connection, Work.__table__, len(works)), works, strict=True):
        work.work_id = work_id
    now = datetime.now(UTC)
    rows = [(work.work_id, now, work.importer, *_values(work)) for work in works]
    insert_rows(connection, Work.__table__, ("id", "created_at", "importer", *WORK_COLUMNS), rows)
    _insert_parts(connection, works)
    insert_rows(connection, WorkCard.__table__, ("work_id", "body"), [(work.work_id, card_of(work)) for work in works])
    insert_chapters(
        connection,
        [
            (work.work_id, position, chapter)
            for work in works
            for position, chapter in enumerate(work.draft.chapters, 1)
        ],
    )


def update_works(connection: Connection, works: Sequence[ResolvedWork]) -> None:
    """Replace all but the chapters of works that exist; ``version`` is the new one. Their cards are to be rendered.

    A series that was made here keeps the work.
    """
    if not works:
        return
    ids = [work.work_id for work in works]
    signed = [work.work_id for work in works if not work.keeps_byline]
    placed = [work.work_id for work in works if not work.keeps_series]
    imported = exists().where(Series.id == SeriesWork.series_id, Series.identity.is_not(None))
    connection.execute(delete(Tagging).where(Tagging.work_id.in_(ids)))
    connection.execute(delete(WorkAuthor).where(WorkAuthor.work_id.in_(signed)))
    connection.execute(delete(SeriesWork).where(SeriesWork.work_id.in_(placed), imported))
    statement = update(Work).where(Work.id == bindparam("the_id"))
    values = [dict(zip(WORK_COLUMNS, _values(work), strict=True)) | {"the_id": work.work_id} for work in works]
    connection.execute(statement.values({name: bindparam(name) for name in WORK_COLUMNS}), values)
    _insert_parts(connection, works)


def _values(work: ResolvedWork) -> tuple[Any, ...]:
    draft = work.draft
    public = draft.state == "published" and draft.visibility == "public"
    return (
        draft.title, draft.summary, draft.notes, draft.end_notes, draft.language, draft.rating, draft.warnings,
        draft.categories, draft.status, draft.state, draft.visibility, draft.anonymous, draft.has_text,
        draft.words, draft.chapters_posted, draft.chapters_expected, draft.published_at, draft.revised_at,
        *draft.stats, draft.details, draft.digest, CLEANER_VERSION, work.version, work.was_public or public,
        listing_after(work.listing, draft.state),
    )  # fmt: skip


def _insert_parts(connection: Connection, works: Sequence[ResolvedWork]) -> None:
    taggings = [(work.work_id, position, tag[1]) for work in works for position, tag in enumerate(work.tags, 1)]
    insert_rows(connection, Tagging.__table__, ("work_id", "position", "tag_id"), taggings)
    bylines = [
        (work.work_id, position, author[0])
        for work in works
        if not work.keeps_byline
        for position, author in enumerate(work.authors, 1)
    ]
    insert_rows(connection, WorkAuthor.__table__, ("work_id", "position", "author_id"), bylines)
    places = [(series[0], work.work_id, series[2]) for work in works if not work.keeps_series for series in work.series]
    insert_rows(connection, SeriesWork.__table__, ("series_id", "work_id", "position"), places)


def card_of(work: ResolvedWork) -> bytes:
    """The card of a work that is being stored."""
    draft = work.draft
    tags: dict[str, list[dict[str, Any]]] = {}
    for kind, _, shown in work.tags:
        tags.setdefault(kind, []).append(shown)
    return render_card(
        CardFacts(
            id=work.work_id,
            title=draft.title,
            summary=draft.summary,
            language=draft.language,
            rating=draft.rating,
            warnings=draft.warnings,
            categories=draft.categories,
            status=draft.status,
            chapters_posted=draft.chapters_posted,
            chapters_expected=draft.chapters_expected,
            has_text=draft.has_text,
            words=draft.words,
            published_at=draft.published_at,
            revised_at=draft.revised_at,
            state=draft.state,
            visibility=draft.visibility,
            anonymous=draft.anonymous,
            version=work.version,
            authors=work.authors,
            tags=tags,
            series=work.series,
            source=shown_source(draft.sources[0]) if draft.sources else None,
            details=draft.details,
        )
    )


def shown_source(source: SourceDraft) -> dict[str, str | None]:
    """How a work shows where it came from."""
    return {"site": source.site, "id": source.site_id, "url": source.url}


def insert_chapters(connection: Connection, chapters: Sequence[tuple[int, int, ChapterDraft]]) -> None:
    """Add chapters: (work id, position, draft)."""
    rows = [
        (
            chapter_id, work_id, position, chapter.title, chapter.summary, chapter.notes, chapter.end_notes,
            chapter.words, chapter.state, chapter.published_at, chapter.published_at, 1, 1, CLEANER_VERSION,
            chapter.content, chapter.source_url,
        )
        for chapter_id, (work_id, position, chapter) in zip(
            reserve_ids(connection, Chapter.__table__, len(chapters)), chapters, strict=True
        )
    ]  # fmt: skip
    insert_rows(connection, Chapter.__table__, CHAPTER_COLUMNS, rows)


def insert_identities(
    connection: Connection, importer: str, works: Sequence[ResolvedWork], known: set[tuple[str, str]]
) -> None:
    """Remember what works are known by elsewhere; ``known`` are the identities that are already stored."""
    sources = []
    keys = []
    for work in works:
        for position, source in enumerate(work.draft.sources, 1):
            fresh = dict(identity for identity in source.identities() if identity not in known)
            if fresh:
                url_key = source.url_key if "url" in fresh else None
                own = any(kind.startswith("site:") for kind in fresh)
                site_id = source.site_id if own else None
                sources.append((work.work_id, position, source.site, site_id, source.url, url_key))
        keys += [(importer, key, work.work_id) for key in work.draft.keys if (f"key:{importer}", key) not in known]
    ids = reserve_ids(connection, WorkSource.__table__, len(sources))
    rows = [(source_id, *row) for source_id, row in zip(ids, sources, strict=True)]
    columns = ("id", "work_id", "position", "site", "site_id", "url", "url_key")
    insert_rows(connection, WorkSource.__table__, columns, rows)
    insert_rows(connection, ImportKey.__table__, ("importer", "key", "work_id"), keys)
