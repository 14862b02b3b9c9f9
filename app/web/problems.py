"""Errors as problem details (RFC 9457), all of them: ours, the framework's, and what nobody expected.

What the caller sent is never echoed.
"""

from __future__ import annotations

from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from app.db.failures import is_full
from app.errors import (
    ArchiveError,
    DatabaseUnavailable,
    FieldProblem,
    Forbidden,
    InternalError,
    Invalid,
    MethodNotAllowed,
    NotFound,
    RequestTimeout,
    StorageFull,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from app.kit.pointers import json_pointer
from app.web.params import summary

PROBLEM = "application/problem+json"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
log = structlog.get_logger("fanarchive.web")

_BY_STATUS: dict[int, type[ArchiveError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
}


def problem_body(error: ArchiveError, request_id: str) -> bytes:
    """The JSON of a problem."""
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "code": error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = [problem.as_json() for problem in error.errors]
    return orjson.dumps(body)


def problem_response(request: Request, error: ArchiveError) -> Response:
    """The answer for an error."""
    headers = {"cache-control": "no-store", "vary": "Authorization", **error.headers}
    if error.status == 401:  # noqa: PLR2004
        headers.setdefault("WWW-Authenticate", 'Bearer realm="fanarchive"')
    request_id = request.scope.get("request_id", "")
    return Response(problem_body(error, request_id), error.status, headers, PROBLEM)


async def _archive_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ArchiveError)
    return problem_response(request, error)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        known = InternalError() if error.status_code >= 500 else Invalid("The request cannot be read.")  # noqa: PLR2004
        return problem_response(request, known)
    details = {
        405: "This address does not take that method.",
        413: "The body is larger than this address takes.",
    }
    headers = {"Allow": _allowed(request)} if kind is MethodNotAllowed else dict(error.headers or {})
    return problem_response(request, kind(details.get(error.status_code), headers=headers))


def _allowed(request: Request) -> str:
    """The methods of an address. The framework names those of the first route alone that has its path."""
    routes = request.app.routes
    methods = [m for m in _METHODS if any(r.matches({**request.scope, "method": m})[0] is Match.FULL for r in routes)]
    return ", ".join(["GET", "HEAD", *methods[1:]] if "GET" in methods else methods)


async def _invalid(request: Request, error: Exception) -> Response:
    """The framework's own checks: path parameters and JSON bodies. Its messages are kept, the input is not."""
    assert isinstance(error, RequestValidationError)
    problems = []
    for found in error.errors():
        place, *rest = found["loc"]
        detail = str(found["msg"])
        code = str(found["type"]).replace("_", "-")
        if place in {"path", "query", "header"}:
            problems.append(FieldProblem(code, detail, parameter=str(rest[0]) if rest else "?"))
        else:
            problems.append(FieldProblem(code, detail, pointer=json_pointer(*rest)))
    return problem_response(request, Invalid(summary(problems), errors=problems))


async def _database_error(request: Request, error: Exception) -> Response:
    full = isinstance(error, DBAPIError) and is_full(error)
    event = "database.full" if full else "database.unavailable"
    log.warning(event, error=type(error).__name__, request_id=request.scope.get("request_id"))
    return problem_response(request, StorageFull() if full else DatabaseUnavailable())


async def _dbapi_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    if error.connection_invalidated or is_full(error):
        return await _database_error(request, error)
    return await _unexpected(request, error)


async def _gone(request: Request, _error: Exception) -> Response:
    """The caller went away before the body was whole. That is no failure of ours, and nobody hears the answer."""
    return problem_response(request, RequestTimeout())


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request.failed", exc_info=error, request_id=request.scope.get("request_id"))
    return problem_response(request, InternalError())


def add_error_handlers(app: FastAPI) -> None:
    """Render every exception of an app."""
    app.add_exception_handler(ArchiveError, _archive_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(OperationalError, _database_error)
    app.add_exception_handler(PoolTimeout, _database_error)
    app.add_exception_handler(DBAPIError, _dbapi_error)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)
