"""Series over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import viewer_of
from app.search.parameters import LARGEST, PAGING, fields_param
from app.series import answers
from app.series.schemas import Series, SeriesEntry, SeriesList, SeriesWorks
from app.web.declaring import Id, reads
from app.web.listing import answer_list
from app.web.params import NO_PARAMS, Param, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread

router = APIRouter(tags=["series"])

SERIES = ParamSet(
    [
        Param("author_id", "integer", "An author's series.", minimum=1, maximum=LARGEST),
        *PAGING,
        fields_param(SeriesEntry.model_fields, "id,title"),
    ]
)


@router.get("/series", operation_id="listSeries", summary="List series", **reads(SERIES, SeriesList))
async def list_series(request: Request) -> Response:
    """Newest first."""
    given = SERIES.parse(request.scope["query_string"])
    page = await in_thread(request, answers.series_page, request.state.archive, await viewer_of(request), given)
    return answer_list(request, page)


@router.get("/series/{series_id}", operation_id="getSeries", summary="One series", **reads(NO_PARAMS, Series))
async def get_series(request: Request, series_id: Id) -> Response:
    """Works and words are counted over what the caller may see."""
    NO_PARAMS.parse(request.scope["query_string"])
    version, body = await in_thread(
        request, answers.series_body, request.state.archive, await viewer_of(request), series_id
    )
    return answer(request, body, etag=make_etag(version, body))


@router.get(
    "/series/{series_id}/works",
    operation_id="listSeriesWorks",
    summary="The works of a series",
    **reads(NO_PARAMS, SeriesWorks),
)
async def list_series_works(request: Request, series_id: Id) -> Response:
    """In the order of the series, whole and unpaged."""
    NO_PARAMS.parse(request.scope["query_string"])
    body = await in_thread(
        request, answers.series_works_body, request.state.archive, await viewer_of(request), series_id
    )
    return answer(request, body, etag=make_etag(0, body))
