"""Posting, editing, moving and deleting chapters: by their place in a work, or by their id."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_with
from app.errors import Conflict, Forbidden, PreconditionFailed, PreconditionRequired
from app.web.bodies import MERGE_PATCH, json_body
from app.web.conditions import seen_versions
from app.web.declaring import Id, Position, writes
from app.web.params import NO_PARAMS
from app.works import writes as works
from app.works.done import CHANGED, GONE, PATCHES, POSTED
from app.works.inputs import ChapterOrder, ChapterPatch, NewChapter
from app.works.queries.places import ChapterPlace
from app.works.schemas import Chapter, TableOfContents

router = APIRouter(tags=["works"])

CONDITIONAL = (Forbidden, Conflict, PreconditionFailed, PreconditionRequired)
EDITS = writes("write", Chapter, body=ChapterPatch, media_types=PATCHES, headers=CHANGED, problems=CONDITIONAL)
DELETES = writes("write", status=204, headers=GONE, problems=CONDITIONAL)


@router.post(
    "/works/{work_id}/chapters",
    operation_id="postChapter",
    summary="Add a chapter",
    **writes("write", Chapter, status=201, body=NewChapter, headers=POSTED, problems=(Forbidden, Conflict)),
)
async def post_chapter(request: Request, work_id: Id) -> Response:
    """At the end, or at `position`, from where the others move down. Without `state` it is as its work."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    body = await json_body(request)
    return await act(request, viewer, works.post_chapter, request.state.settings, viewer, work_id, body)


@router.put(
    "/works/{work_id}/chapters/order",
    operation_id="moveChapters",
    summary="Give the chapters another order",
    **writes("write", TableOfContents, body=ChapterOrder, headers=CHANGED, problems=CONDITIONAL),
)
async def move_chapters(request: Request, work_id: Id) -> Response:
    """All of them, drafts too. Needs the work's `If-Match`."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    seen = seen_versions(request)
    body = await json_body(request)
    return await act(request, viewer, works.move_chapters, viewer, work_id, seen, body)


@router.patch("/works/{work_id}/chapters/{position}", operation_id="editWorkChapter", summary="Edit a chapter", **EDITS)
async def edit_work_chapter(request: Request, work_id: Id, position: Position) -> Response:
    """A JSON merge patch. Needs the chapter's `If-Match`. A changed text keeps the old one as a revision."""
    return await _edit(request, ChapterPlace(work_id=work_id, position=position))


@router.patch("/chapters/{chapter_id}", operation_id="editChapter", summary="Edit a chapter by its id", **EDITS)
async def edit_chapter(request: Request, chapter_id: Id) -> Response:
    """The same, wherever the chapter stands."""
    return await _edit(request, ChapterPlace(chapter_id=chapter_id))


async def _edit(request: Request, place: ChapterPlace) -> Response:
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    seen = seen_versions(request)
    body = await json_body(request, MERGE_PATCH)
    return await act(request, viewer, works.edit_chapter, request.state.settings, viewer, place, seen, body)


@router.delete(
    "/works/{work_id}/chapters/{position}", operation_id="deleteWorkChapter", summary="Delete a chapter", **DELETES
)
async def delete_work_chapter(request: Request, work_id: Id, position: Position) -> Response:
    """For good, with its revisions. Needs the chapter's `If-Match`."""
    return await _delete(request, ChapterPlace(work_id=work_id, position=position))


@router.delete("/chapters/{chapter_id}", operation_id="deleteChapter", summary="Delete a chapter by its id", **DELETES)
async def delete_chapter(request: Request, chapter_id: Id) -> Response:
    """The same, wherever the chapter stands."""
    return await _delete(request, ChapterPlace(chapter_id=chapter_id))


async def _delete(request: Request, place: ChapterPlace) -> Response:
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    seen = seen_versions(request)
    return await act(request, viewer, works.delete_chapter, viewer, place, seen)
