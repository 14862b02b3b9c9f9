"""Whether the server is up, and whether it can do its work."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from app.db.migrate import check_schema
from app.errors import DatabaseUnavailable, IndexUnavailable, Stopping
from app.web.params import NO_PARAMS
from app.web.threads import in_thread

router = APIRouter(tags=["operations"])
_OK = orjson.dumps({"status": "ok"})


def _plain(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


@router.get("/healthz", operation_id="getHealth", summary="Whether the server is up")
async def healthz(request: Request) -> Response:
    """Answers without touching anything."""
    NO_PARAMS.parse(request.scope["query_string"])
    return _plain(_OK)


@router.get("/readyz", operation_id="getReadiness", summary="Whether it can do its work")
async def readyz(request: Request) -> Response:
    """The database answers, its schema fits, and the index is usable and up to date; else 503 saying what is not."""
    NO_PARAMS.parse(request.scope["query_string"])
    if request.state.closing.is_on:
        raise Stopping
    await in_thread(request, _check, request.state.archive)
    ready, reason = request.state.index.ready()
    if not ready:
        raise IndexUnavailable(f"Search is not ready: {reason}.")
    return _plain(_OK)


def _check(archive: Any) -> None:
    try:
        check_schema(archive.database)
    except SQLAlchemyError as error:
        raise DatabaseUnavailable from error
