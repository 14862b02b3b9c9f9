"""Following the archive over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import viewer_of
from app.web.declaring import reads
from app.web.params import Param, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread
from app.works import following
from app.works.schemas import Changes

router = APIRouter(tags=["works"])

CHANGES = ParamSet(
    [
        Param("after", "integer", "A change number: what came after it.", minimum=0, maximum=2**63 - 1, default=0),
        Param("limit", "integer", "How many.", minimum=1, maximum=1_000, default=100),
    ]
)


@router.get("/changes", operation_id="listChanges", summary="Follow the archive", **reads(CHANGES, Changes))
async def list_changes(request: Request) -> Response:
    """Each work that changed, once, at its last change, with those that went; go on from `next`."""
    given = CHANGES.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    body = await in_thread(request, following.changes_body, request.state.archive, viewer, given)
    return answer(request, body, etag=make_etag(0, body))
