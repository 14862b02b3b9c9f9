"""What the operations declare for the OpenAPI document; their answers are written as bytes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from app.web.params import ParamSet

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Position = Annotated[int, Path(ge=1, le=2**31 - 1)]


def reads(params: ParamSet, model: type[Any]) -> dict[str, Any]:
    """What a read declares: its parameters, and the shape of its answer."""
    return {
        "responses": {200: {"model": model}},
        "openapi_extra": {"parameters": params.openapi(), "x-cacheable": True},
    }
