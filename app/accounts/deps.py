"""Who is calling.

A guest costs nothing: no ``Authorization``, no look-up. A token is looked up in the database each time, one statement
by a unique key, so that revoking it, suspending its account or changing a role works at once in every process; a cache
would save a tenth of a millisecond and answer wrongly for as long as it lives.
"""

from __future__ import annotations

from fastapi import Request

from app.accounts.queries import Holder, token_holder
from app.accounts.rules import GUEST, Viewer, require_scope
from app.accounts.tokens import hash_token
from app.accounts.uses import TokenUses
from app.config import Settings
from app.db.engine import Database
from app.errors import Unauthenticated
from app.web.threads import quickly

BEARER = b"bearer "


async def viewer_of(request: Request) -> Viewer:
    """The caller; raises 401 for an ``Authorization`` that is no good token."""
    for name, value in request.scope["headers"]:
        if name == b"authorization":
            return await _holder_of(request, value)
    return GUEST


async def viewer_with(request: Request, scope: str, *, barred_too: bool = False) -> Viewer:
    """The caller, who has to have a scope: else 401 or 403. To be called before the body is read."""
    viewer = await viewer_of(request)
    require_scope(viewer, scope, barred_too=barred_too)
    return viewer


async def _holder_of(request: Request, header: bytes) -> Viewer:
    known: Viewer | None = request.scope.get("viewer")
    if known is not None:
        return known
    if header[: len(BEARER)].lower() != BEARER:
        raise _bad("Send a token as `Authorization: Bearer …`.")
    token_hash = hash_token(header[len(BEARER) :].strip().decode("latin-1"))
    if token_hash is None:
        raise _bad("This is no token of this archive, or not all of it.")
    state = request.state
    holder = await quickly(request, _look_up, state.database, state.settings, token_hash)
    if holder is None:
        raise _bad("The token is not known, was revoked, or has expired.")
    uses: TokenUses = state.token_uses
    uses.note(holder)
    request.scope["viewer"] = holder.viewer
    return holder.viewer


def _look_up(database: Database, settings: Settings, token_hash: str) -> Holder | None:
    with database.current() as connection:
        return token_holder(connection, token_hash, confirm_email=settings.confirm_email == "on")


def _bad(detail: str) -> Unauthenticated:
    challenge = 'Bearer realm="fanarchive", error="invalid_token"'
    return Unauthenticated(detail, headers={"WWW-Authenticate": challenge})
