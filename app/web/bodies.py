"""Reading JSON bodies: the type is checked first, and what is wrong is said without echoing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request

from app.errors import FieldProblem, Invalid, UnsupportedMediaType
from app.formats.json_values import load
from app.formats.problems import Unreadable

MERGE_PATCH = ("application/merge-patch+json", "application/json")
"""The types that a JSON merge patch (RFC 7396) is taken in."""


async def json_body(request: Request) -> Any:
    """The JSON of a body; raises 415 for another type and 422 where it cannot be read."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("The body has to be application/json.")
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        detail = f"The body is not JSON: see offset {error.pos}."
        raise Invalid(detail, errors=[FieldProblem("bad-json", detail, pointer="", offset=error.pos)]) from error


async def json_document(request: Request, media_types: Sequence[str] = ("application/json",)) -> Any:
    """The JSON of a write, looked at as closely as an import: no duplicate names, no characters that no text may hold.

    Raises 415 for another type and 422 where it cannot be read.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in media_types:
        raise UnsupportedMediaType(f"The body has to be {' or '.join(media_types)}.")
    try:
        return load(await request.body())
    except Unreadable as error:
        pointer = error.pointer or ""
        offset = int(pointer) if pointer.isdigit() else None
        problem = FieldProblem(error.code, error.detail, pointer="" if offset is not None else pointer, offset=offset)
        raise Invalid("The body is not valid.", errors=[problem]) from error
