"""Guessing passwords is slowed down without locking anybody out.

What counts are failures of one address at one login: ten in a quarter of an hour. Where a login is guessed at from many
addresses (a hundred failures in an hour), an address has only two tries an hour: its owner, who is right, has them too.
So whoever guesses at a login spends the tries of his own address, never those of others. Logins that are not known are
counted alike, and all are kept as keyed hashes: people type passwords into the wrong field.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass

from app.db.engine import Database
from app.errors import TooMany
from app.jobs.rate_counts import Bucket, add_to_count, counts_of

QUARTER, HOUR = 900, 3600
TRIES = 10
UNDER_ATTACK = 100
TRIES_UNDER_ATTACK = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """One try: at whose password, from where."""

    login: str
    address: str


def check_guess(database: Database, secret: bytes, guess: Guess) -> None:
    """Raise :class:`~app.errors.TooMany` where the address has used up its tries at the login."""
    with database.current() as connection:
        recent, hourly, everywhere = counts_of(connection, _buckets(secret, guess))
    if recent >= TRIES:
        raise _too_many(QUARTER)
    if everywhere >= UNDER_ATTACK and hourly >= TRIES_UNDER_ATTACK:
        raise _too_many(HOUR)


def count_failure(database: Database, secret: bytes, guess: Guess) -> None:
    """The password was wrong."""
    with database.write() as session:
        for bucket in _buckets(secret, guess):
            add_to_count(session, bucket, 1)


def _buckets(secret: bytes, guess: Guess) -> list[Bucket]:
    login = guess.login.lower()
    kinds = ((f"quarter {guess.address} {login}", QUARTER), (f"hour {guess.address} {login}", HOUR), (login, HOUR))
    now = int(time.time())
    return [
        Bucket("guess " + hmac.digest(secret, text.encode(), hashlib.sha256).hex()[:32], now - now % seconds, seconds)
        for text, seconds in kinds
    ]


def _too_many(seconds: int) -> TooMany:
    wait = seconds - int(time.time()) % seconds
    return TooMany("Too many wrong passwords from your address.", headers={"Retry-After": str(wait)})
