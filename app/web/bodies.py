"""Reading JSON bodies: the type is checked first, and what is wrong is said without echoing it."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request

from app.errors import FieldProblem, Invalid, UnsupportedMediaType

MERGE_PATCH = "application/merge-patch+json"
"""RFC 7396: members that are left out stay, null takes a value away."""


async def json_body(request: Request, *others: str) -> Any:
    """The JSON of a body; raises 415 for another type (``others`` are taken too) and 422 where it cannot be read."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {"application/json", *others}:
        raise UnsupportedMediaType(f"The body has to be {' or '.join(('application/json', *others))}.")
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        detail = f"The body is not JSON: see offset {error.pos}."
        raise Invalid(detail, errors=[FieldProblem("bad-json", detail, pointer="", offset=error.pos)]) from error
