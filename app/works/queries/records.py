"""Works in the form of the import record, as they are exported: many at once, with their text.

A record holds what the viewer may read of a work, and comes in again as what it was
(``/schemas/import-record.json``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.accounts.policy import sees_drafts
from app.accounts.queries import own_ids
from app.accounts.rules import Viewer
from app.kit.dates import rfc3339
from app.models import Chapter, Work, WorkSource
from app.works.queries.reading import cards_by_id
from app.works.rules import allows

Record = dict[str, Any]
CHAPTER_MEMBERS = ("id", "title", "summary", "notes", "end_notes", "words", "state", "source_url")


def records_of(connection: Connection, viewer: Viewer, ids: Sequence[int], *, text: bool = True) -> list[Record]:
    """The records of the works among ``ids`` that the viewer may take along, in that order; with their chapters.

    What an author does not allow to be downloaded goes along with nobody but themselves and admins.
    """
    cards = cards_by_id(connection, viewer, ids)
    own = own_ids(connection, viewer, cards)
    works = {work_id: orjson.loads(card) for work_id, card in cards.items()}
    taken = [one for one in ids if one in works and (one in own or may_be_taken(works[one]))]
    notes = _notes(connection, taken)
    sources = _sources(connection, taken)
    chapters = _chapters(connection, viewer, taken, own, works) if text else {}
    records = []
    for work_id in taken:
        record = works[work_id] | notes[work_id]
        known = sources.get(work_id, [])
        record["source_urls"] = [url for url in known if url != (record["source"] or {}).get("url")]
        if record["source"] is None:
            record["key"] = str(work_id)
        record["chapters"] = chapters.get(work_id, [])
        records.append(_tidy(record))
    return records


def may_be_taken(work: dict[str, Any]) -> bool:
    """Whether a work's author lets others download it."""
    return allows(work.get("consent") or {}, "download")


def refusing_ids(connection: Connection, viewer: Viewer, ids: Sequence[int], uses: Collection[str]) -> set[int]:
    """Those of some works whose authors do not let the viewer take them along, or not for some uses."""
    found = connection.execute(select(Work.id, Work.details["consent"]).where(Work.id.in_(ids)))
    consents = {row[0]: row[1] or {} for row in found}
    own = own_ids(connection, viewer, [one for one in ids if not allows(consents.get(one, {}), "download")])
    return {
        work_id
        for work_id, consent in consents.items()
        if not all(allows(consent, use) for use in uses) or (work_id not in own and not allows(consent, "download"))
    }


def _tidy(record: dict[str, Any]) -> dict[str, Any]:
    """Without members that say nothing, and those that a record does not have."""
    for name in ("hidden_reason", "restorable_until"):
        record.pop(name, None)
    return {name: value for name, value in record.items() if value not in (None, [], {}) or name == "chapters_expected"}


def _notes(connection: Connection, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    query = select(Work.id, Work.notes, Work.end_notes).where(Work.id.in_(ids))
    return {row[0]: {"notes": row[1], "end_notes": row[2]} for row in connection.execute(query)}


def _sources(connection: Connection, ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    known = select(WorkSource.work_id, WorkSource.url).where(WorkSource.work_id.in_(ids))
    for work_id, url in connection.execute(known.order_by(WorkSource.work_id, WorkSource.position)):
        if url is not None:
            found.setdefault(work_id, []).append(url)
    return found


def _chapters(
    connection: Connection, viewer: Viewer, ids: Iterable[int], own: set[int], works: dict[int, dict[str, Any]]
) -> dict[int, list[dict[str, Any]]]:
    drafts = {one for one in ids if sees_drafts(viewer, own=one in own, posted=works[one]["chapters_posted"])}
    members = [getattr(Chapter, name) for name in CHAPTER_MEMBERS]
    query = (
        select(Chapter.work_id, *members, Chapter.published_at, Chapter.revised_at, Chapter.content)
        .where(Chapter.work_id.in_(ids))
        .order_by(Chapter.work_id, Chapter.position)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for work_id, *values, published, revised, content in connection.execute(query):
        chapter = dict(zip(CHAPTER_MEMBERS, values, strict=True))
        if chapter["state"] == "draft" and work_id not in drafts:
            continue
        dates = {"published_at": rfc3339(published), "revised_at": rfc3339(revised)}
        kept = {name: value for name, value in chapter.items() if value not in ("", None)}
        found.setdefault(work_id, []).append(kept | dates | {"content": content})
    return found
