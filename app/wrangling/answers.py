"""Acts of wrangling as requests: performed in one transaction, counted in the index, told as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from app.accounts.acts import Done, Step
from app.accounts.rules import Viewer, has_right
from app.db.engine import Transaction
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
from app.tags.queries.history import acts_on, assignments, count_acts_on, missing_tag, tag_row
from app.web.listing import ListAnswer, next_cursor, place_of
from app.web.responses import pick_fields

CREATED = 201


def create_tag(archive: Archive, viewer: Viewer, body: Any) -> Step:
    """``POST /v1/tags``."""
    inputs.read_creation(body, 0)  # what is wrong is said before an id is spent

    def step(session: Transaction) -> Done:
        act = inputs.read_creation(body, reserve_tag_id(session.connection()))
        return _edited(archive, viewer, session, act, status=201)

    return step


def edit_tag(archive: Archive, viewer: Viewer, tag_id: int, body: Any) -> Step:
    """``PATCH /v1/tags/{id}``."""
    act = inputs.read_edit(body, tag_id)

    def step(session: Transaction) -> Done:
        _require_tag(session, tag_id)
        return _edited(archive, viewer, session, act)

    return step


def delete_tag(archive: Archive, viewer: Viewer, tag_id: int) -> Step:
    """``DELETE /v1/tags/{id}``: only of a tag that nothing uses."""

    def step(session: Transaction) -> Done:
        _require_tag(session, tag_id)
        wrangled = _wrangle(archive, viewer, session, [Act(tag_id, delete=True)])
        return Done(204, headers=change_header(wrangled.change))

    return step


def wrangle_tags(archive: Archive, viewer: Viewer, body: Any) -> Step:
    """``POST /v1/tags/wrangle``: all acts or none. A dry run needs no write lock: it is made before."""
    acts, dry_run = inputs.read_acts(body)
    count_works = works_counter(archive.snapshot(), viewer)
    admin = has_right(viewer, "admin")
    if dry_run:
        with archive.database.reading() as connection:
            tried = wrangle(connection, acts, viewer.name, dry_run=True, admin=admin, count=count_works)
        return lambda _session: _told(tried, dry_run=True)

    def step(session: Transaction) -> Done:
        done = wrangle(session.connection(), acts, viewer.name, admin=admin, count=count_works)
        return _told(done, dry_run=False)

    return step


def undo(archive: Archive, viewer: Viewer, act_id: int) -> Step:
    """``POST /v1/tags/acts/{act_id}/undo``."""
    count_works = works_counter(archive.snapshot(), viewer)

    def step(session: Transaction) -> Done:
        undone = undo_act(session.connection(), act_id, viewer.name, count=count_works)
        body = {"change": undone.change, **result_json(undone.results[0])}
        return Done(200, orjson.dumps(body), change_header(undone.change))

    return step


def change_header(change: int | None) -> dict[str, str]:
    """``Archive-Change``, where there was a change."""
    return {} if change is None else {"Archive-Change": str(change)}


def _told(wrangled: Wrangled, *, dry_run: bool) -> Done:
    results = [result_json(result) for result in wrangled.results]
    body = {"dry_run": dry_run, "change": wrangled.change, "results": results}
    return Done(200, orjson.dumps(body), change_header(wrangled.change))


def _edited(archive: Archive, viewer: Viewer, session: Transaction, act: Act, status: int = 200) -> Done:
    wrangled = _wrangle(archive, viewer, session, [act])
    body = tag_page_for_wranglers(session.connection(), archive.snapshot(), viewer, act.tag_id)
    headers = change_header(wrangled.change)
    if status == CREATED:
        headers["Location"] = f"/v1/tags/{act.tag_id}"
    return Done(status, body, headers)


def _wrangle(archive: Archive, viewer: Viewer, session: Transaction, acts: list[Act]) -> Wrangled:
    count_works = works_counter(archive.snapshot(), viewer)
    admin = has_right(viewer, "admin")
    return wrangle(session.connection(), acts, viewer.name, admin=admin, listed=False, count=count_works)


def _require_tag(session: Transaction, tag_id: int) -> None:
    if tag_row(session.connection(), tag_id) is None:
        raise missing_tag(session.connection(), tag_id)


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
        if not total and tag_row(connection, tag_id) is None:
            raise TagNotFound
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
    kept = pick_fields(items, given.get("fields"))
    return ListAnswer(orjson.dumps({"items": kept, "total": total, "next": cursor}), place, cursor)


def assignments_body(archive: Archive, given: Given) -> bytes:
    """``GET /v1/tags/assignments``: who looks after which fandom, whole."""
    with archive.database.reading() as connection:
        rows = assignments(connection, given.get("wrangler"), given.get("fandom_id"))
    items = [{"fandom": {"id": row[0], "name": row[1]}, "wrangler": row[2]} for row in rows]
    return orjson.dumps({"items": items, "total": len(items)})


def assign_to(viewer: Viewer, fandom_id: int, wrangler: str) -> Step:
    """``PUT /v1/tags/{fandom_id}/wranglers/{name}``."""
    return _assigning(viewer, fandom_id, wrangler, assign_fandom)


def release_from(viewer: Viewer, fandom_id: int, wrangler: str) -> Step:
    """``DELETE /v1/tags/{fandom_id}/wranglers/{name}``."""
    return _assigning(viewer, fandom_id, wrangler, release_fandom)


def _assigning(viewer: Viewer, fandom_id: int, wrangler: str, change: Callable[..., None]) -> Step:
    _require_right(viewer, wrangler)

    def step(session: Transaction) -> Done:
        _require_tag(session, fandom_id)
        change(session.connection(), fandom_id=fandom_id, wrangler=wrangler)
        return Done()

    return step


def _require_right(viewer: Viewer, wrangler: str) -> None:
    if wrangler != viewer.name and not has_right(viewer, "admin"):
        raise Forbidden("Wranglers assign fandoms to themselves; others need the scope `admin`.")
