"""Works and chapters over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import viewer_of
from app.accounts.rules import GUEST
from app.errors import FieldProblem, Invalid
from app.formats.writers.permissions import permission_headers
from app.search.kept_pages import kept_page, page_again
from app.search.parameters import AFTER_CHANGE, FIELDS, WORKS, WORKS_SEARCH, fields_param
from app.web.bodies import json_body, placed_in_body
from app.web.clients import address_of
from app.web.declaring import CONSENT_HEADERS, Id, Position, reads
from app.web.listing import DEFAULT_LIMIT, answer_list
from app.web.params import NO_PARAMS, Param, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread, quickly
from app.works import answers, pages
from app.works.queries.reading import WorkDetail
from app.works.schemas import Chapter, ChapterEntry, Duplicates, SimilarWorks, TableOfContents, Work, WorkList

router = APIRouter(tags=["works"])

FORMATS = ("html", "text", "markdown")
CONTENT_FORMAT = Param("content_format", "token", "The form of the text.", enum=FORMATS, default="html")
ONE_WORK = ParamSet(
    [
        Param("include", "token", "`chapters`: the whole text in one call.", enum=("chapters",)),
        CONTENT_FORMAT,
        FIELDS,
        AFTER_CHANGE,
    ]
)
SIMILAR = ParamSet([Param("limit", "integer", "How many.", minimum=1, maximum=100, default=DEFAULT_LIMIT)])
ONE_CHAPTER = ParamSet([CONTENT_FORMAT, AFTER_CHANGE])
CONTENTS = ParamSet([fields_param(ChapterEntry.model_fields, "id,title"), AFTER_CHANGE])


@router.get("/works", operation_id="listWorks", summary="List, filter and search works", **reads(WORKS, WorkList))
async def list_works(request: Request) -> Response:
    """Filters are ANDed; `any_` gives OR, `exclude_` none. Also works by `ids`, or by where they came from."""
    query, viewer = request.scope["query_string"], await viewer_of(request)
    archive, key = request.state.archive, ("works", query)
    kept = kept_page(archive, key) if viewer is GUEST else None
    if kept is not None:
        return answer_list(request, await quickly(request, page_again, archive, kept))
    given = WORKS.parse(query)
    run = quickly if pages.is_quick(archive, given) else in_thread
    page = await run(request, pages.works_page, archive, viewer, given, key)
    return answer_list(request, page)


@router.post(
    "/works/search",
    operation_id="searchWorks",
    summary="The same with the parameters as JSON",
    responses={200: {"model": WorkList}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": WORKS_SEARCH.json_schema()}},
        }
    },
)
async def search_works(request: Request) -> Response:
    """Repeatable parameters are arrays, numbers and booleans JSON's own."""
    NO_PARAMS.parse(request.scope["query_string"])
    given = WORKS_SEARCH.parse_json(await json_body(request))
    with placed_in_body():
        viewer = await viewer_of(request)
        page = await in_thread(request, pages.works_page, request.state.archive, viewer, given)
    return answer(request, page.body)


@router.get(
    "/works/{work_id}", operation_id="getWork", summary="One work", **reads(ONE_WORK, Work, headers=CONSENT_HEADERS)
)
async def get_work(request: Request, work_id: Id) -> Response:
    """With `include=chapters`, the whole text."""
    given = ONE_WORK.parse(request.scope["query_string"])
    if "content_format" in given and "include" not in given:
        problem = FieldProblem("needs-include", "It needs `include=chapters`.", parameter="content_format")
        raise Invalid("`content_format` needs `include=chapters`.", errors=[problem])
    run = in_thread if "include" in given else quickly
    viewer = await viewer_of(request)
    detail = await run(request, answers.work_body, request.state.archive, viewer, work_id, given)
    if "include" in given:
        request.state.hits.note(work_id, address_of(request), viewer)
    return _with_consent(request, detail)


@router.get(
    "/works/{work_id}/similar",
    operation_id="listSimilarWorks",
    summary="Works like a work",
    **reads(SIMILAR, SimilarWorks),
)
async def list_similar_works(request: Request, work_id: Id) -> Response:
    """Those that share most of its tags, best first; a rare tag weighs more than a common one."""
    limit = SIMILAR.parse(request.scope["query_string"]).get("limit", DEFAULT_LIMIT)
    viewer = await viewer_of(request)
    body = await in_thread(request, answers.similar_body, request.state.archive, viewer, work_id, limit)
    return answer(request, body, etag=make_etag(0, body))


@router.get(
    "/works/{work_id}/duplicates",
    operation_id="listDuplicates",
    summary="Works whose text is like a work's",
    **reads(NO_PARAMS, Duplicates),
)
async def list_duplicates(request: Request, work_id: Id) -> Response:
    """Of those that the caller may read: the same story from another site, or an older state of it. At most ten."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    body = await in_thread(request, answers.duplicates_body, request.state.archive, viewer, work_id)
    return answer(request, body, etag=make_etag(0, body))


@router.get(
    "/works/{work_id}/chapters",
    operation_id="listChapters",
    summary="The table of contents",
    **reads(CONTENTS, TableOfContents),
)
async def list_chapters(request: Request, work_id: Id) -> Response:
    """All published chapters, whole and unpaged, without their text."""
    given = CONTENTS.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    detail = await quickly(request, answers.contents_body, request.state.archive, viewer, work_id, given)
    return answer(request, detail.body, etag=make_etag(detail.version, detail.body))


@router.get(
    "/works/{work_id}/chapters/{position}",
    operation_id="getWorkChapter",
    summary="A chapter by its position",
    **reads(ONE_CHAPTER, Chapter, headers=CONSENT_HEADERS),
)
async def get_work_chapter(request: Request, work_id: Id, position: Position) -> Response:
    """Positions count the chapters that the caller may see, from 1."""
    given = ONE_CHAPTER.parse(request.scope["query_string"])
    run = in_thread if "content_format" in given else quickly
    viewer = await viewer_of(request)
    detail = await run(request, answers.chapter_at_body, request.state.archive, viewer, work_id, position, given)
    request.state.hits.note(work_id, address_of(request), viewer)
    return _with_consent(request, detail)


@router.get(
    "/chapters/{chapter_id}",
    operation_id="getChapter",
    summary="A chapter by its id",
    **reads(ONE_CHAPTER, Chapter, headers=CONSENT_HEADERS),
)
async def get_chapter(request: Request, chapter_id: Id) -> Response:
    """The same chapter, wherever it moves in its work."""
    given = ONE_CHAPTER.parse(request.scope["query_string"])
    run = in_thread if "content_format" in given else quickly
    viewer = await viewer_of(request)
    detail = await run(request, answers.chapter_body, request.state.archive, viewer, chapter_id, given)
    request.state.hits.note(detail.work_id, address_of(request), viewer)
    return _with_consent(request, detail)


@router.get(
    "/authors/{author_id}/works",
    operation_id="listAuthorWorks",
    summary="The works of an author",
    tags=["authors"],
    **reads(WORKS_SEARCH, WorkList),
)
async def list_author_works(request: Request, author_id: Id) -> Response:
    """All of what `GET /v1/works` can do, for the works that bear the author's name."""
    given = WORKS_SEARCH.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    page = await in_thread(request, pages.author_works_page, request.state.archive, viewer, author_id, given)
    return answer_list(request, page)


def _with_consent(request: Request, detail: WorkDetail) -> Response:
    """The work or its text, with what its authors allow."""
    headers = permission_headers(detail.consent)
    return answer(request, detail.body, etag=make_etag(detail.version, detail.body), headers=headers)
