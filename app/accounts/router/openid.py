"""Signing in at an OpenID provider over HTTP, and whom an account is there."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts import answers, openid_answers, schemas
from app.accounts.acts import act
from app.accounts.deps import viewer_of, viewer_with
from app.accounts.errors import (
    BadFlow,
    IdentityTaken,
    LastWayIn,
    LoginTaken,
    OpenIdOff,
    ProviderRefused,
    ProviderUnavailable,
    RegistrationClosed,
    SessionNeeded,
)
from app.accounts.rules import require_account
from app.errors import AlreadyAnswered
from app.web.bodies import json_body
from app.web.declaring import Id, reads, writes
from app.web.params import NO_PARAMS, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread

router = APIRouter(tags=["accounts"])
_STARTING = [OpenIdOff, ProviderUnavailable]
_FINISHING = [OpenIdOff, BadFlow, ProviderRefused, ProviderUnavailable, AlreadyAnswered]


async def _body(request: Request, params: ParamSet) -> answers.Given:
    NO_PARAMS.parse(request.scope["query_string"])
    return params.parse_json(await json_body(request))


@router.get(
    "/openid/providers", operation_id="listOpenIdProviders", summary="Where one can sign in without a password",
    **reads(NO_PARAMS, schemas.ProviderList),
)  # fmt: skip
async def list_openid_providers(request: Request) -> Response:
    """None or one."""
    await viewer_of(request)
    NO_PARAMS.parse(request.scope["query_string"])
    body = openid_answers.providers_body(request.state.settings)
    return answer(request, body, etag=make_etag(0, body))


@router.post(
    "/openid/flows", operation_id="startOpenIdSignIn", summary="Begin to sign in at the OpenID provider",
    **writes(None, schemas.Flow, status=201, body=schemas.START_FLOW.json_schema(), problems=_STARTING),
)  # fmt: skip
async def start_openid_sign_in(request: Request) -> Response:
    """Send the person to `authorization_url`; keep `flow` where the page that they come back to finds it."""
    viewer, state = await viewer_of(request), request.state
    given = await _body(request, schemas.START_FLOW)
    return await act(request, viewer, openid_answers.start, state.openid, given["redirect_uri"], None)


@router.post(
    "/openid/sessions", operation_id="createOpenIdSession", summary="Sign in with what the OpenID provider sent back",
    **writes(None, schemas.Session, status=201, body=schemas.FINISH_SIGN_IN.json_schema(),
             problems=[*_FINISHING, RegistrationClosed, LoginTaken]),
)  # fmt: skip
async def create_openid_session(request: Request) -> Response:
    """The first time an account is made: of the `login` that is sent, or one like the name at the provider."""
    viewer, state = await viewer_of(request), request.state
    given = await _body(request, schemas.FINISH_SIGN_IN)
    return await act(request, viewer, openid_answers.sign_in, state.settings, state.openid, state.outbox, given)


@router.get(
    "/me/identities", operation_id="listIdentities", summary="Who the account is at the OpenID provider",
    **reads(NO_PARAMS, schemas.IdentityList, scope="read"),
)  # fmt: skip
async def list_identities(request: Request) -> Response:
    """Whole and unpaged."""
    viewer = await viewer_with(request, "read")
    NO_PARAMS.parse(request.scope["query_string"])
    account_id = require_account(viewer)
    body = await in_thread(request, openid_answers.identities_body, request.state.database, account_id)
    return answer(request, body, etag=make_etag(0, body))


@router.post(
    "/me/identities/flows", operation_id="startLinkingIdentity", summary="Begin to link the account to an identity",
    **writes("write", schemas.Flow, status=201, body=schemas.START_FLOW.json_schema(),
             problems=[*_STARTING, SessionNeeded]),
)  # fmt: skip
async def start_linking_identity(request: Request) -> Response:
    """As for signing in; needs a session's token."""
    viewer, state = await viewer_with(request, "write", barred_too=True), request.state
    require_account(viewer)
    given = await _body(request, schemas.START_FLOW)
    return await act(request, viewer, openid_answers.start, state.openid, given["redirect_uri"], viewer)


@router.post(
    "/me/identities", operation_id="linkIdentity", summary="Link the account to an identity",
    **writes("write", schemas.Identity, status=201, body=schemas.FINISH_FLOW.json_schema(),
             problems=[*_FINISHING, IdentityTaken, SessionNeeded]),
)  # fmt: skip
async def link_identity(request: Request) -> Response:
    """From then on it signs in to this account. Needs the session that the flow was begun with, or another of it."""
    viewer, state = await viewer_with(request, "write", barred_too=True), request.state
    require_account(viewer)
    given = await _body(request, schemas.FINISH_FLOW)
    return await act(request, viewer, openid_answers.link, state.openid, viewer, given)


@router.delete(
    "/me/identities/{identity_id}", operation_id="unlinkIdentity", summary="Unlink the account from an identity",
    **writes("write", status=204, problems=[LastWayIn, SessionNeeded]),
)  # fmt: skip
async def unlink_identity(request: Request, identity_id: Id) -> Response:
    """Never the last way in: without a password one identity stays. Needs a session's token."""
    viewer = await viewer_with(request, "write", barred_too=True)
    NO_PARAMS.parse(request.scope["query_string"])
    require_account(viewer)
    return await act(request, viewer, openid_answers.unlink, viewer, identity_id)
