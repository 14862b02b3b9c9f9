"""What all lists share: reading the paging parameters, cursors, and the ``Link`` header."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.db.pages import RowPage
from app.errors import FieldProblem, Invalid
from app.jobs.changes import Position
from app.web.cursors import read_cursor, sign_cursor
from app.web.responses import answer, link_header, make_etag, pick_fields

DEEPEST = 10_000
DEFAULT_LIMIT = 20
_PAGING = {"cursor", "page"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: behind the key of a cursor, or at an offset."""

    limit: int
    offset: int = 0
    after: Any = None
    page: int | None = None
    since: Position | None = None
    """The last change in the index that the page before was of, of those its reader could see something of."""


@dataclass(slots=True)
class ListAnswer:
    """A list's JSON and, where it is paged, its place and the next cursor."""

    body: bytes
    place: Place | None = None
    cursor: str | None = None
    links: dict[str, str] | None = None
    """Its ``Link`` header, once it was made: an answer that is kept has the same one each time."""


def place_of(given: Mapping[str, Any], secret: bytes, digest: str) -> Place:
    """Read ``limit``, ``page`` and ``cursor``; ``digest`` names the conditions that a cursor belongs to."""
    limit = given.get("limit", DEFAULT_LIMIT)
    page = given.get("page")
    if "cursor" in given:
        if page is not None:
            problem = FieldProblem("cursor-and-page", "Either `cursor` or `page`, not both.", parameter="page")
            raise Invalid("Either `cursor` or `page`, not both.", errors=[problem])
        _, key, *since = read_cursor(given["cursor"], secret, digest)
        return Place(limit, after=key, since=Position(*since) if since else None)
    if page is None:
        return Place(limit)
    if page * limit > DEEPEST:
        detail = f"`page` times `limit` goes up to {DEEPEST}; go on with `cursor`."
        raise Invalid(detail, errors=[FieldProblem("out-of-range", detail, parameter="page")])
    return Place(limit, offset=(page - 1) * limit, page=page)


def next_cursor(key: Any, secret: bytes, digest: str, since: Position | None = None) -> str | None:
    """The cursor behind a page's last key; ``since`` is the last change seen in the index that the page is of."""
    position = () if since is None else (since.xid, since.seq)
    return None if key is None else sign_cursor([digest, key, *position], secret)


def answer_rows(
    found: RowPage,
    place: Place,
    secret: bytes,
    given: Mapping[str, Any],
    digest: str,
    shape: Callable[[Any], Mapping[str, Any]],
) -> ListAnswer:
    """A page of rows, each in its ``shape``, with the members that ``fields`` names."""
    cursor = next_cursor(found.next_key, secret, digest)
    items = pick_fields([shape(row) for row in found.rows], given.get("fields"))
    return ListAnswer(orjson.dumps({"items": items, "total": found.total, "next": cursor}), place, cursor)


def paging_links(request: Request, place: Place, cursor: str | None) -> dict[str, str]:
    """The ``Link`` header (RFC 8288) of a page: ``first``, ``next``, and with ``page`` ``prev``."""
    query = request.scope["query_string"].decode("ascii", "replace")
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in _PAGING]
    links = {"first": ""}
    if cursor is not None and place.page is None:
        links["next"] = f"cursor={cursor}"
    elif cursor is not None and place.page is not None and (place.page + 1) * place.limit <= DEEPEST:
        links["next"] = f"page={place.page + 1}"
    if place.page is not None:
        links["first"] = "page=1"
        if place.page > 1:
            links["prev"] = f"page={place.page - 1}"
    return {"link": link_header(request, pairs, links)}


def answer_list(request: Request, page: ListAnswer) -> Response:
    """A page with its ``ETag`` and ``Link``."""
    if page.links is None and page.place is not None:
        page.links = paging_links(request, page.place, page.cursor)
    return answer(request, page.body, etag=make_etag(0, page.body), headers=page.links)
