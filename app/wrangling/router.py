"""Tag wrangling over HTTP: acts, their history and undoing, bins, and who looks after which fandom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_with
from app.errors import Conflict
from app.search.parameters import AFTER_CHANGE, LARGEST, PAGING, fields_param
from app.search.schema import TAG_TYPES
from app.search.schemas import Tag
from app.tags.inputs import act_schema, acts_schema, creation_schema
from app.web.bodies import MERGE_PATCH, json_body
from app.web.declaring import Id, reads, writes
from app.web.listing import answer_list
from app.web.params import NO_PARAMS, Param, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread
from app.wrangling import answers
from app.wrangling.bin_pages import bins_page
from app.wrangling.schemas import Act, Assignments, BinEntry, BinPage, History, Undone, Wrangled

router = APIRouter(tags=["wrangling"])

Wrangler = Annotated[str, Path(min_length=1, max_length=200)]
BINS = ParamSet(
    [
        Param("type", "token", "A type of tags.", enum=TAG_TYPES),
        Param("fandom", "text", "Tags on works of this fandom, by name.", max_length=300),
        Param("fandom_id", "integer", "The same by id.", minimum=1, maximum=LARGEST),
        Param("assigned", "boolean", "Tags on works of the fandoms that the caller looks after."),
        *PAGING,
        fields_param(BinEntry.model_fields, "name,uses,suggestions"),
        AFTER_CHANGE,
    ]
)
HISTORY = ParamSet([*PAGING, fields_param(Act.model_fields, "at,by")])
ASSIGNMENTS = ParamSet(
    [
        Param("wrangler", "text", "Only theirs.", max_length=200),
        Param("fandom_id", "integer", "Only of this fandom.", minimum=1, maximum=LARGEST),
    ]
)
CHANGE = {"Archive-Change": "The number to send as `after_change`."}


@router.post(
    "/tags", operation_id="createTag", summary="Make a tag",
    **writes("wrangle", Tag, status=201, body=creation_schema(), headers=CHANGE, problems=[Conflict]),
)  # fmt: skip
async def create_tag(request: Request) -> Response:
    """With `type` and `name`, and any member of an edit. A tag of that name is 409, and `Location` says where."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "wrangle")
    return await act(request, viewer, answers.create_tag, request.state.archive, viewer, await json_body(request))


@router.post(
    "/tags/wrangle", operation_id="wrangleTags", summary="Many acts, all or none",
    **writes("wrangle", Wrangled, body=acts_schema(), headers=CHANGE, problems=[Conflict]),
)  # fmt: skip
async def wrangle_tags(request: Request) -> Response:
    """Each act builds on those before it. `dry_run` says what would happen and changes nothing."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "wrangle")
    return await act(request, viewer, answers.wrangle_tags, request.state.archive, viewer, await json_body(request))


@router.get(
    "/tags/bins", operation_id="listTagBins", summary="Unwrangled tags, with what they may be",
    **reads(BINS, BinPage, scope="wrangle"),
)  # fmt: skip
async def list_tag_bins(request: Request) -> Response:
    """Most used first; each with ranked suggestions, the reason for each, and the act that follows it."""
    given = BINS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "wrangle")
    page = await in_thread(request, bins_page, request.state.archive, viewer, given)
    return answer_list(request, page)


@router.get(
    "/tags/assignments", operation_id="listAssignments", summary="Who looks after which fandom",
    **reads(ASSIGNMENTS, Assignments, scope="wrangle"),
)  # fmt: skip
async def list_assignments(request: Request) -> Response:
    """Whole, by the fandoms' names."""
    given = ASSIGNMENTS.parse(request.scope["query_string"])
    await viewer_with(request, "wrangle")
    body = await in_thread(request, answers.assignments_body, request.state.archive, given)
    return answer(request, body, etag=make_etag(0, body))


@router.put(
    "/tags/{tag_id}/wranglers/{wrangler}", operation_id="assignFandom", summary="Look after a fandom",
    **writes("wrangle", status=204),
)  # fmt: skip
async def assign_fandom(request: Request, tag_id: Id, wrangler: Wrangler) -> Response:
    """Wranglers put their own name; others' need the scope `admin`. A name is how acts are signed."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "wrangle")
    return await act(request, viewer, answers.assign_to, viewer, tag_id, wrangler)


@router.delete(
    "/tags/{tag_id}/wranglers/{wrangler}", operation_id="releaseFandom", summary="Look after it no more",
    **writes("wrangle", status=204),
)  # fmt: skip
async def release_fandom(request: Request, tag_id: Id, wrangler: Wrangler) -> Response:
    """It does not matter whether they did."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "wrangle")
    return await act(request, viewer, answers.release_from, viewer, tag_id, wrangler)


@router.patch(
    "/tags/{tag_id}", operation_id="editTag", summary="Rename or link a tag",
    **writes(
        "wrangle", Tag, body=act_schema(with_id=False), media_types=("application/json", MERGE_PATCH), headers=CHANGE,
        problems=[Conflict],
    ),
)  # fmt: skip
async def edit_tag(request: Request, tag_id: Id) -> Response:
    """`canonical_id` makes a synonym, on a canonical tag it merges; null releases. The answer is the tag."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "wrangle")
    body = await json_body(request, MERGE_PATCH)
    return await act(request, viewer, answers.edit_tag, request.state.archive, viewer, tag_id, body)


@router.delete(
    "/tags/{tag_id}", operation_id="deleteTag", summary="Delete a tag that nothing uses",
    **writes("wrangle", status=204, headers=CHANGE, problems=[Conflict]),
)  # fmt: skip
async def delete_tag(request: Request, tag_id: Id) -> Response:
    """Only one that no work carries and no tag is linked to; it can be undone like any act."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "wrangle")
    return await act(request, viewer, answers.delete_tag, request.state.archive, viewer, tag_id)


@router.get(
    "/tags/{tag_id}/history", operation_id="getTagHistory", summary="What was done to a tag",
    **reads(HISTORY, History, scope="wrangle"),
)  # fmt: skip
async def get_tag_history(request: Request, tag_id: Id) -> Response:
    """Newest first: acts that were asked of it, and those of other tags that changed it."""
    given = HISTORY.parse(request.scope["query_string"])
    await viewer_with(request, "wrangle")
    page = await in_thread(request, answers.history_page, request.state.archive, tag_id, given)
    return answer_list(request, page)


@router.post(
    "/tags/acts/{act_id}/undo", operation_id="undoAct", summary="Undo an act",
    **writes("wrangle", Undone, headers=CHANGE, problems=[Conflict]),
)  # fmt: skip
async def undo_act(request: Request, act_id: Id) -> Response:
    """Every fact gets the value back that it had. Refused where later acts stand on it: undo those first."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "wrangle")
    return await act(request, viewer, answers.undo, request.state.archive, viewer, act_id)
