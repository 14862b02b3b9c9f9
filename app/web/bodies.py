"""Reading JSON bodies: the type is checked first, and what is wrong is said without echoing it."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request

from app.errors import FieldProblem, Invalid, UnsupportedMediaType


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
