"""What the operations declare for the OpenAPI document; their answers are written as bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticCustomError

from app.errors import ArchiveError
from app.web.params import NO_PARAMS, ParamSet

MOST_DIGITS = 19
_DIGITS = re.compile(r"-?[0-9]+")


def _up_to(most: int) -> BeforeValidator:
    """An id has one spelling: no `1.0`, `+1` or `1_000`, which would be further addresses of the same thing."""

    def check(value: Any) -> Any:
        if isinstance(value, str):
            possible = {"possible": f"It has to be a whole number from 1 to {most}."}
            if not _DIGITS.fullmatch(value):
                raise PydanticCustomError("not_an_integer", "{possible}", possible)
            if len(value.lstrip("0")) > MOST_DIGITS or not 1 <= int(value) <= most:
                raise PydanticCustomError("out_of_range", "{possible}", possible)
        return value

    return BeforeValidator(check)


Id = Annotated[int, _up_to(2**63 - 1), Path(ge=1, le=2**63 - 1)]
Position = Annotated[int, _up_to(2**31 - 1), Path(ge=1, le=2**31 - 1)]
Schema = type[BaseModel] | Mapping[str, Any]
_REF = "#/components/schemas/{model}"


CONSENT_HEADERS = {
    "Archive-Consent": "What the author allows: `download=yes, ai_training=no`.",
    "X-Robots-Tag": "The same for crawlers, where it limits them.",
    "TDM-Reservation": "`1` where text mining is reserved.",
    "Content-Usage": "The same for training and search, in the words of the IETF: `train-ai=n, search=y`.",
    "Content-Signal": "And in those of contentsignals.org: `ai-train=no, search=yes`.",
}
"""Of answers with a work or its text, where its author says something."""


def described(headers: Mapping[str, str]) -> dict[str, Any]:
    """Headers of an answer, by what they say."""
    return {name: {"schema": {"type": "string"}, "description": text} for name, text in headers.items()}


def reads(
    params: ParamSet,
    model: type[Any],
    *,
    scope: str | None = None,
    headers: Mapping[str, str] | None = None,
    problems: Sequence[type[ArchiveError]] = (),
) -> dict[str, Any]:
    """What a read declares: its parameters, the shape and headers of its answer, and the scope where it needs one."""
    return {
        "responses": {200: {"model": model, **({"headers": described(headers)} if headers else {})}},
        "openapi_extra": {
            "parameters": params.openapi(),
            "x-cacheable": True,
            **_needs(scope),
            **may_fail(*problems),
        },
    }


def writes(
    scope: str | None,
    model: type[Any] | None = None,
    *,
    status: int = 200,
    body: Schema | None = None,
    media_types: Sequence[str] = ("application/json",),
    params: ParamSet = NO_PARAMS,
    headers: Mapping[str, str] | None = None,
    problems: Sequence[type[ArchiveError]] = (),
) -> dict[str, Any]:
    """What a write declares: the scope it needs (``None``: a guest may call it), its answer and its body.

    ``body`` is a Pydantic model or a JSON Schema, ``media_types`` the types that it is taken in. ``headers`` are those
    of the answer with what they say, ``problems`` what can go wrong beside what always can: 401 and 403 come with the
    scope, 404 with an id in the path, 415 and 413 with a body.
    """
    answer: dict[str, Any] = {"model": model} if model is not None else {"description": "Done."}
    if headers:
        answer["headers"] = described(headers)
    extra: dict[str, Any] = {"parameters": params.openapi(), **_needs(scope), **may_fail(*problems)}
    if body is not None:
        schema = dict(body) if isinstance(body, Mapping) else body.model_json_schema(ref_template=_REF)
        extra["requestBody"] = {"required": True, "content": {kind: {"schema": schema} for kind in media_types}}
    return {"status_code": status, "responses": {status: answer}, "openapi_extra": extra}


def may_fail(*problems: type[ArchiveError]) -> dict[str, Any]:
    """What an operation's ``openapi_extra`` says of errors beside those that can always happen."""
    return {"x-problems": [[kind.status, kind.title] for kind in problems]}


def _needs(scope: str | None) -> dict[str, Any]:
    return {} if scope is None else {"security": [{"bearer": [scope]}]}
