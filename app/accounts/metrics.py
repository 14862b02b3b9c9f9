"""What the server has done, for loopback addresses and operators; it lies here because it asks who is calling."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import PlainTextResponse, Response

from app.accounts.deps import viewer_with
from app.errors import Forbidden, Unauthenticated
from app.web.clients import is_loopback
from app.web.declaring import may_fail
from app.web.params import NO_PARAMS

router = APIRouter(tags=["operations"])


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Prometheus metrics, for loopback and for `admin` tokens",
    response_class=PlainTextResponse,
    openapi_extra={"security": [{}, {"bearer": ["admin"]}], **may_fail(Unauthenticated, Forbidden)},
)
async def metrics(request: Request) -> Response:
    """In the text format of Prometheus."""
    NO_PARAMS.parse(request.scope["query_string"])
    if not is_loopback(request):
        await viewer_with(request, "admin")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})
