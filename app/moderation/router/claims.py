"""Claims of imported authors, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.acts import act
from app.accounts.deps import viewer_with
from app.accounts.errors import NoAccount
from app.errors import NotFound
from app.moderation import claims, schemas
from app.moderation.errors import ClaimDecided, ClaimedAlready, NotClaimable
from app.web.bodies import json_body
from app.web.declaring import Id, reads, writes
from app.web.listing import answer_list
from app.web.params import NO_PARAMS
from app.web.responses import answer, make_etag
from app.web.threads import in_thread
from app.works.done import GONE

router = APIRouter(tags=["moderation"])


@router.post(
    "/claims", operation_id="claimAuthor", summary="Say that an imported author is you", tags=["accounts"],
    **writes("write", schemas.Claim, status=201, body=schemas.CLAIMING.json_schema(),
             problems=(NoAccount, NotFound, NotClaimable, ClaimedAlready)),
)  # fmt: skip
async def claim_author(request: Request) -> Response:
    """With `dry_run` it is a trial, 200, that shows which works it is about. A moderator decides."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    given = schemas.CLAIMING.parse_json(await json_body(request))
    return await act(request, viewer, claims.make_claim, request.state.archive, viewer, given)


@router.get(
    "/me/claims", operation_id="listOwnClaims", summary="Your claims", tags=["accounts"],
    **reads(schemas.OWN_CLAIMS, schemas.ClaimList, scope="read", problems=(NoAccount,)),
)  # fmt: skip
async def list_own_claims(request: Request) -> Response:
    """Newest first."""
    given = schemas.OWN_CLAIMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "read")
    page = await in_thread(request, claims.own_claims_page, request.state.archive, viewer, given)
    return answer_list(request, page)


@router.delete(
    "/me/claims/{claim_id}", operation_id="dropClaim", summary="Take back a claim", tags=["accounts"],
    **writes("write", status=204, problems=(NoAccount, ClaimDecided)),
)  # fmt: skip
async def drop_claim(request: Request, claim_id: Id) -> Response:
    """While nobody has decided it."""
    viewer = await viewer_with(request, "write")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, claims.drop_claim, viewer, claim_id)


@router.get(
    "/moderation/claims", operation_id="listClaims", summary="Claims of imported authors",
    **reads(schemas.CLAIMS, schemas.ClaimList, scope="moderate"),
)  # fmt: skip
async def list_claims(request: Request) -> Response:
    """Newest first."""
    given = schemas.CLAIMS.parse(request.scope["query_string"])
    await viewer_with(request, "moderate")
    return answer_list(request, await in_thread(request, claims.claims_page, request.state.archive, given))


@router.get(
    "/moderation/claims/{claim_id}", operation_id="getClaim", summary="A claim, and what it would do",
    **reads(NO_PARAMS, schemas.Claim, scope="moderate"),
)  # fmt: skip
async def get_claim(request: Request, claim_id: Id) -> Response:
    """Which works it is about, and what is to become of them."""
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_with(request, "moderate")
    body = await in_thread(request, claims.claim_body, request.state.archive, viewer, claim_id)
    return answer(request, body, etag=make_etag(0, body))


@router.post(
    "/moderation/claims/{claim_id}/grant", operation_id="grantClaim", summary="Grant a claim",
    **writes("moderate", schemas.Claim, body=schemas.DECIDING.json_schema(), headers=GONE,
             problems=(ClaimDecided, NotClaimable)),
)  # fmt: skip
async def grant_claim(request: Request, claim_id: Id) -> Response:
    """The author becomes a pen name of the account; its works are kept, orphaned or deleted as the claim asks."""
    viewer = await viewer_with(request, "moderate")
    NO_PARAMS.parse(request.scope["query_string"])
    given = schemas.DECIDING.parse_json(await json_body(request))
    return await act(request, viewer, claims.grant_claim, viewer, claim_id, given)


@router.post(
    "/moderation/claims/{claim_id}/refuse", operation_id="refuseClaim", summary="Refuse a claim",
    **writes("moderate", schemas.Claim, body=schemas.DECIDING.json_schema(), problems=(ClaimDecided,)),
)  # fmt: skip
async def refuse_claim(request: Request, claim_id: Id) -> Response:
    """The account is told, with the note."""
    viewer = await viewer_with(request, "moderate")
    NO_PARAMS.parse(request.scope["query_string"])
    given = schemas.DECIDING.parse_json(await json_body(request))
    return await act(request, viewer, claims.refuse_claim, viewer, claim_id, given)
