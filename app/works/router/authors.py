"""Pen names, and leaving the archive: what shows in works."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_with
from app.accounts.errors import NoAccount, SessionNeeded
from app.accounts.rules import require_account
from app.search.schemas import Author
from app.web.bodies import MERGE_PATCH, json_body
from app.web.declaring import Id, writes
from app.web.params import NO_PARAMS, Param, ParamSet
from app.works import pen_names
from app.works.done import CHANGED, ETAG, GONE, LOCATION, PATCHES

router = APIRouter(tags=["authors"])

_BIO = Param("bio", "text", "HTML.", max_length=50_000)
NEW_PEN_NAME = ParamSet([Param("name", "text", "The name; it need not be unique.", required=True), _BIO])
EDIT_PEN_NAME = ParamSet([Param("name", "text", "Another name: all works show it."), _BIO])
LEAVING = ParamSet(
    [
        Param(
            "works",
            "token",
            "What becomes of the works that nobody else signed: they are orphaned, or deleted.",
            enum=("orphan", "delete"),
            default="orphan",
        )
    ]
)


@router.post(
    "/authors",
    operation_id="createAuthor",
    summary="Another pen name",
    **writes(
        "write", Author, status=201, body=NEW_PEN_NAME.json_schema(), headers={"Location": LOCATION, "ETag": ETAG},
        problems=(NoAccount,),
    ),
)  # fmt: skip
async def create_author(request: Request) -> Response:
    """It belongs to the caller's account; nobody is told that it does."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    given = NEW_PEN_NAME.parse_json(await json_body(request))
    return await act(request, viewer, pen_names.create_pen_name, request.state.settings, viewer, given)


@router.patch(
    "/authors/{author_id}",
    operation_id="editAuthor",
    summary="Change a pen name",
    **writes("write", Author, body=EDIT_PEN_NAME.json_schema(), media_types=PATCHES, headers=CHANGED),
)
async def edit_author(request: Request, author_id: Id) -> Response:
    """One's own, or with `admin` anybody's. Without `Archive-Change` no work shows the change."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    given = EDIT_PEN_NAME.parse_json(await json_body(request, MERGE_PATCH))
    return await act(request, viewer, pen_names.edit_pen_name, request.state.archive, viewer, author_id, given)


@router.delete(
    "/me",
    operation_id="deleteMe",
    summary="Close the account",
    tags=["accounts"],
    **writes("write", status=204, params=LEAVING, headers=GONE, problems=(NoAccount, SessionNeeded)),
)
async def delete_me(request: Request) -> Response:
    """Needs a session's token. Works that others signed too stay with them; drafts are deleted."""
    viewer = await viewer_with(request, "write", barred_too=True)
    given = LEAVING.parse(request.scope["query_string"])
    require_account(viewer)
    return await act(request, viewer, pen_names.close_account, viewer, given)
