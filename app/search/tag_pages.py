"""The bytes that answer reads of tags: lists, a tag's page, autocomplete and stats. No HTTP and no SQL here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson
import tantivy
from sqlalchemy import Connection

from app.accounts.rules import Viewer
from app.search.archive import Archive, Given
from app.search.engine import count, total_of
from app.search.existing import existing_tags, pending_tags, sees_all_tags
from app.search.ordering import Page, Sort
from app.search.reader import Snapshot
from app.search.resolving import Tag, find_by_id, tags_by_id, tags_of_hits
from app.search.tag_stats import tag_stats
from app.search.tags import TagQuery, autocomplete, list_tags, uses_of
from app.tags.errors import TagNotFound
from app.tags.queries.history import missing_tag, tag_row
from app.tags.queries.links import tag_links
from app.tags.queries.neighbourhood import tag_states
from app.web.kept import KeptBody
from app.web.listing import ListAnswer, next_cursor, place_of
from app.web.responses import pick_fields

LINKS_SHOWN = 100
LINKS = ("synonyms", "parents", "children", "broader", "narrower")
DEFAULT_TAG_SORT = "-uses"
MOST_KEPT = 2_000
"""Answers of autocomplete, of some two kilobytes each."""


def tags_page(archive: Archive, viewer: Viewer, given: Given, kind: str | None) -> ListAnswer:
    """``GET /v1/tags`` and its namesakes with a type."""
    kind = kind or given.get("type")
    wanted = TagQuery(
        q=given.get("q"),
        type=kind,
        canonical=given.get("canonical"),
        unwrangled=given.get("unwrangled"),
        fandom=given.get("fandom"),
    )
    name = given.get("sort", DEFAULT_TAG_SORT)
    digest = f"tags{wanted}{name}{len(viewer.visibilities)}"
    place = place_of(given, archive.secret, digest)
    snapshot = archive.snapshot_of("tags", place, given.get("after_change"))
    sort = Sort(name.removeprefix("-"), descending=name.startswith("-"))
    found = list_tags(snapshot, viewer, wanted, sort, Page(place.limit, place.offset, place.after))
    cursor = next_cursor(found.next_key, archive.secret, digest, snapshot.seen["tags"][viewer.signed_in])
    with archive.database.reading() as connection:
        shown = with_uses(connection, snapshot, viewer, found.tags)
    items = pick_fields(shown, given.get("fields"))
    return ListAnswer(orjson.dumps({"items": items, "total": found.total, "next": cursor}), place, cursor)


def with_uses(connection: Connection, snapshot: Snapshot, viewer: Viewer, tags: Sequence[Tag]) -> list[dict[str, Any]]:
    """Tags as a list shows them."""
    pending = pending_tags(connection, snapshot, [tag["id"] for tag in tags]) if tags else set()
    return [tag | {"uses": uses_of(snapshot, viewer, tag), "pending": tag["id"] in pending} for tag in tags]


def tag_body(archive: Archive, viewer: Viewer, tag_id: int, given: Given) -> bytes:
    """``GET /v1/tags/{id}``: the tag as an act has left it, its uses as the index counts them, and its links."""
    snapshot = archive.snapshot(given.get("after_change"), settled=False)
    with archive.database.quick() as connection:
        tag = tag_row(connection, tag_id)
        if tag is None:
            raise missing_tag(connection, tag_id)
        if not (_exists_unused(viewer, tag) or find_by_id(snapshot, viewer, None, tag_id)):
            raise TagNotFound
        return _page(connection, snapshot, viewer, tag)


def _exists_unused(viewer: Viewer, tag: Tag) -> bool:
    """Whether a tag exists for the viewer whoever uses it."""
    return bool(tag["canonical"]) or sees_all_tags(viewer)


def tag_page_for_wranglers(connection: Connection, snapshot: Snapshot, viewer: Viewer, tag_id: int) -> bytes:
    """The same from the database, whoever uses the tag: what a write answers, before the index has followed."""
    row = tag_row(connection, tag_id)
    if row is None:
        raise TagNotFound
    return _page(connection, snapshot, viewer, row)


def _page(connection: Connection, snapshot: Snapshot, viewer: Viewer, tag: Tag) -> bytes:
    (shown,) = with_uses(connection, snapshot, viewer, [tag])
    links = tag_links(connection, tag["id"])
    for name in LINKS:
        ids = getattr(links, name)
        found, total = _most_used(snapshot, viewer, ids)
        if shown["pending"]:
            late = _not_indexed(connection, snapshot, viewer, ids)
            found, total = [*found, *late][:LINKS_SHOWN], total + len(late)
        shown[name], shown[f"{name}_total"] = [_reference(one) for one in found], total
    return orjson.dumps(shown)


def _reference(tag: Tag) -> dict[str, Any]:
    return {name: tag[name] for name in ("id", "type", "name")}


def _not_indexed(connection: Connection, snapshot: Snapshot, viewer: Viewer, ids: list[int]) -> list[Tag]:
    """Tags made just now, of which the index does not know yet: a link to them was made even later."""
    query = tantivy.Query.term_set_query(snapshot.schemas["tags"], "id", ids)
    if count(snapshot.tags, query) == len(ids):
        return []
    known = tags_by_id(snapshot, ids)
    late = [asdict(state) for state in tag_states(connection, [one for one in ids if one not in known])]
    return [tag for tag in late if _exists_unused(viewer, tag)]


def _most_used(snapshot: Snapshot, viewer: Viewer, ids: list[int]) -> tuple[list[Tag], int]:
    """The links that exist for the viewer, most used first, and how many there are."""
    if not ids:
        return [], 0
    schema = snapshot.schemas["tags"]
    query = tantivy.Query.term_set_query(schema, "id", ids).and_must_match(existing_tags(schema, viewer))
    found = snapshot.tags.search(query, LINKS_SHOWN, order_by_field="sort_uses")
    return tags_of_hits(snapshot, found.hits), total_of(found)


def known_suggestions(archive: Archive, viewer: Viewer, given: Given) -> bytes | None:
    """The same answer as before, while the index is as it was: many people type the same first letters."""
    if given.get("after_change"):
        return None
    known: bytes | None = archive.snapshot().suggestions.get(_typed(viewer, given))
    return known


def suggestions_body(archive: Archive, viewer: Viewer, given: Given) -> bytes:
    """``GET /v1/tags/autocomplete``."""
    snapshot = archive.snapshot(given.get("after_change"))
    items = autocomplete(snapshot, viewer, given["q"], given.get("type"), given.get("fandom"), given.get("limit", 20))
    body = KeptBody(orjson.dumps({"items": items}))
    if len(snapshot.suggestions) >= MOST_KEPT:
        snapshot.suggestions.clear()
    snapshot.suggestions[_typed(viewer, given)] = body
    return body


def _typed(viewer: Viewer, given: Given) -> tuple[Any, ...]:
    exists = (viewer.visibilities, sees_all_tags(viewer))
    return exists, given["q"], given.get("type"), given.get("fandom"), given.get("limit")


def stats_body(archive: Archive, viewer: Viewer, tag_id: int, given: Given) -> bytes:
    """``GET /v1/tags/{id}/stats``."""
    snapshot = archive.snapshot(given.get("after_change"))
    found = find_by_id(snapshot, viewer, None, tag_id)
    if not found:
        with archive.database.quick() as connection:
            raise TagNotFound if tag_row(connection, tag_id) else missing_tag(connection, tag_id)
    return orjson.dumps(tag_stats(snapshot, viewer, found[0]))
