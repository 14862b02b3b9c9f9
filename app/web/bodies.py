"""Reading JSON bodies: the type is checked first, and what is wrong is said without echoing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request

from app.errors import FieldProblem, Invalid, UnsupportedMediaType
from app.formats.json_values import check
from app.formats.problems import Unreadable

MERGE_PATCH = "application/merge-patch+json"
"""RFC 7396: members that are left out stay, null takes a value away."""


async def json_body(request: Request, *others: str) -> Any:
    """The JSON of a body; raises 415 for another type (``others`` are taken too) and 422 where it cannot be read."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {"application/json", *others}:
        raise UnsupportedMediaType(f"The body has to be {' or '.join(('application/json', *others))}.")
    body = await request.body()
    try:
        value = orjson.loads(body)
        check(body, value)
    except orjson.JSONDecodeError as error:
        detail = f"The body is not JSON: see offset {error.pos}."
        raise Invalid(detail, errors=[FieldProblem("bad-json", detail, pointer="", offset=error.pos)]) from error
    except Unreadable as error:
        problem = FieldProblem(error.code, error.detail, pointer=error.pointer)
        raise Invalid(f"The request is not valid: see `{error.pointer}`.", errors=[problem]) from error
    return value


@contextmanager
def placed_in_body() -> Iterator[None]:
    """Parameters that came as members of a body: what is wrong with one is placed by a pointer to it."""
    try:
        yield
    except Invalid as error:
        errors = [
            problem if problem.parameter is None else replace(problem, pointer=f"/{problem.parameter}", parameter=None)
            for problem in error.errors
        ]
        raise Invalid(error.detail, errors=errors) from error
