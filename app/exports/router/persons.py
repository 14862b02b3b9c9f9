"""What the archive knows of a person, over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import viewer_with
from app.accounts.errors import NoAccount
from app.accounts.rules import require_account
from app.exports.persons import export_person
from app.exports.streaming import stream
from app.web.declaring import may_fail
from app.web.params import NO_PARAMS
from app.web.responses import JSON

router = APIRouter(tags=["exports"])

_WHOLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The account, and by what they are lists of all that is its own; `works` are import records.",
        "content": {JSON: {"schema": {"type": "object", "required": ["made_at", "account", "works"]}}},
    }
}


@router.get(
    "/me/export", operation_id="exportMe", summary="Everything that the archive knows of you",
    tags=["accounts"], responses=_WHOLE, response_class=Response,
    openapi_extra={"security": [{"bearer": ["read"]}], **may_fail(NoAccount)},
)  # fmt: skip
async def export_me(request: Request) -> Response:
    """Works in every state with all revisions, and what you did and were told; secrets are kept as hashes alone."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "read", barred_too=True)
    require_account(viewer)
    pieces = export_person(request.state.archive, viewer)
    return await stream(request, pieces, media_type=JSON, filename="export.json")
