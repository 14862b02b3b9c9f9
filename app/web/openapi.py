"""The OpenAPI document: the framework's, with every error that can happen and without those that cannot."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.errors import (
    ArchiveError,
    Forbidden,
    Gone,
    IndexUnavailable,
    InternalError,
    Invalid,
    NotFound,
    PreconditionRequired,
    RegisteredOnly,
    RequestRunning,
    RequestTimeout,
    StorageFull,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from app.web.middleware import SEARCHES

DESCRIPTION = (
    "A fan-fiction archive: works, chapters, typed tags and authors, with filters, facets and full-text search. "
    "Errors are problem details (RFC 9457). Times are RFC 3339 in UTC, languages BCP 47 tags."
)
_ALWAYS = (Invalid, InternalError, Unavailable)
_BY_ID = (NotFound, Gone, RegisteredOnly)
_WITH_BODY = (RequestTimeout, TooLarge, UnsupportedMediaType)
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "ffa_pat_…",
    "description": "An account's token or an operator's. The scopes that an operation needs stand beside `bearer`.",
}
_ANYONE: list[dict[str, list[str]]] = [{}, {"bearer": []}]
"""A guest, or a token, which may let the caller see more."""
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Of your choice: the same request with it is done once and answered the same for 24 hours.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The `ETag` that you have read, or `*`; only its version counts. Stale is 412, none is 428.",
    "schema": {"type": "string", "examples": ['"3.0123456789abcdef"', "*"]},
}
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
        made["components"]["securitySchemes"] = {"bearer": _BEARER}
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _hoist_definitions(operation, schemas)
                keyed = method == "post" and path.startswith("/v1") and path not in SEARCHES
                writing = method != "get" and path not in SEARCHES
                _add_problems(path, operation, keyed=keyed, writing=writing)
                _add_headers(operation, keyed=keyed)
                _drop_empty_contents(operation)
                _say_what_is_left_out(operation, schemas)
        app.openapi_schema = made
    return app.openapi_schema


def _hoist_definitions(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """The models inside a body's schema go where those of the answers are."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name, schema in content["schema"].pop("$defs", {}).items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two models of the API are called {name}")


def _add_headers(operation: dict[str, Any], *, keyed: bool) -> None:
    """The request headers that an operation honours."""
    headers = []
    if keyed:
        headers.append(_IDEMPOTENCY_KEY)
    if str(PreconditionRequired.status) in operation["responses"]:
        headers.append(_IF_MATCH)
    if headers:
        operation["parameters"] = [*operation.get("parameters", ()), *headers]


def _add_problems(path: str, operation: dict[str, Any], *, keyed: bool, writing: bool) -> None:
    kinds: list[type[ArchiveError]] = [*_ALWAYS, *((RequestRunning,) if keyed else ())]
    kinds += (StorageFull,) if writing else ()
    if path.startswith("/v1"):
        kinds += [IndexUnavailable, Unauthenticated, TooMany]
        if "security" in operation:
            kinds.append(Forbidden)
        operation.setdefault("security", _ANYONE)
    if "{" in path:
        kinds += _BY_ID
    if "requestBody" in operation:
        kinds += _WITH_BODY
    by_status: dict[int, list[str]] = {}
    for status, title in [*((kind.status, kind.title) for kind in kinds), *operation.pop("x-problems", ())]:
        by_status.setdefault(status, []).append(title)
    responses = operation["responses"]
    for status, titles in sorted(by_status.items()):
        entry: dict[str, Any] = {
            "description": "; ".join(dict.fromkeys(titles)),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if status in {Unavailable.status, TooMany.status}:
            entry["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
        if status == Unauthenticated.status:
            entry["headers"] = {
                "WWW-Authenticate": {"schema": {"type": "string"}, "description": "A `Bearer` challenge."}
            }
        responses[str(status)] = entry
    if operation.get("x-cacheable"):
        responses["304"] = {"description": "The client has it already."}
        del operation["x-cacheable"]


def _drop_empty_contents(operation: dict[str, Any]) -> None:
    """The framework documents JSON of any kind where nothing is sent."""
    for response in operation["responses"].values():
        if response.get("content") == {"application/json": {"schema": {}}}:
            del response["content"]


def _say_what_is_left_out(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Where callers may choose members with ``fields``, an answer need not have them all."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    choosing = {parameter["name"] for parameter in operation.get("parameters", ())} | body.get("properties", {}).keys()
    if "fields" not in choosing:
        return
    content = operation["responses"]["200"]["content"]["application/json"]
    content["schema"] = {"anyOf": [content["schema"], {"$ref": _partial(content["schema"]["$ref"], schemas)}]}


def _partial(reference: str, schemas: dict[str, Any]) -> str:
    """A reference to the same shape with members left out: those of its items where it is a list, else its own."""
    name = reference.rpartition("/")[2]
    whole = schemas[name]
    items = whole["properties"].get("items")
    if items is None:
        made = {key: value for key, value in whole.items() if key != "required"}
    else:
        some = {"type": "array", "items": {"$ref": _partial(items["items"]["$ref"], schemas)}}
        made = {**whole, "properties": {**whole["properties"], "items": some}}
    schemas[f"Partial{name}"] = {**made, "title": f"Partial{name}", "description": "With `fields`: what it names."}
    return reference.removesuffix(name) + f"Partial{name}"
