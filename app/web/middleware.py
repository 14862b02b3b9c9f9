"""One pure ASGI layer around every request: id, log line, metrics, HEAD, CORS, security headers, and the last resort.

One layer rather than six, because each costs on every request; none of Starlette's ``BaseHTTPMiddleware``, which costs
ten times as much.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import time
from collections.abc import Sequence
from functools import cache

import structlog
from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import ArchiveError, InternalError, Stopping, TooLarge
from app.tracing import spans
from app.web.closing import Closing
from app.web.connections import in_time
from app.web.problems import PROBLEM, problem_body

log = structlog.get_logger("fanarchive.access")

REQUESTS = Counter("fanarchive_requests_total", "Requests answered.", ["operation", "status"])
SECONDS = Histogram(
    "fanarchive_request_seconds",
    "Time from the request's head to the end of the answer.",
    ["operation"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
RUNNING = Gauge("fanarchive_requests_running", "Requests being answered.", multiprocess_mode="livesum")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_EXPOSED = (
    b"ETag, Link, Location, Archive-Change, Retry-After, X-Request-ID, Idempotency-Replayed, "
    b"RateLimit, RateLimit-Policy, WWW-Authenticate, Content-Disposition, Archive-Consent, Archive-Left-Out"
)
_READ_METHODS = b"GET, HEAD, OPTIONS"
_ALL_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_READ_HEADERS = b"Accept, Accept-Language, Content-Type, If-None-Match, X-Request-ID"
_ALL_HEADERS = _READ_HEADERS + b", Authorization, Idempotency-Key, If-Match"
_BODILESS = {"GET", "HEAD", "OPTIONS", "DELETE"}
SEARCHES = ("/v1/works/search",)
"""Reads that are sent as POST."""
TEXTS = ("/v1/works", "/v1/chapters/")
"""Where whole chapters are sent, and bodies may be larger."""

IMPORTS = "/v1/imports"
"""Where whole libraries are sent; how much of it a member may send is looked at there."""


class Observe:
    """Wraps the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        credential_origins: Sequence[str] = (),
        max_body: int = 1_048_576,
        max_work: int = 33_554_432,
        max_import: int = 17_179_869_184,
        closing: Closing | None = None,
    ) -> None:
        self.app = app
        self.closing = closing or Closing()
        self.max_body = max_body
        self.max_work = max_work
        self.max_import = max_import
        self.credential_origins = frozenset(origin.encode() for origin in credential_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self.credential_origins, self.closing)
        scope = exchange.scope
        if exchange.preflight:
            await exchange.answer_preflight()
            return
        if scope["method"] not in _BODILESS:
            path = scope["path"]
            receive = _limited(scope, in_time(receive), self._limit_of(path))
        RUNNING.inc()
        traced = spans.RequestSpan(scope) if spans.is_on() else None
        try:
            await self.app(scope, receive, exchange.send)
        except Exception as error:  # noqa: BLE001  the last resort: nobody gets a bare traceback
            await exchange.fail(error)
        except asyncio.CancelledError:
            # The server stops and waits no longer; it would answer 500 itself. What has begun just ends.
            if not exchange.status:
                await exchange.fail(Stopping("This server has stopped. What was asked for may have been done."))
            raise
        finally:
            RUNNING.dec()
            exchange.record()
            if traced is not None:
                traced.end(exchange.operation, exchange.method, exchange.status, scope["request_id"])

    def _limit_of(self, path: str) -> int:
        """The largest body that an address takes."""
        if path == IMPORTS:
            return self.max_import
        return self.max_work if path.startswith(TEXTS) and path not in SEARCHES else self.max_body


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Count the bytes of a body as they come, whatever its head said of their number."""
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    too_large = f"The body is larger than {limit:,} bytes."
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        if said.isdigit() and int(said) > limit:
            raise TooLarge(too_large)
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLarge(too_large)
        return message

    return counted


class _Exchange:
    """One request and its answer."""

    __slots__ = (
        "_closing",
        "_head",
        "_origin",
        "_replaced",
        "_send",
        "_started",
        "origins",
        "preflight",
        "scope",
        "status",
    )

    def __init__(self, scope: Scope, send: Send, origins: frozenset[bytes], closing: Closing) -> None:
        # Handlers see a GET; what would be long to make they need not make. The server's own scope still says HEAD: it
        # would wait for the body that the answer's length promises, and drop the connection.
        self._head = scope["method"] == "HEAD"
        self.scope = scope = {**scope, "head": self._head, "method": "GET" if self._head else scope["method"]}
        self._closing = closing
        self.origins = origins
        self.status = 0
        self._send = send
        self._started = time.perf_counter()
        self._origin: bytes | None = None
        asked = None
        incoming = b""
        for name, value in scope["headers"]:
            if name == b"origin":
                self._origin = value
            elif name == b"access-control-request-method":
                asked = value
            elif name == b"x-request-id":
                incoming = value
        sane = _REQUEST_ID.fullmatch(incoming)
        scope["request_id"] = incoming.decode() if sane else _next_id()
        self.preflight = scope["method"] == "OPTIONS" and asked is not None and self._origin is not None

    def _cors(self) -> list[tuple[bytes, bytes]]:
        """Reads for any page; credentials for configured origins alone."""
        if self._origin in self.origins and self._origin is not None:
            return [
                (b"access-control-allow-origin", self._origin),
                (b"access-control-allow-credentials", b"true"),
                (b"access-control-expose-headers", _EXPOSED),
            ]
        return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED)]

    async def answer_preflight(self) -> None:
        """What a browser asks before a request that is not simple."""
        trusted = self._origin in self.origins
        reads = b"POST, OPTIONS" if self.scope["path"] in SEARCHES else _READ_METHODS
        headers = [
            *self._cors(),
            (b"access-control-allow-methods", _ALL_METHODS if trusted else reads),
            (b"access-control-allow-headers", _ALL_HEADERS if trusted else _READ_HEADERS),
            (b"access-control-max-age", b"3600"),
            (b"vary", b"Origin"),
        ]
        await self._send({"type": "http.response.start", "status": 204, "headers": headers})
        await self._send({"type": "http.response.body", "body": b""})

    async def send(self, message: Message) -> None:
        """Pass the answer on with our headers; the body of a HEAD is dropped."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"]
            names = {name for name, _ in headers}
            headers.append((b"x-request-id", self.scope["request_id"].encode()))
            headers += [pair for pair in _SECURITY if pair[0] not in names]
            limited = self.scope.get("rate_limit")
            if limited is not None:
                headers += limited
            if self._closing.is_on:
                headers.append((b"connection", b"close"))
            if self._origin is not None:
                headers += self._cors()
            if self.origins:
                headers.append((b"vary", b"Origin"))
        elif self._head and message["type"] == "http.response.body":
            if not message.get("more_body"):
                await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """An exception that no handler took."""
        if isinstance(error, ArchiveError) and not self.status:
            self.status = error.status
            await self._problem(error)
            return
        log.error("request.failed", exc_info=error, request_id=self.scope["request_id"])
        if not self.status:
            self.status = InternalError.status
            await self._problem(InternalError())

    async def _problem(self, error: ArchiveError) -> None:
        body = problem_body(error, self.scope["request_id"])
        headers = [
            (b"content-type", PROBLEM.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-request-id", self.scope["request_id"].encode()),
            *((name.lower().encode(), value.encode()) for name, value in error.headers.items()),
            *_SECURITY,
            *(self._cors() if self._origin is not None else ()),
        ]
        await self._send({"type": "http.response.start", "status": error.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": b"" if self._head else body})

    @property
    def operation(self) -> str:
        """Which one it was, once it is known."""
        return getattr(self.scope.get("route"), "operation_id", None) or "none"

    @property
    def method(self) -> str:
        """As it was asked."""
        return "HEAD" if self._head else str(self.scope["method"])

    def record(self) -> None:
        """Count and log the request by its operation, never by its path."""
        seconds = time.perf_counter() - self._started
        operation = self.operation
        _counter(operation, self.status // 100).inc()
        _histogram(operation).observe(seconds)
        log.info(
            "request",
            request_id=self.scope["request_id"],
            method=self.method,
            path=self.scope["path"],
            operation=operation,
            status=self.status,
            ms=round(seconds * 1000, 2),
        )


_PREFIX = secrets.token_hex(5)
_NUMBERS = itertools.count(1)


def _next_id() -> str:
    """Unlike any other of this or another process, without asking the system for chance each time."""
    return f"{_PREFIX}{next(_NUMBERS):06x}"


@cache
def _counter(operation: str, status: int) -> Counter:
    return REQUESTS.labels(operation, f"{status}xx")


@cache
def _histogram(operation: str) -> Histogram:
    return SECONDS.labels(operation)
