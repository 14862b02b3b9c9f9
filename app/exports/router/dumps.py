"""Dumps over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import viewer_of
from app.accounts.rules import Viewer
from app.exports.books import dump_books
from app.exports.dumps import DUMP, count_left_out, dump_works, uses_of
from app.exports.streaming import stream
from app.formats.writers.permissions import permission_headers
from app.search.archive import Archive, Given
from app.web.declaring import CONSENT_HEADERS, described
from app.web.threads import in_thread

NDJSON, ZIP = "application/x-ndjson", "application/zip"
Dump = Callable[[Archive, Viewer, Given], Iterator[bytes]]
_LEFT_OUT = "How many works are left out because their authors do not allow it."
_ASKED = "What all works allow, as far as the dump was asked to keep to it; what each allows is in its record."

router = APIRouter(tags=["exports"])


def gives(media_type: str, description: str, schema: dict[str, str]) -> dict[str, Any]:
    """What a dump declares."""
    texts = {**CONSENT_HEADERS, "Archive-Left-Out": _LEFT_OUT, "Archive-Consent": _ASKED}
    answer = {"description": description, "content": {media_type: {"schema": schema}}, "headers": described(texts)}
    return {
        "responses": {200: answer},
        "response_class": Response,
        "openapi_extra": {"parameters": DUMP.openapi()},
    }


@router.get(
    "/exports/works.ndjson",
    operation_id="exportWorks",
    summary="Works with their text, as imports take them",
    **gives(
        NDJSON,
        "A line a work, by ascending id: an import record each (`/schemas/import-record.json`).",
        {"type": "string"},
    ),
)
async def export_works(request: Request) -> Response:
    """What a filter finds, or all that lists show the caller; works whose authors refuse downloads are left out."""
    return await _dump(request, dump_works, NDJSON, "works.ndjson")


@router.get(
    "/exports/works.epub.zip",
    operation_id="exportBooks",
    summary="Works as books in a ZIP",
    **gives(
        ZIP,
        "A book a work, by ascending id, with which its name begins; at last a table of all (`fanarchive-index.csv`).",
        {"type": "string", "format": "binary"},
    ),
)
async def export_books(request: Request) -> Response:
    """The same works as EPUB 3.3, which imports take back. Of a ZIP that is cut off, what is whole can be read."""
    return await _dump(request, dump_books, ZIP, "works.epub.zip")


async def _dump(request: Request, dump: Dump, media_type: str, filename: str) -> Response:
    given = DUMP.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    archive = request.state.archive
    left_out = await in_thread(request, count_left_out, archive, viewer, given)
    # Works of many authors, who allow this and that: what none was asked for is allowed by none.
    asked = {"ai_training": "no", "indexing": "no"} | dict.fromkeys(uses_of(given), "yes")
    headers = permission_headers(asked) | {"archive-left-out": str(left_out)}
    return await stream(
        request, dump(archive, viewer, given), media_type=media_type, filename=filename, headers=headers
    )
