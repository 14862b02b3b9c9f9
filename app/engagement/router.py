"""What readers do, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_of
from app.accounts.rules import Viewer, require_scope
from app.engagement import writes as readers
from app.engagement.hits import address_hash
from app.errors import Conflict, Forbidden
from app.web.clients import address_of
from app.web.declaring import Id, writes
from app.web.params import NO_PARAMS
from app.works.done import GONE

router = APIRouter(tags=["readers"])


@router.post(
    "/works/{work_id}/kudos",
    operation_id="leaveKudos",
    summary="Leave kudos",
    **writes(None, status=204, headers=GONE, problems=(Conflict, Forbidden)),
)
async def leave_kudos(request: Request, work_id: Id) -> Response:
    """One an account, and for guests one an address; not on a work of one's own."""
    viewer, guest_hash = await _reader(request)
    return await act(request, viewer, readers.leave_kudos, viewer, work_id, guest_hash)


@router.delete(
    "/works/{work_id}/kudos",
    operation_id="takeKudosBack",
    summary="Take kudos back",
    **writes(None, status=204, headers=GONE, problems=(Conflict, Forbidden)),
)
async def take_kudos_back(request: Request, work_id: Id) -> Response:
    """Nothing happens where there are none."""
    viewer, guest_hash = await _reader(request)
    return await act(request, viewer, readers.take_kudos_back, viewer, work_id, guest_hash)


async def _reader(request: Request) -> tuple[Viewer, str]:
    """A guest, or somebody whose token may write."""
    viewer = await viewer_of(request)
    if viewer.signed_in:
        require_scope(viewer, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    return viewer, address_hash(request.state.archive.secret, "kudos", address_of(request))
