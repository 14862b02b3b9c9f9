"""A manuscript as an import record: what :func:`app.formats.record.parse_record` reads back as the same manuscript."""

from __future__ import annotations

from typing import Any

import orjson

from app.formats.manuscript import Manuscript, ManuscriptChapter, SeriesRef, SourceRef
from app.kit.dates import rfc3339

_AS_IT_IS = (
    "title", "authors", "summary", "notes", "end_notes", "language", "rating", "warnings", "categories", "fandoms",
    "characters", "relationships", "freeforms", "status", "words", "chapters_posted", "chapters_expected", "stats",
    "source_urls", "key", "gifts", "related", "consent", "extra",
)  # fmt: skip
_CONTENT = {"html": "content", "markdown": "content_markdown", "text": "content_text"}


def record_of(manuscript: Manuscript) -> dict[str, Any]:
    """The members of the record; what the manuscript does not say is left out. Notices are no part of it."""
    said = {name: getattr(manuscript, name) for name in _AS_IT_IS}
    record = {name: value for name, value in said.items() if value or value == 0}
    for name in ("published_at", "revised_at"):
        moment = getattr(manuscript, name)
        if moment is not None:
            record[name] = rfc3339(moment)
    if manuscript.source is not None:
        record["source"] = _source(manuscript.source)
    if manuscript.series:
        record["series"] = [_series(series) for series in manuscript.series]
    record |= {"state": manuscript.state, "visibility": manuscript.visibility}
    if manuscript.anonymous:
        record["anonymous"] = True
    record["chapters"] = [_chapter(chapter) for chapter in manuscript.chapters]
    return record


def write_record(manuscript: Manuscript) -> bytes:
    """The record as one line of JSON."""
    return orjson.dumps(record_of(manuscript))


def _source(source: SourceRef) -> dict[str, str]:
    members = {"site": source.site, "id": source.id, "url": source.url}
    return {name: value for name, value in members.items() if value is not None}


def _series(series: SeriesRef) -> dict[str, Any]:
    return {"title": series.title} | ({"position": series.position} if series.position is not None else {})


def _chapter(chapter: ManuscriptChapter) -> dict[str, Any]:
    members: dict[str, Any] = {"title": chapter.title, _CONTENT[chapter.content_format]: chapter.content}
    for name in ("summary", "notes", "end_notes", "state", "source_url"):
        value = getattr(chapter, name)
        if value:
            members[name] = value
    if chapter.published_at is not None:
        members["published_at"] = rfc3339(chapter.published_at)
    return members
