"""Answers to writes: the resource as it is now, its ``ETag``, where it is, and the number to search after."""

from __future__ import annotations

from app.accounts.acts import Done
from app.web.bodies import MERGE_PATCH
from app.web.responses import make_etag

CHANGE = "The number of the change: a search with `after_change` waits for it."
LOCATION = "Where the new resource is."
ETAG = "The version and a hash; `If-Match` compares the version."
PATCHES = ("application/json", MERGE_PATCH)
"""The types that an edit is taken in."""
POSTED = {"Location": LOCATION, "ETag": ETAG, "Archive-Change": CHANGE}
CHANGED = {"ETag": ETAG, "Archive-Change": CHANGE}
GONE = {"Archive-Change": CHANGE}


def gone(change: int) -> Done:
    """204: there is nothing to show."""
    return Done(204, headers={"Archive-Change": str(change)})


def written(change: int, body: bytes, version: int, location: str | None = None) -> Done:
    """201 with the new resource and where it is, or 200 with the changed one."""
    headers = {"ETag": make_etag(version, body), "Archive-Change": str(change)}
    if location is None:
        return Done(200, body, headers)
    return Done(201, body, headers | {"Location": location})
