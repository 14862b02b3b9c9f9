"""The bytes that answer reads of a work and its chapters: parameters to queries to JSON. No HTTP here, and no SQL."""

from __future__ import annotations

import sys
from typing import Any

import orjson

from app.accounts.queries import readable_works
from app.accounts.rules import GUEST, Viewer
from app.search.archive import Archive, Given
from app.search.similar import similar_works
from app.web.kept import KeptBody
from app.web.responses import pick_fields
from app.works.diffs import diff
from app.works.presenting import chapter_json, contents_json, revision_json
from app.works.queries.alike import find_alike, probes_of
from app.works.queries.listing import (
    keep_fields,
    shown_cards,
)
from app.works.queries.places import ChapterPlace
from app.works.queries.reading import (
    ChapterRow,
    WorkDetail,
    chapter_at,
    chapter_by_id,
    require_work,
    table_of_contents,
    work_detail,
)
from app.works.queries.revisions import list_revisions, revision_of
from app.works.queries.standing import draft_chapters_of


def work_body(archive: Archive, viewer: Viewer, work_id: int, given: Given) -> WorkDetail:
    """``GET /v1/works/{id}``: the stored card; with chapters where they are asked for."""
    if "include" not in given:
        with archive.since(given.get("after_change")).database.quick() as connection:
            detail = work_detail(connection, viewer, work_id)
    else:
        with archive.since(given.get("after_change")).database.reading() as connection:
            detail = work_detail(connection, viewer, work_id)
            drafts = draft_chapters_of(connection, viewer, work_id)
            chapters = table_of_contents(connection, work_id, content=True, drafts=drafts)
        form = given.get("content_format", "html")
        shown = orjson.dumps([chapter_json(chapter, form) for chapter in chapters])
        detail.body = detail.body[:-1] + b',"chapters":' + shown + b"}"
    if "fields" in given:
        detail.body = keep_fields([detail.body], given["fields"])[0]
    return detail


TAG_MEMBERS = {"fandoms": "fandom", "characters": "character", "relationships": "relationship", "freeforms": "freeform"}


def similar_body(archive: Archive, viewer: Viewer, work_id: int, limit: int) -> bytes:
    """``GET /v1/works/{id}/similar``: best first, with the tags that they share."""
    with archive.database.reading() as connection:
        tags = _canonical_tags(orjson.loads(work_detail(connection, viewer, work_id).body))
        found = similar_works(archive.snapshot(), viewer, work_id, list(tags), limit)
        cards = shown_cards(connection, viewer, [one for one, _ in found], [card for _, card in found])
    items = []
    for card in cards:
        shared = [tag for tag_id, tag in _canonical_tags(orjson.loads(card)).items() if tag_id in tags]
        items.append(b'{"work":' + card + b',"shared_tags":' + orjson.dumps(shared) + b"}")
    return b'{"items":[' + b",".join(items) + b'],"total":%d}' % len(items)


def duplicates_body(archive: Archive, viewer: Viewer, work_id: int) -> bytes:
    """``GET /v1/works/{id}/duplicates``: of the works that the viewer may read."""
    with archive.database.reading() as connection:
        require_work(connection, viewer, work_id)
        probes = probes_of(connection, [work_id])
        found = find_alike(connection, probes, readable_works(viewer))[0] if probes else []
    return orjson.dumps({"items": [one.as_json() for one in found], "total": len(found)})


def _canonical_tags(work: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """A work's tags by what they filter as, in its order, as the work spells them."""
    return {
        tag["canonical_id"] or tag["id"]: {"id": tag["id"], "type": kind, "name": tag["name"]}
        for member, kind in TAG_MEMBERS.items()
        for tag in work[member]
    }


def contents_body(archive: Archive, viewer: Viewer, work_id: int, given: Given) -> WorkDetail:
    """``GET /v1/works/{id}/chapters``."""
    with archive.since(given.get("after_change")).database.reading() as connection:
        version, contents = contents_json(connection, viewer, work_id)
    contents["items"] = pick_fields(contents["items"], given.get("fields"))
    return WorkDetail(version, orjson.dumps(contents))


def revisions_body(archive: Archive, viewer: Viewer, place: ChapterPlace, given: Given) -> WorkDetail:
    """``GET …/revisions``: newest first, whole and unpaged."""
    with archive.database.reading() as connection:
        chapter = place.find_own(connection, viewer)
        found = list_revisions(connection, chapter.id)
    items = pick_fields([revision_json(revision) for revision in found], given.get("fields"))
    return WorkDetail(chapter.version, orjson.dumps({"items": items, "total": len(items)}))


def revision_body(archive: Archive, viewer: Viewer, place: ChapterPlace, number: int, given: Given) -> WorkDetail:
    """``GET …/revisions/{revision}``: with ``diff=1`` also what it changed of the one before."""
    before, compare = "", "diff" in given
    with archive.database.reading() as connection:
        chapter = place.find_own(connection, viewer)
        revision = revision_of(connection, chapter.id, number)
        if compare and number > 1:
            before = revision_of(connection, chapter.id, number - 1).content
    shown = revision_json(revision)
    shown |= {name: getattr(revision, name) for name in ("title", "summary", "notes", "end_notes", "content")}
    if compare:
        shown["diff"] = [{"op": piece.op, "text": piece.text} for piece in diff(before, revision.content)]
    return WorkDetail(chapter.version, orjson.dumps(shown))


def chapter_at_body(archive: Archive, viewer: Viewer, work_id: int, position: int, given: Given) -> WorkDetail:
    """``GET /v1/works/{id}/chapters/{n}``."""
    with archive.since(given.get("after_change")).database.quick() as connection:
        chapter = chapter_at(connection, viewer, work_id, position)
    return _chapter_detail(archive, viewer, chapter, given.get("content_format", "html"))


def chapter_body(archive: Archive, viewer: Viewer, chapter_id: int, given: Given) -> WorkDetail:
    """``GET /v1/chapters/{id}``."""
    with archive.since(given.get("after_change")).database.quick() as connection:
        chapter = chapter_by_id(connection, viewer, chapter_id)
    return _chapter_detail(archive, viewer, chapter, given.get("content_format", "html"))


def _chapter_detail(archive: Archive, viewer: Viewer, chapter: ChapterRow, form: str) -> WorkDetail:
    """A chapter that the viewer may read; to a guest the same bytes as before, while its row is the same."""
    key = ("chapter", chapter.id, form)
    known: tuple[ChapterRow, WorkDetail] | None = archive.kept.get(key) if viewer is GUEST else None
    if known is not None and known[0] == chapter:
        return known[1]
    body = orjson.dumps(chapter_json(chapter, form))
    detail = WorkDetail(chapter.version, body, chapter.work_id, chapter.consent)
    if viewer is GUEST and archive.kept.wants(key):
        detail.body = body = KeptBody(detail.body)
        archive.kept.put(key, (chapter, detail), body, sys.getsizeof(chapter.content))
    return detail
