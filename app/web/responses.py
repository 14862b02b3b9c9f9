"""Answers: bytes with the right headers, and nothing at all when the client has them already (RFC 9110, RFC 9111)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.web.kept import digest_of

JSON = "application/json"
REVALIDATE = "private, no-cache"
"""What depends on the caller may be kept by the caller alone, and is asked for again each time."""
VARY = "Authorization"
"""The compression layer adds ``Accept-Encoding`` itself."""


def make_etag(version: int, body: bytes) -> str:
    """``"<version>.<hash of the representation>"``; ``If-Match`` looks at the version alone."""
    return f'"{version}.{digest_of(body)}"'


def matches(header: str, etag: str) -> bool:
    """Weak comparison against a list of entity tags, or ``*``."""
    if header.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") == opaque for one in header.split(","))


def shared_fields(etag: str | None = None) -> dict[str, str]:
    """The fields of an answer that also its 304 has."""
    fields = {"cache-control": REVALIDATE, "vary": VARY}
    return fields if etag is None else fields | {"etag": etag}


def answer(
    request: Request,
    body: bytes,
    *,
    etag: str | None = None,
    media_type: str = JSON,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The body, or 304 where ``If-None-Match`` says that the client has it."""
    fields = shared_fields(etag)
    if etag is not None:
        known = request.headers.get("if-none-match")
        if known is not None and matches(known, etag):
            return Response(status_code=304, headers=fields)
    if headers:
        fields.update(headers)
    return Response(body, status, fields, media_type)


def pick_fields(items: Sequence[Mapping[str, Any]], fields: Sequence[str] | None) -> Sequence[Mapping[str, Any]]:
    """Items cut down to some members; whole where none are named."""
    if fields is None:
        return items
    return [{name: item[name] for name in fields if name in item} for item in items]


def link_header(request: Request, pairs: Sequence[tuple[str, str]], links: Mapping[str, str]) -> str:
    """``Link`` (RFC 8288): the same request with other paging; ``pairs`` are its other parameters."""
    path, others = quote(request.scope["path"], safe="/"), urlencode(pairs)
    queries = {relation: "&".join(filter(None, (others, paging))) for relation, paging in links.items()}
    return ", ".join(f'<{path}{"?" if query else ""}{query}>; rel="{relation}"' for relation, query in queries.items())
