"""What chapters were before: their revisions, by the chapter's place in its work or by its id. For authors alone."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_with
from app.errors import Conflict, Forbidden, PreconditionFailed, PreconditionRequired
from app.search.parameters import fields_param
from app.web.conditions import seen_versions
from app.web.declaring import Id, Position, reads, writes
from app.web.params import NO_PARAMS, Param, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread
from app.works import answers
from app.works import writes as works
from app.works.done import CHANGED
from app.works.queries.places import ChapterPlace
from app.works.schemas import Chapter, Revision, RevisionEntry, RevisionList

router = APIRouter(tags=["works"])

ONE = ParamSet([Param("diff", "token", "`1`: also what it changed of the one before.", enum=("1",))])
ALL = ParamSet([fields_param(RevisionEntry.model_fields, "revision,at")])
LISTS = reads(ALL, RevisionList, scope="read", problems=(Forbidden,))
READS = reads(ONE, Revision, scope="read", problems=(Forbidden,))
RESTORES = writes(
    "write",
    Chapter,
    headers=CHANGED,
    problems=(Forbidden, Conflict, PreconditionFailed, PreconditionRequired),
)


@router.get(
    "/works/{work_id}/chapters/{position}/revisions",
    operation_id="listWorkChapterRevisions",
    summary="The revisions of a chapter",
    **LISTS,
)
async def list_work_chapter_revisions(request: Request, work_id: Id, position: Position) -> Response:
    """Newest first, whole and unpaged; the newest is the chapter as it is."""
    return await _list(request, ChapterPlace(work_id=work_id, position=position))


@router.get(
    "/chapters/{chapter_id}/revisions",
    operation_id="listChapterRevisions",
    summary="The revisions of a chapter by its id",
    **LISTS,
)
async def list_chapter_revisions(request: Request, chapter_id: Id) -> Response:
    """The same, wherever the chapter stands."""
    return await _list(request, ChapterPlace(chapter_id=chapter_id))


async def _list(request: Request, place: ChapterPlace) -> Response:
    given = ALL.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "read")
    detail = await in_thread(request, answers.revisions_body, request.state.archive, viewer, place, given)
    return answer(request, detail.body, etag=make_etag(detail.version, detail.body))


@router.get(
    "/works/{work_id}/chapters/{position}/revisions/{revision}",
    operation_id="getWorkChapterRevision",
    summary="One revision",
    **READS,
)
async def get_work_chapter_revision(request: Request, work_id: Id, position: Position, revision: Position) -> Response:
    """With its texts, and with `diff=1` the paragraphs that came and went."""
    return await _get(request, ChapterPlace(work_id=work_id, position=position), revision)


@router.get(
    "/chapters/{chapter_id}/revisions/{revision}",
    operation_id="getChapterRevision",
    summary="One revision by the chapter's id",
    **READS,
)
async def get_chapter_revision(request: Request, chapter_id: Id, revision: Position) -> Response:
    """The same, wherever the chapter stands."""
    return await _get(request, ChapterPlace(chapter_id=chapter_id), revision)


async def _get(request: Request, place: ChapterPlace, revision: int) -> Response:
    given = ONE.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "read")
    detail = await in_thread(request, answers.revision_body, request.state.archive, viewer, place, revision, given)
    return answer(request, detail.body, etag=make_etag(detail.version, detail.body))


@router.post(
    "/works/{work_id}/chapters/{position}/revisions/{revision}/restore",
    operation_id="restoreWorkChapterRevision",
    summary="Make a former text the text again",
    **RESTORES,
)
async def restore_work_chapter_revision(
    request: Request, work_id: Id, position: Position, revision: Position
) -> Response:
    """As a new revision. Needs the chapter's `If-Match`."""
    return await _restore(request, ChapterPlace(work_id=work_id, position=position), revision)


@router.post(
    "/chapters/{chapter_id}/revisions/{revision}/restore",
    operation_id="restoreChapterRevision",
    summary="Make a former text the text again, by the chapter's id",
    **RESTORES,
)
async def restore_chapter_revision(request: Request, chapter_id: Id, revision: Position) -> Response:
    """The same, wherever the chapter stands."""
    return await _restore(request, ChapterPlace(chapter_id=chapter_id), revision)


async def _restore(request: Request, place: ChapterPlace, revision: int) -> Response:
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    seen = seen_versions(request)
    run = works.restore_revision
    return await act(request, viewer, run, viewer, place, seen, revision)
