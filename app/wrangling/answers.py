"""Acts of wrangling as requests: performed in one transaction, counted in the index, told as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from app.accounts.rules import Viewer, has_right
from app.errors import Forbidden
from app.kit.dates import rfc3339
from app.search.archive import Archive, Given
from app.search.counting import works_counter
from app.search.tag_pages import tag_page_for_wranglers
from app.tags import inputs
from app.tags.acts import Act, ActResult
from app.tags.commands.assigning import assign_fandom, release_fandom
from app.tags.commands.undoing import undo_act
from app.tags.commands.wrangling import Wrangled, reserve_tag_id, wrangle
from app.tags.errors import TagNotFound
from app.tags.queries.history import acts_on, assignments, count_acts_on, tag_row
from app.web.listing import ListAnswer, next_cursor, place_of


@dataclass(slots=True)
class Done:
    """What a write answers: its JSON, the change to wait for, and the id of what it made."""

    body: bytes
    change: int | None
    id: int | None = None


def create_tag(archive: Archive, viewer: Viewer, body: Any) -> Done:
    """``POST /v1/tags``."""
    inputs.read_creation(body, 0)  # what is wrong is said before an id is spent
    with archive.database.write() as session:
        connection = session.connection()
        act = inputs.read_creation(body, reserve_tag_id(connection))
        wrangled = _wrangle(archive, viewer, connection, [act])
    return _page(archive, viewer, act.tag_id, wrangled)


def edit_tag(archive: Archive, viewer: Viewer, tag_id: int, body: Any) -> Done:
    """``PATCH /v1/tags/{id}``."""
    act = inputs.read_edit(body, tag_id)
    with archive.database.write() as session:
        connection = session.connection()
        _require_tag(connection, tag_id)
        wrangled = _wrangle(archive, viewer, connection, [act])
    return _page(archive, viewer, tag_id, wrangled)


def delete_tag(archive: Archive, viewer: Viewer, tag_id: int) -> Done:
    """``DELETE /v1/tags/{id}``: only of a tag that nothing uses."""
    with archive.database.write() as session:
        connection = session.connection()
        _require_tag(connection, tag_id)
        wrangled = _wrangle(archive, viewer, connection, [Act(tag_id, delete=True)])
    return Done(b"", wrangled.change, tag_id)


def wrangle_tags(archive: Archive, viewer: Viewer, body: Any) -> Done:
    """``POST /v1/tags/wrangle``: all acts or none; a dry run is rolled back by not being written."""
    acts, dry_run = inputs.read_acts(body)
    snapshot = archive.snapshot()
    count_works = works_counter(snapshot, viewer)
    admin = has_right(viewer, "admin")
    if dry_run:
        with archive.database.reading() as connection:
            wrangled = wrangle(connection, acts, viewer.name, dry_run=True, admin=admin, count=count_works)
    else:
        with archive.database.write() as session:
            wrangled = wrangle(session.connection(), acts, viewer.name, admin=admin, count=count_works)
    results = [result_json(result) for result in wrangled.results]
    body = {"dry_run": dry_run, "change": wrangled.change, "results": results}
    return Done(orjson.dumps(body), wrangled.change)


def undo(archive: Archive, viewer: Viewer, act_id: int) -> Done:
    """``POST /v1/tags/acts/{act_id}/undo``."""
    count_works = works_counter(archive.snapshot(), viewer)
    with archive.database.write() as session:
        undone = undo_act(session.connection(), act_id, viewer.name, count=count_works)
    body = {"change": undone.change, **result_json(undone.results[0])}
    return Done(orjson.dumps(body), undone.change)


def _wrangle(archive: Archive, viewer: Viewer, connection: Any, acts: list[Act]) -> Wrangled:
    count_works = works_counter(archive.snapshot(), viewer)
    admin = has_right(viewer, "admin")
    return wrangle(connection, acts, viewer.name, admin=admin, listed=False, count=count_works)


def _require_tag(connection: Any, tag_id: int) -> None:
    if tag_row(connection, tag_id) is None:
        raise TagNotFound


def _page(archive: Archive, viewer: Viewer, tag_id: int, wrangled: Wrangled) -> Done:
    return Done(tag_page_for_wranglers(archive, viewer, tag_id), wrangled.change, tag_id)


def result_json(result: ActResult) -> dict[str, Any]:
    """What an act did: how many works' filters it changes, and the entries of facets, by facet."""
    facets: dict[str, list[dict[str, Any]]] = {}
    for one in result.facets:
        entry = {"id": one.id, "name": one.name, "before": one.before, "after": one.after}
        facets.setdefault(one.type, []).append(entry)
    return {"act_id": result.act_id, "tag_id": result.tag_id, "works": result.works, "facets": facets}


def history_page(archive: Archive, tag_id: int, given: Given) -> ListAnswer:
    """``GET /v1/tags/{id}/history``: newest first. A tag that was deleted keeps its history."""
    digest = f"history{tag_id}"
    place = place_of(given, archive.secret, digest)
    with archive.database.reading() as connection:
        total = count_acts_on(connection, tag_id)
        if not total:
            _require_tag(connection, tag_id)
        rows = acts_on(connection, tag_id, place.limit + 1, place.after, place.offset)
    shown = rows[: place.limit]
    items = [
        {
            "id": row[0], "at": rfc3339(row[1]), "by": row[2], "change": row[3], "works": row[4],
            "undone": row[5] is not None, "undone_by": row[5], "undoes": row[6], "tag_id": row[7], "asked": row[8],
        }
        for row in shown
    ]  # fmt: skip
    cursor = next_cursor(shown[-1][0] if len(rows) > place.limit else None, archive.secret, digest)
    return ListAnswer(orjson.dumps({"items": items, "total": total, "next": cursor}), place, cursor)


def assignments_body(archive: Archive, given: Given) -> bytes:
    """``GET /v1/tags/assignments``: who looks after which fandom, whole."""
    with archive.database.reading() as connection:
        rows = assignments(connection, given.get("wrangler"), given.get("fandom_id"))
    items = [{"fandom": {"id": row[0], "name": row[1]}, "wrangler": row[2]} for row in rows]
    return orjson.dumps({"items": items, "total": len(items)})


def assign_to(archive: Archive, viewer: Viewer, fandom_id: int, wrangler: str) -> None:
    """``PUT /v1/tags/{fandom_id}/wranglers/{name}``."""
    _require_right(viewer, wrangler)
    with archive.database.write() as session:
        _require_tag(session.connection(), fandom_id)
        assign_fandom(session.connection(), fandom_id=fandom_id, wrangler=wrangler)


def release_from(archive: Archive, viewer: Viewer, fandom_id: int, wrangler: str) -> None:
    """``DELETE /v1/tags/{fandom_id}/wranglers/{name}``."""
    _require_right(viewer, wrangler)
    with archive.database.write() as session:
        _require_tag(session.connection(), fandom_id)
        release_fandom(session.connection(), fandom_id=fandom_id, wrangler=wrangler)


def _require_right(viewer: Viewer, wrangler: str) -> None:
    if wrangler != viewer.name and not has_right(viewer, "admin"):
        raise Forbidden("Wranglers assign fandoms to themselves; others need the scope `admin`.")
