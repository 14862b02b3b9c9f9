"""The OpenAPI document: the framework's, with every error that can happen and without those that cannot."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.errors import (
    Gone,
    IndexUnavailable,
    InternalError,
    Invalid,
    NotFound,
    RegisteredOnly,
    Unavailable,
)

DESCRIPTION = (
    "A fan-fiction archive: works, chapters, typed tags and authors, with filters, facets and full-text search. "
    "Errors are problem details (RFC 9457). Times are RFC 3339 in UTC, languages BCP 47 tags."
)
_ALWAYS = (Invalid, InternalError, Unavailable)
_BY_ID = (NotFound, Gone, RegisteredOnly)
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "code", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/problems/work-not-found"]},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "parameter": {"type": "string"},
                    "pointer": {"type": "string", "description": "A JSON Pointer (RFC 6901)."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "suggestion": {"type": "string"},
                    "offset": {"type": "integer"},
                },
            },
        },
    },
}


def document(app: FastAPI) -> dict[str, Any]:
    """Make the document once and keep it."""
    if app.openapi_schema is None:
        made = get_openapi(title="Fanarchive", version=__version__, description=DESCRIPTION, routes=app.routes)
        made["servers"] = [{"url": "/"}]
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["Problem"] = _PROBLEM
        for path, operations in made["paths"].items():
            for operation in operations.values():
                _add_problems(path, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _add_problems(path: str, operation: dict[str, Any]) -> None:
    kinds = [
        *_ALWAYS,
        *(_BY_ID if "{" in path else ()),
        *((IndexUnavailable,) if path.startswith("/v1") else ()),
    ]
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind.title)
    if path == "/metrics":
        by_status[403] = ["Not from loopback"]
    responses = operation["responses"]
    for status, titles in sorted(by_status.items()):
        entry: dict[str, Any] = {
            "description": "; ".join(dict.fromkeys(titles)),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if status == Unavailable.status:
            entry["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
        responses[str(status)] = entry
    if operation.get("x-cacheable"):
        responses["304"] = {"description": "The client has it already."}
        del operation["x-cacheable"]
