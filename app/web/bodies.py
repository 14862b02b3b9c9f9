"""Reading JSON bodies: the type is checked first, and what is wrong is said without echoing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request

from app.errors import FieldProblem, Invalid, UnsupportedMediaType
from app.formats.json_values import load
from app.formats.problems import Unreadable

MERGE_PATCH = "application/merge-patch+json"
"""RFC 7396: members that are left out stay, null takes a value away."""


async def json_body(request: Request, *others: str) -> Any:
    """The JSON of a body; raises 415 for another type (``others`` are taken too) and 422 where it cannot be read."""
    _check_type(request, others)
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        detail = f"The body is not JSON: see offset {error.pos}."
        raise Invalid(detail, errors=[FieldProblem("bad-json", detail, pointer="", offset=error.pos)]) from error


async def json_document(request: Request, *others: str) -> Any:
    """The same, looked at as closely as an import: no duplicate names, and no characters that no text may hold."""
    _check_type(request, others)
    try:
        return load(await request.body())
    except Unreadable as error:
        pointer = error.pointer or ""
        offset = int(pointer) if pointer.isdigit() else None
        problem = FieldProblem(error.code, error.detail, pointer="" if offset is not None else pointer, offset=offset)
        raise Invalid("The body is not valid.", errors=[problem]) from error


def _check_type(request: Request, others: Sequence[str]) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {"application/json", *others}:
        raise UnsupportedMediaType(f"The body has to be {' or '.join(('application/json', *others))}.")
