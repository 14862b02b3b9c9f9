"""Pages of works: what a search, some ids or a source find, from parameters to JSON. No HTTP here, and no SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from app.accounts.rules import Viewer
from app.authors.queries import missing_author
from app.errors import FieldProblem, Invalid
from app.kit.urls import normalise_source_url
from app.search.archive import Archive, Given
from app.search.criteria import criteria_of
from app.search.kept_pages import Key, Making, made_page
from app.search.ordering import Page, Sort
from app.search.works import count_works, search_works
from app.web.listing import DEFAULT_LIMIT, ListAnswer, next_cursor, place_of
from app.works.queries.listing import (
    finished_cards,
    keep_fields,
    list_body,
    states_of,
    works_by_ids,
)
from app.works.queries.mine import list_own
from app.works.queries.reading import (
    cards_by_id,
    work_of_source,
)

MOST_IDS = 100
_ID = re.compile(r"0*[0-9]{1,19}")
QUICK_WORKS = 300_000
"""Up to so many works a filtered and sorted page is found within some two milliseconds."""
SOURCES = {"source_url", "source_site", "source_id"}
QUICK_DEPTH = 500
QUICK_VALUES = 10
SLOW = {"q", "text", "facets", "relationship_with", "cursor", "after_change"}
OF_DOCUMENTS = {"q", "crossover"}
"""What acts on tags change only as they come to each work's document."""
RELEVANCE = Sort("relevance", descending=True)


def works_page(archive: Archive, viewer: Viewer, given: Given, key: Key | None = None) -> ListAnswer:
    """``GET /v1/works``: a page of a search, works by id, or the work of a source; ``key`` is what it is kept under."""
    if "ids" in given:
        return _by_ids(archive, viewer, given)
    if not SOURCES.isdisjoint(given):
        return _by_source(archive, viewer, given)
    return _search(archive, viewer, given, key)


def is_quick(archive: Archive, given: Given) -> bool:
    """Whether a list is bounded enough for the event loop: filters and an order, over an archive that is not large.

    A page far behind in the order of titles takes half a second, and so do suggestions for two hundred unknown names.
    """
    if given.get("page", 1) * given.get("limit", DEFAULT_LIMIT) > QUICK_DEPTH:
        return False
    if sum(len(value) for value in given.values() if isinstance(value, list)) > QUICK_VALUES:
        return False
    index = archive.index
    return SLOW.isdisjoint(given) and index.works_count() <= QUICK_WORKS and not index.is_settling()


def author_works_page(archive: Archive, viewer: Viewer, author_id: int, given: Given) -> ListAnswer:
    """``GET /v1/authors/{id}/works``; an author exists for those who may find a work of theirs."""
    if not count_works(archive.snapshot(given.get("after_change"), settled=False), viewer, "author_id", author_id):
        with archive.database.reading() as connection:
            raise missing_author(connection, author_id)
    return _search(archive, viewer, given | {"author_id": [*given.get("author_id", []), author_id]})


def sort_of(given: Given) -> Sort:
    """The order asked for, or the default one."""
    searched = "q" in given or "text" in given
    name = given.get("sort")
    if name is None:
        return RELEVANCE if searched else Sort("revised_at", descending=True)
    if name == "relevance":
        if not searched:
            problem = FieldProblem("needs-query", "Relevance needs `q` or `text`.", parameter="sort")
            raise Invalid("`sort=relevance` needs `q` or `text`.", errors=[problem])
        return RELEVANCE
    return Sort(name.removeprefix("-"), descending=name.startswith("-"))


def _search(archive: Archive, viewer: Viewer, given: Given, key: Key | None = None) -> ListAnswer:
    criteria = criteria_of(given)
    sort = sort_of(given)
    digest = f"{criteria.digest()}{sort.name}{len(viewer.visibilities)}"
    place = place_of(given, archive.secret, digest)
    page = Page(place.limit, place.offset, place.after)
    facets, facet_limit = given.get("facets", ()), given.get("facet_limit", 10)
    # An act on tags of many works shows at once, but for what is asked of the documents alone.
    settled = not OF_DOCUMENTS.isdisjoint(given)
    snapshot = archive.snapshot_of("works", place, given.get("after_change"), settled=settled)
    found = search_works(snapshot, viewer, criteria, sort, page, facets=facets, facet_limit=facet_limit)
    cursor = next_cursor(found.next_key, archive.secret, digest, snapshot.seen["works"][viewer.signed_in])

    def render(states: Sequence[Any]) -> ListAnswer:
        cards = finished_cards(viewer, states, found.ids, found.cards)
        return ListAnswer(list_body(found, cards, given.get("fields"), cursor), place, cursor)

    making = Making(sum(map(len, found.cards)), lambda: states_of(archive.database, found.ids), render)
    return made_page(archive, viewer, given, key, snapshot, making)


def _alone(given: Given, names: set[str], allowed: set[str]) -> None:
    """Some parameters stand alone: beside them others would be passed over in silence."""
    others = sorted(given.keys() - names - allowed)
    if others:
        beside = "`, `".join(sorted(names & given.keys()))
        problems = [
            FieldProblem("not-beside", f"It cannot stand beside `{beside}`.", parameter=name) for name in others
        ]
        raise Invalid(f"Only `fields` may stand beside `{beside}`.", errors=problems)


def _parse_ids(text: str) -> list[int]:
    parts = text.split(",")
    bad = [part for part in parts if not (_ID.fullmatch(part) and 0 < int(part) < 2**63)]
    if bad or len(parts) > MOST_IDS:
        detail = f"It has to be up to {MOST_IDS} ids, separated by commas."
        raise Invalid(detail, errors=[FieldProblem("bad-ids", detail, parameter="ids")])
    return list(dict.fromkeys(int(part) for part in parts))


def _by_ids(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    _alone(given, {"ids"}, {"fields"})
    ids = _parse_ids(given["ids"])
    with archive.database.reading() as connection:
        found = works_by_ids(connection, viewer, ids)
    items = keep_fields(found.items, given.get("fields"))
    tail: dict[str, Any] = {
        "total": len(items),
        "next": None,
        "applied": [],
        "unknown_tags": [],
        "missing": found.missing,
    }
    return ListAnswer(b'{"items":[' + b",".join(items) + b"]," + orjson.dumps(tail)[1:])


def _by_source(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    _alone(given, SOURCES, {"fields"})
    if "source_url" in given:
        _alone(given, {"source_url"}, {"fields"})
        condition, values = "url", {"url_key": _source_key(given["source_url"])}
    elif {"source_site", "source_id"} <= given.keys():
        site = given["source_site"].lower().removeprefix("www.")
        condition, values = "site", {"site": site, "site_id": given["source_id"]}
    else:
        detail = "`source_site` and `source_id` belong together."
        lacking = "source_id" if "source_site" in given else "source_site"
        raise Invalid(detail, errors=[FieldProblem("missing", detail, parameter=lacking)])
    with archive.database.reading() as connection:
        work_id = work_of_source(connection, condition, values)
        found = works_by_ids(connection, viewer, [work_id]) if work_id is not None else None
    items = keep_fields(found.items, given.get("fields")) if found else []
    tail: dict[str, Any] = {"total": len(items), "next": None, "applied": [], "unknown_tags": []}
    return ListAnswer(b'{"items":[' + b",".join(items) + b"]," + orjson.dumps(tail)[1:])


def _source_key(url: str) -> str:
    key = normalise_source_url(url)
    if key is None:
        detail = "It has to be an http or https address."
        raise Invalid(detail, errors=[FieldProblem("bad-url", detail, parameter="source_url")])
    return key


def own_works_page(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    """``GET /v1/me/works``: newest first, whatever their state."""
    state = given.get("state")
    digest = f"mine{viewer.account_id}{state}"
    place = place_of(given, archive.secret, digest)
    with archive.database.reading() as connection:
        found = list_own(connection, viewer, state, place.limit, place.offset, place.after)
        cards = cards_by_id(connection, viewer, found.ids)
    cursor = next_cursor(found.next_key, archive.secret, digest)
    items = keep_fields([cards[one] for one in found.ids if one in cards], given.get("fields"))
    tail = orjson.dumps({"total": found.total, "next": cursor})
    return ListAnswer(b'{"items":[' + b",".join(items) + b"]," + tail[1:], place, cursor)
