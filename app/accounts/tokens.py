"""The form of tokens: opaque, random, found by secret scanners, kept as a hash alone.

``ffa_pat_``, 32 random bytes in base64url, and six characters that check them, so that a token cut short or mistyped
is refused without asking the database. SHA-256 is right for what holds 256 bits of chance: nothing can be guessed, so
nothing has to be slow.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

PREFIX = "ffa_pat_"
_FORM = re.compile(r"ffa_pat_([A-Za-z0-9_-]{43})([0-9A-Za-z]{6})")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def make_token() -> str:
    """A new token."""
    random = secrets.token_urlsafe(32)
    return f"{PREFIX}{random}{_check(random)}"


def hash_token(token: str) -> str | None:
    """The hash that is stored for a token; ``None`` for what no token can be."""
    found = _FORM.fullmatch(token)
    if found is None or _check(found[1]) != found[2]:
        return None
    return digest(token)


def make_secret() -> str:
    """What a mail or an invitation carries: as hard to guess as a token."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal, for secrets made here."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(text: str) -> str:
    number = zlib.crc32(text.encode())
    digits = []
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits.append(_DIGITS[rest])
    return "".join(reversed(digits))
