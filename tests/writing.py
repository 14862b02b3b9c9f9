"""People who write: accounts with a pen name and a token, and the requests that they send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from httpx2 import Response

from app.accounts.commands import issue_token
from app.kit.text import name_key
from app.models import Account, Author
from tests.conftest import TestArchive

TEXT = "<p>Lanterns over the water, and nobody to see them.</p>"
WORK: dict[str, Any] = {
    "title": "Lanterns",
    "language": "en",
    "rating": "general",
    "warnings": ["no_warnings_apply"],
    "fandoms": ["Test"],
}


@dataclass
class Caller:
    """Someone with a token; paths are below ``/v1``."""

    archive: TestArchive
    token: str | None
    author_id: int = 0

    def send(self, method: str, path: str, body: Any = None, seen: str | None = None, **headers: str) -> Response:
        """Send a request; ``seen`` is the ``If-Match``."""
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if seen is not None:
            headers["If-Match"] = seen
        return self.archive.client.request(method, f"/v1{path}", json=body, headers=headers)

    def get(self, path: str, status: int = 200) -> Any:
        """The JSON of an answer with that status."""
        response = self.send("GET", path)
        assert response.status_code == status, response.text
        return response.json()

    def done(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        """Send a write that has to work, with the newest ``If-Match``; its JSON."""
        seen = self.send("GET", path.removesuffix("/order")).headers.get("etag")
        response = self.send(method, path, body, seen)
        wanted = status or {"POST": 201, "DELETE": 204}.get(method, 200)
        assert response.status_code == wanted, response.text
        assert int(response.headers["archive-change"]) > 0
        return response.json() if response.content else None

    def post(self, *chapters: str | dict[str, Any], **members: Any) -> Any:
        """Post a work, published unless something else is said; chapters are titles or bodies."""
        made = [chapter if isinstance(chapter, dict) else {"title": chapter, "content": TEXT} for chapter in chapters]
        body = WORK | {"state": "published", "chapters": made or [{"content": TEXT}]} | members
        return self.done("POST", "/works", {name: value for name, value in body.items() if value is not None})

    def refused(self, method: str, path: str, body: Any, status: int, seen: str | None = "*") -> Any:
        """Send a write that has to fail with that status; its problem."""
        response = self.send(method, path, body, seen)
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        return response.json()

    def places(self, method: str, path: str, body: Any) -> list[tuple[str, str]]:
        """Where a body is wrong: pointers and codes."""
        problem = self.refused(method, path, body, 422)
        return [(error["pointer"], error["code"]) for error in problem["errors"]]


def guest(archive: TestArchive) -> Caller:
    return Caller(archive, None)


def operator(archive: TestArchive, *scopes: str) -> Caller:
    """A token without an account."""
    with archive.database.write() as session:
        return Caller(archive, issue_token(session, kind="operator", name="op", scopes=scopes).text)


def member(archive: TestArchive, login: str, role: str = "member", scopes: Sequence[str] = ("read", "write")) -> Caller:
    """An account with a pen name of its login and a token."""
    now = datetime.now(UTC)
    with archive.database.write() as session:
        account = Account(login=login, login_key=login.lower(), role=role, created_at=now)
        session.add(account)
        session.flush()
        author = Author(name=login, name_key=name_key(login), account_id=account.id, created_at=now)
        session.add(author)
        session.flush()
        token = issue_token(session, kind="personal", name="t", scopes=scopes, account_id=account.id)
        return Caller(archive, token.text, author.id)


def moderator(archive: TestArchive, login: str = "mod") -> Caller:
    return member(archive, login, "moderator", ("read", "write", "moderate"))
