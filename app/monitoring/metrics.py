"""``/metrics``: what the server has done and how the archive is, for loopback addresses and operators."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.responses import PlainTextResponse, Response

from app.accounts.deps import viewer_with
from app.errors import Forbidden, Unauthenticated
from app.monitoring.state import State
from app.web.clients import is_loopback
from app.web.declaring import may_fail
from app.web.params import NO_PARAMS
from app.web.threads import in_thread

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder where the processes of a server keep their counters, where there are several."""
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
    body = await in_thread(request, _text, State(request.state.archive))
    return Response(body, media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})


def _text(state: State) -> bytes:
    """The counters of all processes of this server, whichever of them is asked, and the state of the archive."""
    folder = os.environ.get(SHARED)
    registry = REGISTRY
    if folder:
        _forget_the_dead(Path(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    asked = CollectorRegistry()
    asked.register(state)
    return generate_latest(registry) + generate_latest(asked)


def _forget_the_dead(folder: Path) -> None:
    """What a process that died was doing, nobody is doing now."""
    pids = {path.stem.rpartition("_")[2] for path in folder.glob("gauge_live*.db")}
    for pid in pids:
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]
