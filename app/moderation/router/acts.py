"""Moderation over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_of, viewer_with
from app.accounts.errors import NoAccount
from app.accounts.rules import require_scope
from app.errors import Forbidden, Gone, NotFound
from app.moderation import answers, schemas
from app.moderation import writes as moderation
from app.moderation.errors import NotSuspendable, ReportClosed
from app.web.bodies import json_body
from app.web.declaring import Id, reads, writes
from app.web.listing import answer_list
from app.web.params import NO_PARAMS
from app.web.threads import in_thread

router = APIRouter(tags=["moderation"])


@router.post(
    "/reports",
    operation_id="createReport",
    summary="Report a work, a chapter, an author or a series",
    **writes(None, schemas.Receipt, status=201, body=schemas.REPORTING.json_schema(),
             problems=(Forbidden, NotFound, Gone)),
)  # fmt: skip
async def create_report(request: Request) -> Response:
    """To the moderators. Guests may, too; only what the caller may read can be reported."""
    viewer = await viewer_of(request)
    if viewer.signed_in:
        require_scope(viewer, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    given = schemas.REPORTING.parse_json(await json_body(request))
    return await act(request, viewer, moderation.make_report, request.state.archive, viewer, given)


@router.get(
    "/moderation/reports", operation_id="listReports", summary="Reports",
    **reads(schemas.REPORTS, schemas.ReportList, scope="moderate"),
)  # fmt: skip
async def list_reports(request: Request) -> Response:
    """Newest first."""
    given = schemas.REPORTS.parse(request.scope["query_string"])
    await viewer_with(request, "moderate")
    return answer_list(request, await in_thread(request, answers.reports_page, request.state.archive, given))


@router.post(
    "/moderation/reports/{report_id}/close", operation_id="closeReport", summary="Decide a report",
    **writes("moderate", schemas.Report, body=schemas.CLOSING.json_schema(), problems=(ReportClosed,)),
)  # fmt: skip
async def close_report(request: Request, report_id: Id) -> Response:
    """Once. What follows from it (hiding, suspending) is asked for by itself."""
    viewer = await viewer_with(request, "moderate")
    NO_PARAMS.parse(request.scope["query_string"])
    given = schemas.CLOSING.parse_json(await json_body(request))
    return await act(request, viewer, moderation.close_report, viewer, report_id, given)


@router.get(
    "/moderation/log", operation_id="listPrivilegedActs", summary="The log of privileged acts",
    **reads(schemas.LOG, schemas.Log, scope="moderate"),
)  # fmt: skip
async def list_privileged_acts(request: Request) -> Response:
    """Who did what, when, to what, and why; newest first."""
    given = schemas.LOG.parse(request.scope["query_string"])
    await viewer_with(request, "moderate")
    return answer_list(request, await in_thread(request, answers.log_page, request.state.archive, given))


@router.post(
    "/moderation/accounts/{account_id}/suspend", operation_id="suspendAccount", summary="Suspend an account",
    **writes("moderate", status=204, body=schemas.SUSPENDING.json_schema(), problems=(NotSuspendable,)),
)  # fmt: skip
async def suspend_account(request: Request, account_id: Id) -> Response:
    """It may read, and write nothing, from now on."""
    viewer = await viewer_with(request, "moderate")
    NO_PARAMS.parse(request.scope["query_string"])
    given = schemas.SUSPENDING.parse_json(await json_body(request))
    return await act(request, viewer, moderation.suspend, viewer, account_id, given)


@router.post(
    "/moderation/accounts/{account_id}/unsuspend", operation_id="unsuspendAccount", summary="Lift a suspension",
    **writes("moderate", status=204, problems=(NotSuspendable,)),
)  # fmt: skip
async def unsuspend_account(request: Request, account_id: Id) -> Response:
    """The account may write again."""
    viewer = await viewer_with(request, "moderate")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, moderation.unsuspend, viewer, account_id)


@router.get(
    "/me/notices", operation_id="listNotices", summary="What the account was told", tags=["accounts"],
    **reads(schemas.NOTICES, schemas.NoticeList, scope="read", problems=(NoAccount,)),
)  # fmt: skip
async def list_notices(request: Request) -> Response:
    """Newest first."""
    given = schemas.NOTICES.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "read")
    page = await in_thread(request, answers.notices_page, request.state.archive, viewer, given)
    return answer_list(request, page)
