"""Who is calling.

A guest costs nothing: no ``Authorization``, no look-up. A token is looked up in the database each time, one statement
by a unique key, so that revoking it, suspending its account or changing a role works at once in every process; a cache
would save a tenth of a millisecond and answer wrongly for as long as it lives.
"""

from __future__ import annotations

from fastapi import Request

from app.accounts.guessing import Guess, check_guess, count_failure
from app.accounts.limits import Limits
from app.accounts.passwords import Passwords, Verdict
from app.accounts.queries import Credentials, Holder, token_holder
from app.accounts.rules import GUEST, Viewer, require_scope
from app.accounts.tokens import hash_token
from app.accounts.uses import TokenUses
from app.config import Settings
from app.db.engine import Database
from app.errors import Unauthenticated
from app.web.clients import address_of
from app.web.threads import in_thread, quickly

BEARER = b"bearer "


async def viewer_of(request: Request) -> Viewer:
    """The caller, who is counted; raises 401 for an ``Authorization`` that is no good token, and 429."""
    known: Viewer | None = request.scope.get("viewer")
    if known is not None:
        return known
    viewer = GUEST
    for name, value in request.scope["headers"]:
        if name == b"authorization":
            viewer = await _holder_of(request, value)
            # Who has a token may write, and finds what was written: their reads are the primary's.
            request.state.archive = request.state.archive.latest
            break
    limits: Limits | None = request.state.limits
    if limits is not None:
        limits.take(request, viewer)
    request.scope["viewer"] = viewer
    return viewer


async def viewer_with(request: Request, scope: str, *, barred_too: bool = False) -> Viewer:
    """The caller, who has to have a scope: else 401 or 403. To be called before the body is read."""
    viewer = await viewer_of(request)
    require_scope(viewer, scope, barred_too=barred_too)
    return viewer


async def _holder_of(request: Request, header: bytes) -> Viewer:
    if header[: len(BEARER)].lower() != BEARER:
        raise _bad("Send a token as `Authorization: Bearer …`.")
    token_hash = hash_token(header[len(BEARER) :].strip().decode("latin-1"))
    if token_hash is None:
        raise _bad("This is no token of this archive, or not all of it.")
    state = request.state
    holder = await quickly(request, _look_up, state.database, state.settings, token_hash)
    if holder is None:
        if state.limits is not None:
            state.limits.take(request, GUEST)  # whoever tries out tokens is counted too
        raise _bad("The token is not known, was revoked, or has expired.")
    uses: TokenUses = state.token_uses
    uses.note(holder)
    return holder.viewer


def _look_up(database: Database, settings: Settings, token_hash: str) -> Holder | None:
    with database.current() as connection:
        return token_holder(connection, token_hash, confirm_email=settings.confirm_email == "on")


def _bad(detail: str) -> Unauthenticated:
    challenge = 'Bearer realm="fanarchive", error="invalid_token"'
    return Unauthenticated(detail, headers={"WWW-Authenticate": challenge})


async def compare_password(request: Request, login: str, password: str, known: Credentials | None) -> Verdict:
    """Whether a password is right; raises 429 where the address has guessed too often at this login."""
    state = request.state
    guess = Guess(login, address_of(request))
    secret, limited = state.archive.secret, state.limits is not None
    if limited:
        await quickly(request, check_guess, state.database, secret, guess)
    passwords: Passwords = state.passwords
    verdict = await passwords.compare(password, known.password_hash if known is not None else None)
    if limited and not verdict.right:
        await in_thread(request, count_failure, state.database, secret, guess)
    return verdict
