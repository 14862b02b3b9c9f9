"""A client that outlives its server: it says what it was told, or that it was told nothing, and for how long."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TIMEOUT = 30.0
"""Seconds without an answer after which a request has hung."""
PATIENCE = 300.0
"""Seconds after which it is given up that anything answers again."""
PAUSE = 0.1


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """That of a problem."""
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return str(self.json["code"]) if is_problem else ""


@dataclass
class Tally:
    """What all clients together were told, and the longest times in which none of them was told anything good."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """Answers that no fault may bring."""
    hung: int = 0
    slowest: float = 0.0
    """Seconds that an answer took."""
    outages: dict[str, float] = field(default_factory=dict)
    _good: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """From now on, times without a good answer count."""
        with self._lock:
            self._good = dict.fromkeys(("read", "search", "write"), time.monotonic())

    def note(self, kind: str, answer: Answer | None, seconds: float) -> None:
        """Count an answer, or that there was none."""
        now = time.monotonic()
        with self._lock:
            self.statuses["cut off" if answer is None else str(answer.status)] += 1
            self.slowest = max(self.slowest, seconds)
            if answer is not None and answer.status < 500 and kind in self._good:
                self.outages[kind] = max(self.outages.get(kind, 0.0), now - self._good[kind])
                self._good[kind] = now

    def complain(self, what: str) -> None:
        """Something is wrong."""
        with self._lock:
            self.wrong.append(what)

    def note_hanging(self) -> None:
        with self._lock:
            self.hung += 1


class Client:
    """One caller. Every request is made on its own connection, as many as it takes to be answered."""

    def __init__(self, port: int, tally: Tally, token: str | None = None) -> None:
        self.port = port
        self.tally = tally
        self.token = token

    def once(self, method: str, path: str, body: Any = None, **headers: str) -> Answer | None:
        """Send a request once; ``None`` where no whole answer came."""
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        answer = None
        try:
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except TimeoutError:
            self.tally.note_hanging()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        self.tally.note(_kind(method, path), answer, time.monotonic() - started)
        self._judge(method, path, answer)
        return answer

    def _judge(self, method: str, path: str, answer: Answer | None) -> None:
        if answer is None or answer.status < 500:
            return
        told = f"{method} {path}: {answer.status} {answer.body[:300]!r}"
        if answer.status not in {503, 507} or not answer.code:
            self.tally.complain(told)
        if answer.status == 503 and "retry-after" not in answer.headers:
            self.tally.complain(f"without Retry-After: {told}")

    def surely(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[Answer, bool]:
        """Send a request until it is answered with neither 5xx nor 409 ``request-running``.

        Also whether an earlier try was left without an answer: it may have been done.
        """
        unknown = False
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.once(method, path, body, **headers)
            if answer is not None and answer.status < 500 and answer.code != "request-running":
                return answer, unknown
            unknown = unknown or answer is None or answer.status == 503
            time.sleep(PAUSE)
        raise AssertionError(f"{method} {path} was not answered in {PATIENCE} s")

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """A ``POST`` with a key of its own, so that it is done once however often it is sent."""
        headers["Idempotency-Key"] = uuid.uuid4().hex
        return self.surely("POST", path, body, **headers)[0]

    def get(self, path: str) -> Answer:
        return self.surely("GET", path)[0]


def _kind(method: str, path: str) -> str:
    if method != "GET":
        return "write"
    return "search" if path.startswith("/v1/works?") else "read"


def until(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
