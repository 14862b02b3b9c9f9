"""Hashing passwords: argon2id on threads of its own, so that sign-ins cannot starve other requests.

A login that is not known costs the same work as one that is: the password is compared with a hash of nothing.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.config import Settings
from app.errors import Unavailable

T = TypeVar("T")
MOST_WAITING = 40
"""For each thread; whoever comes then is told to come back, instead of waiting for seconds."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the password is right; ``new_hash`` where the stored one is of former costs."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and compares. Each takes some 20 ms and 19 MiB at the default costs."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHash(
            (
                Argon2Hasher(
                    time_cost=settings.password_time_cost, memory_cost=settings.password_memory_kib, parallelism=1
                ),
            )
        )
        count = max(1, min(4, (os.cpu_count() or 2) // 2))
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="passwords")
        self._most = count * MOST_WAITING
        self._waiting = 0
        self._nobodys = self._hasher.hash(secrets.token_urlsafe(32))

    def hash_now(self, password: str) -> str:
        """The hash to store."""
        return self._hasher.hash(_normal(password))

    def compare_now(self, password: str, stored: str | None) -> Verdict:
        """Compare with a stored hash, or with nobody's where there is none."""
        right, new_hash = self._hasher.verify_and_update(_normal(password), stored or self._nobodys)
        return Verdict(right, new_hash) if stored is not None else Verdict(right=False)

    async def hash(self, password: str) -> str:
        """The same off the event loop."""
        return await self._on_thread(self.hash_now, password)

    async def compare(self, password: str, stored: str | None) -> Verdict:
        """The same off the event loop."""
        return await self._on_thread(self.compare_now, password, stored)

    async def _on_thread(self, function: Callable[..., T], *args: object) -> T:
        if self._waiting >= self._most:
            raise Unavailable("Too many passwords are being checked; try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)
        finally:
            self._waiting -= 1

    def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True)


def _normal(password: str) -> str:
    """One form for what keyboards send in several (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)
