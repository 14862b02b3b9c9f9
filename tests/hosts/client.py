"""A client as scripts are: one connection, kept; and many of them at once, who count what failed."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

TIMEOUT = 20
PAUSE = 0.02
"""Between two requests of one client: enough to be always there, and to leave the processors to what is tested."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def change(self) -> int:
        return int(self.headers["archive-change"])


class Client:
    """Speaks with one address; a closed connection is opened again for the next request."""

    def __init__(self, host: str, port: int, token: str | None = None) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = json.dumps(body).encode() if body is not None else None
        given = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request(method, path, sent, given)
            response = self._connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        kind = response.headers.get("content-type", "")
        found = json.loads(raw) if raw and "json" in kind else raw
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, found)

    def get(self, path: str, **params: Any) -> Answer:
        query = f"?{urllib.parse.urlencode(params, doseq=True)}" if params else ""
        return self.ask("GET", path + query)

    def close(self) -> None:
        self._connection.close()


def work(title: str, **members: Any) -> dict[str, Any]:
    """A work to post."""
    return {
        "title": title,
        "rating": "teen",
        "language": "en",
        "warnings": ["no_warnings_apply"],
        "fandoms": ["Fables"],
        "state": "published",
        "chapters": [{"content": f"<p>Of {title} the fox knew nothing at all.</p>"}],
        **members,
    }


def sign_up(guest: Client, login: str = "writer") -> str:
    """A token of a new account, with a pen name to write under."""
    person = {"login": login, "password": "seven foxes over the river", "email": f"{login}@example.org"}
    assert guest.ask("POST", "/v1/accounts", person).status == 201
    signed_in = guest.ask("POST", "/v1/sessions", {name: person[name] for name in ("login", "password")})
    assert signed_in.status == 201, signed_in.body
    token: str = signed_in.body["token"]
    return token


@dataclass
class Tally:
    """What clients were told, and what went wrong."""

    statuses: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    posted: dict[int, str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(self.statuses.values()) + len(self.failures)


class Crowd:
    """Readers and writers who do not rest. A failure is a server's error, or a connection that ended without answer."""

    def __init__(self, host: str, port: int, token: str, *, readers: int = 3, writers: int = 1) -> None:
        self.tally = Tally()
        self._address = (host, port)
        self._token = token
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._read, args=(number,)) for number in range(readers)]
        self._threads += [threading.Thread(target=self._write, args=(number,)) for number in range(writers)]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_failed: object) -> None:
        """Rest."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self, number: int) -> None:
        chance, client = random.Random(number), Client(*self._address)  # noqa: S311
        ids: list[int] = []
        while not self._stop.wait(PAUSE):
            if not ids or chance.random() < 0.5:
                answer = self._ask(client, "GET", f"/v1/works?limit=10&page={chance.randint(1, 3)}&facets=rating")
                ids = [item["id"] for item in answer.body["items"]] if answer and answer.status == 200 else ids
            else:
                # A work that a list has just shown has to be there, whichever host is asked.
                answer = self._ask(client, "GET", f"/v1/works/{chance.choice(ids)}?include=chapters")
                if answer is not None and answer.status != 200:
                    self._failed(f"a listed work: {answer.status} {answer.body}")
        client.close()

    def _write(self, number: int) -> None:
        client, count = Client(*self._address, self._token), 0
        while not self._stop.wait(PAUSE):
            title = f"Written {number} {count}"
            answer = self._ask(client, "POST", "/v1/works", work(title))
            if answer is not None and answer.status == 201:
                with self._lock:
                    self.tally.posted[answer.body["id"]] = title
                count += 1
        client.close()

    def _ask(self, client: Client, method: str, path: str, body: Any = None) -> Answer | None:
        try:
            answer = client.ask(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self._failed(f"{method} {path}: {type(error).__name__}: {error}")
            return None
        if answer.status >= 500:
            self._failed(f"{method} {path}: {answer.status} {answer.body}")
        else:
            with self._lock:
                self.tally.statuses[str(answer.status)] += 1
        return answer

    def _failed(self, what: str) -> None:
        with self._lock:
            self.tally.failures.append(f"{time.monotonic():.2f} {what}")
