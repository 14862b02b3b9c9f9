"""Accounts, sessions and tokens over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts import answers, schemas
from app.accounts.acts import act
from app.accounts.deps import compare_password, viewer_of, viewer_with
from app.accounts.errors import (
    BadCode,
    LoginTaken,
    RegistrationClosed,
    TooManyTokens,
    WrongCredentials,
    WrongPassword,
)
from app.accounts.rules import require_account
from app.errors import AlreadyAnswered, FieldProblem, Invalid, NotFound
from app.web.bodies import json_body
from app.web.declaring import Id, reads, writes
from app.web.params import NO_PARAMS, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread, quickly

router = APIRouter(tags=["accounts"])


async def _body(request: Request, params: ParamSet) -> answers.Given:
    NO_PARAMS.parse(request.scope["query_string"])
    return params.parse_json(await json_body(request))


@router.post(
    "/accounts", operation_id="createAccount", summary="Make an account",
    **writes(None, schemas.NewAccount, status=201, body=schemas.REGISTER.json_schema(),
             problems=[RegistrationClosed, LoginTaken]),
)  # fmt: skip
async def create_account(request: Request) -> Response:
    """With a first pen name of the login's name."""
    viewer, state = await viewer_of(request), request.state
    given = await _body(request, schemas.REGISTER)
    if state.settings.registration == "closed":
        raise RegistrationClosed
    if state.settings.confirm_email == "on" and not given.get("email"):
        raise Invalid(errors=[FieldProblem("missing", "It is needed here.", pointer="/email")])
    hashed = await state.passwords.hash(given["password"])
    return await act(request, viewer, answers.register, state.settings, state.outbox, given, hashed)


@router.post(
    "/sessions", operation_id="createSession", summary="Sign in",
    **writes(None, schemas.Session, status=201, body=schemas.SIGN_IN.json_schema(),
             problems=[WrongCredentials, AlreadyAnswered]),
)  # fmt: skip
async def create_session(request: Request) -> Response:
    """Whether the login is known shows neither in what is said nor in the time that it takes."""
    viewer, state = await viewer_of(request), request.state
    given = await _body(request, schemas.SIGN_IN)
    known = await quickly(request, answers.find_credentials, state.database, given["login"])
    verdict = await compare_password(request, given["login"], given["password"], known)
    if known is None or not verdict.right:
        raise WrongCredentials
    return await act(request, viewer, answers.sign_in, state.settings, known, verdict.new_hash)


@router.delete(
    "/sessions/current", operation_id="deleteCurrentSession", summary="Sign out",
    **writes("read", status=204, problems=[NotFound]),
)  # fmt: skip
async def delete_current_session(request: Request) -> Response:
    """The token is worthless from then on."""
    viewer = await viewer_with(request, "read")
    NO_PARAMS.parse(request.scope["query_string"])
    return await act(request, viewer, answers.sign_out, viewer)


@router.get(
    "/me", operation_id="getMe", summary="The caller's account",
    **reads(NO_PARAMS, schemas.Account, scope="read"),
)  # fmt: skip
async def get_me(request: Request) -> Response:
    """An operator's token has none."""
    viewer = await viewer_with(request, "read")
    NO_PARAMS.parse(request.scope["query_string"])
    require_account(viewer)
    body = await in_thread(request, answers.account_body, request.state.database, viewer)
    return answer(request, body, etag=make_etag(0, body))


@router.patch(
    "/me", operation_id="updateMe", summary="Change address or password",
    **writes("write", schemas.Account, body=schemas.CHANGE_ME.json_schema(), problems=[WrongPassword]),
)  # fmt: skip
async def update_me(request: Request) -> Response:
    """Another password ends the other sessions; another address has to be confirmed."""
    viewer, state = await viewer_with(request, "write", barred_too=True), request.state
    account_id = require_account(viewer)
    given = await _body(request, schemas.CHANGE_ME)
    known = await quickly(request, answers.own_credentials, state.database, account_id)
    if not (await compare_password(request, viewer.name, given["current_password"], known)).right:
        raise WrongPassword
    hashed = await state.passwords.hash(given["password"]) if "password" in given else None
    return await act(request, viewer, answers.change_me, state.settings, state.outbox, viewer, given, known, hashed)


@router.get(
    "/me/tokens", operation_id="listTokens", summary="The account's tokens and sessions",
    **reads(NO_PARAMS, schemas.TokenList, scope="read"),
)  # fmt: skip
async def list_tokens(request: Request) -> Response:
    """Those that are good, whole and unpaged."""
    viewer = await viewer_with(request, "read")
    NO_PARAMS.parse(request.scope["query_string"])
    body = await in_thread(request, answers.tokens_body, request.state.database, require_account(viewer))
    return answer(request, body, etag=make_etag(0, body))


@router.post(
    "/me/tokens", operation_id="createToken", summary="Make a token",
    **writes("write", schemas.NewToken, status=201, body=schemas.ISSUE_TOKEN.json_schema(),
             problems=[TooManyTokens, AlreadyAnswered]),
)  # fmt: skip
async def create_token(request: Request) -> Response:
    """It can do no more than the token that makes it, and is shown once."""
    viewer = await viewer_with(request, "write")
    require_account(viewer)
    given = await _body(request, schemas.ISSUE_TOKEN)
    return await act(request, viewer, answers.issue, viewer, given)


@router.delete(
    "/me/tokens/{token_id}", operation_id="deleteToken", summary="End a token or a session",
    **writes("write", status=204),
)  # fmt: skip
async def delete_token(request: Request, token_id: Id) -> Response:
    """It is worthless from then on."""
    viewer = await viewer_with(request, "write", barred_too=True)
    NO_PARAMS.parse(request.scope["query_string"])
    require_account(viewer)
    return await act(request, viewer, answers.end_own_token, viewer, token_id)


@router.post(
    "/me/email-confirmation", operation_id="sendEmailConfirmation", summary="Send the code for the address again",
    **writes("write", status=202),
)  # fmt: skip
async def send_email_confirmation(request: Request) -> Response:
    """Three times an hour at most; more are passed over in silence."""
    viewer, state = await viewer_with(request, "write", barred_too=True), request.state
    NO_PARAMS.parse(request.scope["query_string"])
    require_account(viewer)
    return await act(request, viewer, answers.send_confirmation, state.settings, state.outbox, viewer)


@router.post(
    "/email-confirmations", operation_id="confirmEmail", summary="Bring the code for the address back",
    **writes(None, status=204, body=schemas.CONFIRM_EMAIL.json_schema(), problems=[BadCode]),
)  # fmt: skip
async def confirm_email(request: Request) -> Response:
    """Needs no token: the code says whose address it is."""
    viewer = await viewer_of(request)
    given = await _body(request, schemas.CONFIRM_EMAIL)
    return await act(request, viewer, answers.confirm, given["code"])


@router.post(
    "/password-resets", operation_id="askPasswordReset", summary="Ask for a new password by mail",
    **writes(None, status=202, body=schemas.ASK_RESET.json_schema()),
)  # fmt: skip
async def ask_password_reset(request: Request) -> Response:
    """With `login` or `email`. The answer is always the same, whether there is such an account or not."""
    viewer, state = await viewer_of(request), request.state
    given = await _body(request, schemas.ASK_RESET)
    if len(given) != 1:
        raise Invalid(errors=[FieldProblem("missing", "Either `login` or `email` is needed.", pointer="/login")])
    return await act(request, viewer, answers.ask_reset, state.database, state.settings, state.outbox, given)


@router.post(
    "/password-resets/complete", operation_id="resetPassword", summary="Set a new password with the code",
    **writes(None, status=204, body=schemas.RESET.json_schema(), problems=[BadCode]),
)  # fmt: skip
async def reset_password(request: Request) -> Response:
    """Ends all sessions and tokens of the account."""
    viewer = await viewer_of(request)
    given = await _body(request, schemas.RESET)
    hashed = await request.state.passwords.hash(given["password"])
    return await act(request, viewer, answers.reset, given["code"], hashed)
