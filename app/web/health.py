"""Whether the server is up, whether it can do its work, and what it has done."""

from __future__ import annotations

import ipaddress
from typing import Any

import orjson
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from app.db.migrate import check_schema
from app.errors import DatabaseUnavailable, Forbidden, IndexUnavailable
from app.web.params import NO_PARAMS
from app.web.threads import in_thread

router = APIRouter(tags=["operations"])
_OK = orjson.dumps({"status": "ok"})


def _plain(body: bytes, media_type: str = "application/json") -> Response:
    return Response(body, media_type=media_type, headers={"cache-control": "no-store"})


@router.get("/healthz", operation_id="getHealth", summary="Whether the server is up")
async def healthz(request: Request) -> Response:
    """Answers without touching anything."""
    NO_PARAMS.parse(request.scope["query_string"])
    return _plain(_OK)


@router.get("/readyz", operation_id="getReadiness", summary="Whether it can do its work")
async def readyz(request: Request) -> Response:
    """The database answers, its schema is the right one, and the index is usable; else 503 saying which is not."""
    NO_PARAMS.parse(request.scope["query_string"])
    await in_thread(request, _check, request.state.database)
    ready, reason = request.state.index.ready()
    if not ready:
        raise IndexUnavailable(f"Search is not ready: {reason}.")
    return _plain(_OK)


def _check(database: Any) -> None:
    try:
        check_schema(database)
    except SQLAlchemyError as error:
        raise DatabaseUnavailable from error


@router.get("/metrics", operation_id="getMetrics", summary="Prometheus metrics, for loopback alone")
async def metrics(request: Request) -> Response:
    """In the text format of Prometheus."""
    NO_PARAMS.parse(request.scope["query_string"])
    client = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(client).is_loopback
    except ValueError:
        local = False
    if not local:
        raise Forbidden("Metrics are shown to loopback addresses.")
    return _plain(generate_latest(), CONTENT_TYPE_LATEST)
