"""People who register, sign in and hold tokens, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

PASSWORD = "correct horse"  # noqa: S105


@dataclass
class Person:
    """Somebody who is signed in."""

    client: TestClient
    login: str
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        """The header that says who calls."""
        return {"Authorization": f"Bearer {self.token}"}

    def call(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """The JSON of an answer that has to have a status; None where there is no body."""
        headers = {**self.bearer, **options.pop("headers", {})}
        answered = self.client.request(method, path, headers=headers, **options)
        assert answered.status_code == status, answered.text
        return answered.json() if answered.content else None


def register(client: TestClient, login: str, **members: Any) -> Person:
    """Make an account and sign in."""
    made = client.post("/v1/accounts", json={"login": login, "password": PASSWORD, **members})
    assert made.status_code == 201, made.text
    return sign_in(client, login)


def sign_in(client: TestClient, login: str, password: str = PASSWORD) -> Person:
    """A new session."""
    session = client.post("/v1/sessions", json={"login": login, "password": password})
    assert session.status_code == 201, session.text
    return Person(client, login, session.json()["token"])
