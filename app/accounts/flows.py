"""Signing in with OpenID Connect, from start to callback: nothing is stored here, the client keeps a sealed ``flow``.

The address that the person is sent to carries ``state``, and comes back with it; ``flow`` never leaves the client. So
whoever reads or forges the way back alone has nothing: a link with an attacker's code finds no flow that fits its
state, and a code that was overheard needs the flow. What the provider compares (``nonce``, the PKCE verifier) is
derived from the flow with the archive's key, so the client never has that either.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

import orjson

from app.accounts.errors import BadFlow

LIFETIME = 600
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to the provider and back. ``account_id`` is the account to be linked; ``None`` to sign in."""

    text: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    account_id: int | None
    expires_at: int


def begin_flow(secret: bytes, redirect_uri: str, account_id: int | None) -> Flow:
    """A new flow, good for ten minutes."""
    expires_at = int(time.time()) + LIFETIME
    payload = orjson.dumps([secrets.token_urlsafe(24), redirect_uri, account_id, expires_at])
    encoded = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    return _flow(secret, f"{encoded}.{_derive(secret, 'seal', encoded)}", redirect_uri, account_id, expires_at)


def open_flow(secret: bytes, text: str, state: str) -> Flow:
    """The flow that a client kept; raises :class:`BadFlow` where it is none of ours, too old, or of another state."""
    encoded, _, seal = text.partition(".")
    # Compared as bytes: what is no ASCII is merely wrong.
    if not hmac.compare_digest(seal.encode(), _derive(secret, "seal", encoded).encode()):
        raise BadFlow
    try:
        payload = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadFlow from error
    _, redirect_uri, account_id, expires_at = orjson.loads(payload)
    flow = _flow(secret, text, redirect_uri, account_id, expires_at)
    if expires_at <= time.time() or not hmac.compare_digest(flow.state.encode(), state.encode()):
        raise BadFlow
    return flow


def _flow(secret: bytes, text: str, redirect_uri: str, account_id: int | None, expires_at: int) -> Flow:
    state, nonce, verifier = (_derive(secret, kind, text) for kind in ("state", "nonce", "verifier"))
    return Flow(text, state, nonce, verifier, redirect_uri, account_id, expires_at)


def _derive(secret: bytes, kind: str, text: str) -> str:
    """43 characters, as PKCE asks of a verifier."""
    made = hmac.digest(secret, f"openid {kind} {text}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
