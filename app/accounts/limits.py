"""How often a caller may ask: counted in memory, settled with the other processes in the background.

Every caller has a count for each class of operations in each minute. A process counts by itself, which costs a guest's
read a look into a table, and after each twentieth of a limit it adds what it counted to the database's count and learns
what the others counted. So a limit is exact within a process, and together the processes overshoot it by a twentieth
each. No request waits for the database here.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from app.accounts.rules import Viewer
from app.config import Settings
from app.db.engine import Database
from app.errors import TooMany
from app.jobs.rate_counts import Bucket, add_to_count, drop_old_counts
from app.web.clients import address_of

MINUTE = 60
SETTLED_IN = 20
SIGN_IN = frozenset(
    {
        "createAccount",
        "createSession",
        "confirmEmail",
        "askPasswordReset",
        "resetPassword",
        "updateMe",
        "startOpenIdSignIn",
        "createOpenIdSession",
        "startLinkingIdentity",
        "linkIdentity",
    }
)
"""Operations that somebody could guess with, fill letter boxes, or keep a provider busy."""
REPORT = frozenset({"createReport"})
"""What fills the letter boxes of moderators: whoever reports much can still sign in, and the other way round."""
SEARCH = frozenset({"searchWorks", "searchPassages", "autocompleteTags", "listSimilarWorks"})
DOWNLOADS = frozenset(
    {
        "downloadWorkEpub",
        "downloadWorkHtml",
        "downloadWorkText",
        "downloadWorkMarkdown",
        "downloadWorkJson",
        "downloadSeries",
        "downloadAuthor",
    }
)
"""Files are made anew for everyone who asks."""
_SEARCHING = (b"q=", b"text=", b"facets=")
log = structlog.get_logger("fanarchive.limits")


class Policy:
    """A class of operations, and how many of them a caller may ask for in a minute."""

    __slots__ = ("counts", "header", "name", "prefix", "quota", "settled_after")

    def __init__(self, name: str, quota: int) -> None:
        self.name = name
        self.quota = quota
        self.settled_after = max(1, quota // SETTLED_IN)
        self.header = (b"ratelimit-policy", f'"{name}";q={quota};w={MINUTE}'.encode())
        self.prefix = f'"{name}";r='
        self.counts: dict[str, _Count] = {}
        """Of this minute, by caller."""


class _Count:
    """What a caller took in this minute: ``settled`` by all processes, ``own`` by this one since then."""

    __slots__ = ("own", "settled", "settling")

    def __init__(self) -> None:
        self.settled = 0
        self.own = 0
        self.settling = False


class Limits:
    """The limits of one process. Lives on the event loop; only what settles runs on a thread."""

    def __init__(self, settings: Settings, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="limits")
        self._minute = 0
        self._swept = 0
        self._read = Policy("read", settings.rate_limit_read)
        self._search = Policy("search", settings.rate_limit_search)
        self._write = Policy("write", settings.rate_limit_write)
        sign_in = Policy("sign-in", settings.rate_limit_sign_in)
        download = Policy("download", settings.rate_limit_download)
        report = Policy("report", settings.rate_limit_report)
        self._policies = (self._read, self._search, self._write, sign_in, download, report)
        named = ((SEARCH, self._search), (SIGN_IN, sign_in), (DOWNLOADS, download), (REPORT, report))
        self._named = {name: policy for names, policy in named for name in names}

    def stop(self) -> None:
        """End the thread; what was not settled concerns this minute alone."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def take(self, request: Request, viewer: Viewer) -> None:
        """Count a request, and say in the answer what is left; raises :class:`~app.errors.TooMany`."""
        scope = request.scope
        policy = self._named.get(scope["route"].operation_id) or self._policy_of(scope)
        now = int(time.time())
        if now // MINUTE != self._minute:
            self._minute = now // MINUTE
            for one in self._policies:
                one.counts = {}
        caller = _caller(request, viewer)
        count = policy.counts.get(caller)
        if count is None:
            count = policy.counts[caller] = _Count()
        left = policy.quota - count.settled - count.own - 1
        wait = MINUTE - now % MINUTE
        scope["rate_limit"] = (policy.header, (b"ratelimit", f"{policy.prefix}{max(left, 0)};t={wait}".encode()))
        if left < 0:
            raise TooMany(f"At most {policy.quota:,} a minute.", headers={"Retry-After": str(wait)})
        count.own += 1
        if count.own >= policy.settled_after and not count.settling:
            self._begin_to_settle(policy, caller, count)

    def _policy_of(self, scope: Scope) -> Policy:
        if scope["method"] != "GET":
            return self._write
        query = scope["query_string"]
        if query and any(name in query for name in _SEARCHING):
            return self._search
        return self._read

    def _begin_to_settle(self, policy: Policy, caller: str, count: _Count) -> None:
        count.settling = True
        taken, begins = count.own, self._minute * MINUTE
        # Keyed, because callers are addresses.
        name = hmac.digest(self._secret, f"{policy.name} {caller}".encode(), hashlib.sha256).hex()[:32]
        loop = asyncio.get_running_loop()
        settling = loop.run_in_executor(self._threads, self._settle, Bucket(name, begins, MINUTE), taken)
        settling.add_done_callback(partial(_settled, count, taken))

    def _settle(self, bucket: Bucket, taken: int) -> int:
        with self._database.write() as session:
            if self._swept != bucket.begins:
                drop_old_counts(session)
                self._swept = bucket.begins
            return add_to_count(session, bucket, taken)


def _settled(count: _Count, taken: int, settling: asyncio.Future[int]) -> None:
    count.settling = False
    if settling.cancelled():
        return
    error = settling.exception()
    if error is None:
        count.settled = settling.result()
        count.own -= taken
    elif isinstance(error, SQLAlchemyError):
        log.warning("limits.not_settled", error=type(error).__name__)
    else:
        raise error


def _caller(request: Request, viewer: Viewer) -> str:
    if not viewer.signed_in:
        return address_of(request)
    if viewer.account_id is not None:
        return f"account {viewer.account_id}"
    return f"token {viewer.token_id}"
