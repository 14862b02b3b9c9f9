"""Dumps over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from app.accounts.deps import viewer_of
from app.exports.dumps import DUMP, dump_works
from app.web.responses import REVALIDATE, VARY
from app.web.threads import in_thread

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
    # The first piece before the head: what is wrong with the question is answered as a problem.
    first = await in_thread(request, next, pieces, None)
    headers = {"cache-control": REVALIDATE, "vary": VARY, "content-disposition": 'attachment; filename="works.ndjson"'}
    if request.scope["head"]:
        return Response(headers=headers, media_type=NDJSON)
    return StreamingResponse(_stream(request, first, pieces), headers=headers, media_type=NDJSON)


async def _stream(request: Request, first: bytes | None, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    piece = first
    while piece is not None:
        if piece:
            yield piece
        piece = await in_thread(request, next, pieces, None)
