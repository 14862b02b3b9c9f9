"""Chapters, tables of contents and revisions as JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.accounts.rules import Viewer
from app.kit.dates import rfc3339
from app.kit.html import html_to_markdown, html_to_text
from app.works.queries.reading import ChapterRow, require_work, table_of_contents
from app.works.queries.revisions import RevisionEntry
from app.works.queries.standing import draft_chapters_of

_FORMS = {"html": lambda html: html, "text": html_to_text, "markdown": html_to_markdown}


def chapter_json(chapter: ChapterRow, form: str | None) -> dict[str, Any]:
    """A chapter's JSON; ``form`` is that of its content, none leaves the content out."""
    shown: dict[str, Any] = {
        "id": chapter.id,
        "work_id": chapter.work_id,
        "position": chapter.position,
        "title": chapter.title,
        "summary": chapter.summary,
        "notes": chapter.notes,
        "end_notes": chapter.end_notes,
        "words": chapter.words,
        "state": chapter.state,
        "published_at": rfc3339(chapter.published_at),
        "revised_at": rfc3339(chapter.revised_at),
        "version": chapter.version,
        "previous_id": chapter.previous_id,
        "next_id": chapter.next_id,
    }
    if form is not None:
        assert chapter.content is not None
        shown["content"] = _FORMS[form](chapter.content)
    return shown


def contents_json(connection: Connection, viewer: Viewer, work_id: int) -> tuple[int, dict[str, Any]]:
    """The work's version and its table of contents, as the viewer sees it."""
    version = require_work(connection, viewer, work_id)
    drafts = draft_chapters_of(connection, viewer, work_id)
    items = [chapter_json(chapter, None) for chapter in table_of_contents(connection, work_id, drafts=drafts)]
    return version, {"items": items, "total": len(items)}


def revision_json(revision: RevisionEntry) -> dict[str, Any]:
    """A revision in the list."""
    return {
        "revision": revision.revision,
        "at": rfc3339(revision.at),
        "by": revision.by,
        "words": revision.words,
        "words_added": revision.words_added,
        "words_removed": revision.words_removed,
    }
