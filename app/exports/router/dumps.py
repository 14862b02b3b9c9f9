"""Dumps over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import viewer_of
from app.exports.dumps import DUMP, dump_works
from app.exports.streaming import stream

NDJSON = "application/x-ndjson"
_LINES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A line a work, by ascending id: an import record each (`/schemas/import-record.json`).",
        "content": {NDJSON: {"schema": {"type": "string"}}},
    }
}

router = APIRouter(tags=["exports"])


@router.get(
    "/exports/works.ndjson",
    operation_id="exportWorks",
    summary="Works with their text, as imports take them",
    responses=_LINES,
    response_class=Response,
    openapi_extra={"parameters": DUMP.openapi()},
)
async def export_works(request: Request) -> Response:
    """What a filter finds, or all that lists show the caller; works whose authors refuse downloads are left out."""
    given = DUMP.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    pieces = dump_works(request.state.archive, viewer, given)
    return await stream(request, pieces, media_type=NDJSON, filename="works.ndjson")
