"""Signing a work together, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_with
from app.accounts.errors import NoAccount
from app.errors import Forbidden
from app.search.parameters import LARGEST
from app.web.bodies import json_body
from app.web.declaring import Id, reads, writes
from app.web.params import NO_PARAMS, Param, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread
from app.works import cosigning
from app.works.done import CHANGED, GONE, LOCATION
from app.works.errors import AlreadySigned, LastAuthor, NotInvitable
from app.works.schemas import BylineInvitation, BylineInvitations, Work

router = APIRouter(tags=["authors"])

INVITING = ParamSet(
    [Param("author_id", "integer", "The pen name that is to sign.", minimum=1, maximum=LARGEST, required=True)]
)


@router.get(
    "/works/{work_id}/invitations", operation_id="listWorkInvitations", summary="Who is asked to sign a work",
    **reads(NO_PARAMS, BylineInvitations, scope="read", problems=(Forbidden,)),
)  # fmt: skip
async def list_work_invitations(request: Request, work_id: Id) -> Response:
    """For its authors."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "read")
    body = await in_thread(request, cosigning.work_invitations_body, request.state.archive, viewer, work_id)
    return answer(request, body, etag=make_etag(0, body))


@router.post(
    "/works/{work_id}/invitations", operation_id="inviteAuthor", summary="Ask somebody to sign a work, too",
    **writes("write", BylineInvitation, status=201, body=INVITING.json_schema(), headers={"Location": LOCATION},
             problems=(Forbidden, AlreadySigned, NotInvitable)),
)  # fmt: skip
async def invite_author(request: Request, work_id: Id) -> Response:
    """Whose pen name it is gets a notice; the byline is as it was until they accept."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    given = INVITING.parse_json(await json_body(request))
    return await act(request, viewer, cosigning.invite_author, viewer, work_id, given)


@router.delete(
    "/works/{work_id}/invitations/{invitation_id}", operation_id="withdrawInvitation",
    summary="Ask somebody no longer", **writes("write", status=204, problems=(Forbidden,)),
)  # fmt: skip
async def withdraw_invitation(request: Request, work_id: Id, invitation_id: Id) -> Response:
    """What was accepted meanwhile stays."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, cosigning.withdraw_invitation, viewer, work_id, invitation_id)


@router.delete(
    "/works/{work_id}/authors/{author_id}", operation_id="leaveByline", summary="Take your name off a work",
    **writes("write", status=204, headers=GONE, problems=(Forbidden, LastAuthor)),
)  # fmt: skip
async def leave_byline(request: Request, work_id: Id, author_id: Id) -> Response:
    """It stays with those who signed it, too."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, cosigning.leave_byline, viewer, work_id, author_id)


@router.get(
    "/me/invitations", operation_id="listInvitations", summary="What you are asked to sign",
    **reads(NO_PARAMS, BylineInvitations, scope="read", problems=(NoAccount,)),
)  # fmt: skip
async def list_invitations(request: Request) -> Response:
    """Oldest first."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "read")
    body = await in_thread(request, cosigning.own_invitations_body, request.state.archive, viewer)
    return answer(request, body, etag=make_etag(0, body))


@router.post(
    "/me/invitations/{invitation_id}/accept", operation_id="acceptInvitation", summary="Sign a work",
    **writes("write", Work, headers=CHANGED, problems=(NoAccount,)),
)  # fmt: skip
async def accept_invitation(request: Request, invitation_id: Id) -> Response:
    """Your name stands behind those of the others, and the work is yours to edit as it is theirs."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, cosigning.accept_invitation, viewer, invitation_id)


@router.delete(
    "/me/invitations/{invitation_id}", operation_id="declineInvitation", summary="Do not sign a work",
    **writes("write", status=204, problems=(NoAccount,)),
)  # fmt: skip
async def decline_invitation(request: Request, invitation_id: Id) -> Response:
    """Nobody is told."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, cosigning.decline_invitation, viewer, invitation_id)
