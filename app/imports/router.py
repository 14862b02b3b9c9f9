"""Imports over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from app.accounts.acts import act
from app.accounts.deps import viewer_with
from app.accounts.rules import Viewer, is_admin
from app.imports import answers, schemas
from app.imports.commands import jobs
from app.imports.errors import ImportState, TooManyImports, UploadBroken
from app.imports.parameters import IMPORTING, ITEMS, JOBS, wanted_of
from app.imports.receiving import Receiver, open_spool, receive
from app.imports.writes import Steer, start_import, steer_import
from app.web.declaring import Id, may_fail, reads, writes
from app.web.listing import answer_list
from app.web.params import NO_PARAMS
from app.web.responses import answer, make_etag
from app.web.threads import in_thread

router = APIRouter(tags=["imports"])

EVENT_POLL = 0.5
EVENT_ALIVE = 30
"""After so many looks without news a comment is sent, so that no proxy takes the connection for dead."""
EVENT_LOOKS = 1_200
"""Then the stream ends, and clients come back with ``Last-Event-ID``, as they do by themselves."""


@router.post(
    "/imports",
    operation_id="createImport",
    summary="Import works",
    status_code=202,
    responses={202: {"model": schemas.Job, "headers": {"Location": {"schema": {"type": "string"}}}}},
    openapi_extra={
        "parameters": IMPORTING.openapi(),
        "security": [{"bearer": ["import"]}],
        "requestBody": schemas.BODY,
        **may_fail(TooManyImports, UploadBroken),
    },
)
async def create_import(request: Request) -> Response:
    """A stream of works, one file, or several in a form. It is read while it comes, and worked on afterwards."""
    viewer = await viewer_with(request, "import")
    wanted = wanted_of(IMPORTING.parse(request.scope["query_string"]))
    settings, archive = request.state.settings, request.state.archive
    operator = viewer.account_id is None or is_admin(viewer)
    limit = settings.max_import_bytes if operator else settings.max_member_import_bytes
    with await in_thread(request, open_spool, settings.spool_dir) as spool:
        receiver = Receiver(spool, limit, request.headers.get("content-type", ""))
        digest = await receive(request, receiver)
        return await act(request, viewer, start_import, archive, viewer, wanted, receiver, fingerprint=digest)


@router.get(
    "/imports", operation_id="listImports", summary="The caller's imports",
    **reads(JOBS, schemas.JobList, scope="import"),
)  # fmt: skip
async def list_imports(request: Request) -> Response:
    """Newest first. Admins find everybody's."""
    given = JOBS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "import")
    return answer_list(request, await in_thread(request, answers.jobs_page, request.state.archive, viewer, given))


@router.get(
    "/imports/{import_id}", operation_id="getImport", summary="How far an import is",
    **reads(NO_PARAMS, schemas.Job, scope="import"),
)  # fmt: skip
async def get_import(request: Request, import_id: Id) -> Response:
    """`succeeded`: all inputs were treated, also where some failed."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "import")
    body = await in_thread(request, answers.job_body, request.state.archive, viewer, import_id)
    return answer(request, body, etag=make_etag(0, body))


@router.get(
    "/imports/{import_id}/items", operation_id="listImportItems", summary="What became of each item",
    **reads(ITEMS, schemas.ItemList, scope="import"),
)  # fmt: skip
async def list_import_items(request: Request, import_id: Id) -> Response:
    """In the order of the input."""
    given = ITEMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "import")
    page = await in_thread(request, answers.items_page, request.state.archive, viewer, import_id, given)
    return answer_list(request, page)


async def _steer(request: Request, import_id: int, command: Steer, status: int = 200) -> Response:
    viewer = await viewer_with(request, "import")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, steer_import, command, viewer, import_id, status)


@router.post(
    "/imports/{import_id}/pause", operation_id="pauseImport", summary="Pause an import",
    **writes("import", schemas.Job, problems=(ImportState,)),
)  # fmt: skip
async def pause_import(request: Request, import_id: Id) -> Response:
    """What is being stored at this moment is stored or left; then nothing more is until it is resumed."""
    return await _steer(request, import_id, jobs.pause_job)


@router.post(
    "/imports/{import_id}/resume", operation_id="resumeImport", summary="Go on with a paused import",
    **writes("import", schemas.Job, problems=(ImportState,)),
)  # fmt: skip
async def resume_import(request: Request, import_id: Id) -> Response:
    """It goes on where it was."""
    return await _steer(request, import_id, jobs.resume_job)


@router.post(
    "/imports/{import_id}/cancel", operation_id="cancelImport", summary="Cancel an import",
    **writes("import", schemas.Job, problems=(ImportState,)),
)  # fmt: skip
async def cancel_import(request: Request, import_id: Id) -> Response:
    """What it has done stays; undo takes it back."""
    return await _steer(request, import_id, jobs.cancel_job)


@router.post(
    "/imports/{import_id}/undo", operation_id="undoImport", summary="Withdraw what an import created",
    **writes("import", schemas.Job, status=202, problems=(ImportState,)),
)  # fmt: skip
async def undo_import(request: Request, import_id: Id) -> Response:
    """In the background. What was edited since, or updated by another import, is left."""
    return await _steer(request, import_id, jobs.undo_job, 202)


@router.get(
    "/imports/{import_id}/events", operation_id="followImport", summary="Follow an import",
    responses={200: schemas.EVENTS, 204: {"description": "`Last-Event-ID` is the end: there is nothing to follow."}},
    openapi_extra={"security": [{"bearer": ["import"]}]},
    response_class=Response,
)  # fmt: skip
async def follow_import(request: Request, import_id: Id) -> Response:
    """Server-sent events until it ends; with `Last-Event-ID` only what is news."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "import")
    seen = request.headers.get("last-event-id")
    first = await in_thread(request, answers.progress_event, request.state.archive, viewer, import_id, seen)
    headers = {"cache-control": "no-store", "vary": "Authorization", "x-accel-buffering": "no"}
    if first[2] and not first[1]:
        return Response(status_code=204, headers=headers)
    if request.scope["head"]:
        return Response(headers=headers, media_type="text/event-stream")
    events = _events(request, viewer, import_id, first)
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")


async def _events(
    request: Request, viewer: Viewer, import_id: int, event: tuple[str, bytes, bool]
) -> AsyncIterator[bytes]:
    name, text, over = event
    quiet = 0
    yield text
    for _ in range(EVENT_LOOKS):
        # Whoever follows comes back with the last id, to the next server.
        if over or request.state.closing.is_on:
            return
        await asyncio.sleep(EVENT_POLL)
        name, text, over = await in_thread(
            request, answers.progress_event, request.state.archive, viewer, import_id, name
        )
        quiet = 0 if text else quiet + 1
        if text:
            yield text
        elif quiet % EVENT_ALIVE == 0:
            yield b": still there\n\n"
