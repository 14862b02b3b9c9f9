"""Answers to writes: the resource as it is now, its ``ETag``, where it is, and the number to search after."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from app.web.responses import JSON, VARY, make_etag

CHANGE = "The number of the change: a search with `after_change` waits for it."
LOCATION = "Where the new resource is."
ETAG = "The version and a hash; `If-Match` compares the version."
POSTED = {"Location": LOCATION, "ETag": ETAG, "Archive-Change": CHANGE}
CHANGED = {"ETag": ETAG, "Archive-Change": CHANGE}
GONE = {"Archive-Change": CHANGE}


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did; without a body the answer is 204."""

    change: int
    body: bytes | None = None
    version: int = 0
    location: str | None = None


def answer_write(written: Written) -> Response:
    """201 with a location, 200 with a body, else 204."""
    headers = {"cache-control": "no-store", "vary": VARY, "archive-change": str(written.change)}
    if written.body is None:
        return Response(status_code=204, headers=headers)
    headers["etag"] = make_etag(written.version, written.body)
    if written.location is not None:
        headers["location"] = written.location
    return Response(written.body, 200 if written.location is None else 201, headers, JSON)
