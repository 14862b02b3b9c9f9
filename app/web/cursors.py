"""Opaque cursors: where a page ended, signed so that nobody can make the index look elsewhere."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import orjson

from app.errors import FieldProblem, Invalid

SIGNATURE = 10


def sign_cursor(payload: list[Any], secret: bytes) -> str:
    """Base64url of the compact JSON behind its truncated HMAC-SHA-256."""
    body = orjson.dumps(payload)
    return base64.urlsafe_b64encode(_mac(body, secret) + body).rstrip(b"=").decode()


def read_cursor(cursor: str, secret: bytes, digest: str) -> list[Any]:
    """The payload, which begins with the digest of the conditions; raises :class:`~app.errors.Invalid`."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    body = raw[SIGNATURE:]
    if not body or not hmac.compare_digest(raw[:SIGNATURE], _mac(body, secret)):
        raise _bad("bad-cursor", "It is not a cursor of this archive.")
    payload: list[Any] = orjson.loads(body)
    if payload[0] != digest:
        raise _bad("cursor-mismatch", "It belongs to other filters or another order.")
    return payload


def _mac(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, body, hashlib.sha256)[:SIGNATURE]


def _bad(code: str, detail: str) -> Invalid:
    return Invalid("The cursor cannot be used.", errors=[FieldProblem(code, detail, parameter="cursor")])
