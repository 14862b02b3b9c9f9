"""Posting, editing and withdrawing works."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_with
from app.errors import Conflict, Forbidden, PreconditionFailed, PreconditionRequired
from app.search.parameters import FIELDS, PAGING
from app.web.bodies import MERGE_PATCH, json_body
from app.web.conditions import seen_versions
from app.web.declaring import Id, reads, writes
from app.web.listing import answer_list
from app.web.params import NO_PARAMS, Param, ParamSet
from app.web.threads import in_thread
from app.works import pages
from app.works import writes as works
from app.works.done import CHANGED, GONE, PATCHES, POSTED
from app.works.inputs import HideReason, NewWork, WorkPatch
from app.works.schemas import OwnWorks, Work

router = APIRouter(tags=["works"])

STATES = ("draft", "published", "hidden", "deleted")
MINE = ParamSet([Param("state", "token", "Works in this state alone.", enum=STATES), *PAGING, FIELDS])
CONDITIONAL = (Forbidden, Conflict, PreconditionFailed, PreconditionRequired)


@router.post(
    "/works",
    operation_id="postWork",
    summary="Post a work, or begin a draft",
    **writes("write", Work, status=201, body=NewWork, headers=POSTED),
)
async def post_work(request: Request) -> Response:
    """A draft, unless `state` is `published`. Chapters may come along; tags are names or ids."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    body = await json_body(request)
    return await act(request, viewer, works.post_work, request.state.settings, viewer, body)


@router.patch(
    "/works/{work_id}",
    operation_id="editWork",
    summary="Edit, publish or withdraw a work",
    **writes("write", Work, body=WorkPatch, media_types=PATCHES, headers=CHANGED, problems=CONDITIONAL),
)
async def edit_work(request: Request, work_id: Id) -> Response:
    """A JSON merge patch. Needs `If-Match`. Publishing publishes the first chapter and no other draft."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    seen = seen_versions(request)
    body = await json_body(request, MERGE_PATCH)
    return await act(request, viewer, works.edit_work, request.state.settings, viewer, work_id, seen, body)


@router.delete(
    "/works/{work_id}",
    operation_id="deleteWork",
    summary="Delete a work",
    **writes("write", status=204, headers=GONE, problems=CONDITIONAL),
)
async def delete_work(request: Request, work_id: Id) -> Response:
    """For 30 days it can be restored. Needs `If-Match`."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    seen = seen_versions(request)
    return await act(request, viewer, works.delete_work, viewer, work_id, seen)


@router.post(
    "/works/{work_id}/restore",
    operation_id="restoreWork",
    summary="Bring a deleted work back",
    **writes("write", Work, headers=CHANGED, problems=(Forbidden, Conflict)),
)
async def restore_work(request: Request, work_id: Id) -> Response:
    """As it was when it was deleted: a draft, published or hidden."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, works.restore_work, viewer, work_id)


@router.post(
    "/works/{work_id}/hide",
    operation_id="hideWork",
    summary="Hide a work, as a moderator",
    tags=["moderation"],
    **writes("moderate", status=204, body=HideReason, headers=GONE, problems=(Conflict,)),
)
async def hide_work(request: Request, work_id: Id) -> Response:
    """From all but its authors, who are told the reason."""
    viewer = await viewer_with(request, "moderate")
    NO_PARAMS.parse(request.scope["query_string"])
    body = await json_body(request)
    state = request.state
    return await act(request, viewer, works.hide_work, state.settings, state.outbox, viewer, work_id, body)


@router.post(
    "/works/{work_id}/unhide",
    operation_id="unhideWork",
    summary="Show a hidden work again, as a moderator",
    tags=["moderation"],
    **writes("moderate", status=204, headers=GONE, problems=(Conflict,)),
)
async def unhide_work(request: Request, work_id: Id) -> Response:
    """As it was before it was hidden."""
    viewer = await viewer_with(request, "moderate")
    NO_PARAMS.parse(request.scope["query_string"])
    state = request.state
    return await act(request, viewer, works.unhide_work, state.settings, state.outbox, viewer, work_id)


@router.get(
    "/me/works",
    operation_id="listOwnWorks",
    summary="The caller's own works",
    tags=["accounts"],
    **reads(MINE, OwnWorks, scope="read"),
)
async def list_own_works(request: Request) -> Response:
    """Drafts, hidden and deleted ones too, newest first."""
    given = MINE.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "read")
    page = await in_thread(request, pages.own_works_page, request.state.archive, viewer, given)
    return answer_list(request, page)
