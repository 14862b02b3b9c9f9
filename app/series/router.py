"""Series over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_of, viewer_with
from app.errors import Forbidden
from app.search.parameters import AFTER_CHANGE, FIELDS, LARGEST, ONE, PAGING, fields_param
from app.series import answers
from app.series import writes as series
from app.series.schemas import Series, SeriesEntry, SeriesList, SeriesWorks
from app.web.bodies import MERGE_PATCH, json_body
from app.web.declaring import Id, reads, writes
from app.web.listing import answer_list
from app.web.params import NO_PARAMS, Param, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread
from app.works.done import CHANGED, GONE, PATCHES, POSTED
from app.works.inputs import NewSeries, SeriesOrder, SeriesPatch

router = APIRouter(tags=["series"])

SERIES = ParamSet(
    [
        Param("author_id", "integer", "An author's series.", minimum=1, maximum=LARGEST),
        *PAGING,
        AFTER_CHANGE,
        fields_param(SeriesEntry.model_fields, "id,title"),
    ]
)
WHOLE = ParamSet([FIELDS, AFTER_CHANGE])


@router.get("/series", operation_id="listSeries", summary="List series", **reads(SERIES, SeriesList))
async def list_series(request: Request) -> Response:
    """Newest first."""
    given = SERIES.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    page = await in_thread(request, answers.series_page, request.state.archive, viewer, given)
    return answer_list(request, page)


@router.get("/series/{series_id}", operation_id="getSeries", summary="One series", **reads(ONE, Series))
async def get_series(request: Request, series_id: Id) -> Response:
    """Works and words are counted over what the caller may see."""
    given = ONE.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    version, body = await in_thread(request, answers.series_body, request.state.archive, viewer, series_id, given)
    return answer(request, body, etag=make_etag(version, body))


@router.get(
    "/series/{series_id}/works",
    operation_id="listSeriesWorks",
    summary="The works of a series",
    **reads(WHOLE, SeriesWorks),
)
async def list_series_works(request: Request, series_id: Id) -> Response:
    """In the order of the series, whole and unpaged."""
    given = WHOLE.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    body = await in_thread(request, answers.series_works_body, request.state.archive, viewer, series_id, given)
    return answer(request, body, etag=make_etag(0, body))


@router.post(
    "/series",
    operation_id="createSeries",
    summary="Begin a series",
    **writes("write", Series, status=201, body=NewSeries, headers=POSTED),
)
async def create_series(request: Request) -> Response:
    """Under the account's first pen name, unless `author_ids` says others. An empty series is its authors' to see."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    body = await json_body(request)
    return await act(request, viewer, series.create_series, request.state.settings, viewer, body)


@router.patch(
    "/series/{series_id}",
    operation_id="editSeries",
    summary="Edit a series",
    **writes("write", Series, body=SeriesPatch, media_types=PATCHES, headers=CHANGED, problems=(Forbidden,)),
)
async def edit_series(request: Request, series_id: Id) -> Response:
    """A JSON merge patch."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    body = await json_body(request, MERGE_PATCH)
    return await act(request, viewer, series.edit_series, request.state.settings, viewer, series_id, body)


@router.put(
    "/series/{series_id}/works",
    operation_id="putSeriesWorks",
    summary="Give a series its works, in order",
    **writes("write", SeriesWorks, body=SeriesOrder, headers=CHANGED, problems=(Forbidden,)),
)
async def put_series_works(request: Request, series_id: Id) -> Response:
    """Works that come in have to be the caller's. Works in it that the caller does not see stay, at the end."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    body = await json_body(request)
    run = series.put_series_works
    return await act(request, viewer, run, viewer, series_id, body)


@router.delete(
    "/series/{series_id}",
    operation_id="deleteSeries",
    summary="Dissolve a series",
    **writes("write", status=204, headers=GONE, problems=(Forbidden,)),
)
async def delete_series(request: Request, series_id: Id) -> Response:
    """Its works stay."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, series.delete_series, viewer, series_id)
