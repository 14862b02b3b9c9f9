"""The part of the walk that needs a session, a code from a mail, or a provider of OpenID."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.accounts.commands.codes import make_code
from app.accounts.flows import Flow
from app.accounts.openid_answers import OpenId
from app.models import Account
from tests.accounts.people import PASSWORD, Person, register, sign_in
from tests.conftest import TestArchive
from tests.writing import Caller

BACK = "https://reader.example/back"
NEW_PASSWORD = "correct horse battery"  # noqa: S105


@dataclass
class _Someone:
    subject: str
    issuer: str = "https://id.example"
    name: str = "Pia"


class _AgreeingProvider:
    """Lets everybody in, as whom they say they are."""

    def authorization_url(self, _flow: Flow) -> str:
        return f"{BACK}?code=x"

    def redeem(self, _flow: Flow, code: str) -> _Someone:
        return _Someone(code)

    def stop(self) -> None:
        pass


def walk_accounts(archive: TestArchive) -> None:
    """People who change, link, claim and leave."""
    client = archive.client
    archive.add({"title": "Claimed", "key": "claimed", "fandoms": ["Test"], "authors": ["Elder"]})
    elder = archive.get("/v1/authors?q=elder")["items"][0]["id"]
    pia = register(client, "pia", email="pia@example.org")
    pia.call(
        "PATCH", "/v1/me", json={"current_password": PASSWORD, "email": "new@example.org", "password": NEW_PASSWORD}
    )
    client.request("POST", "/v1/email-confirmations", json={"code": _code(archive, "confirm")})
    client.request("POST", "/v1/password-resets", json={"email": "new@example.org"})
    reset = {"code": _code(archive, "reset"), "password": PASSWORD}
    client.request("POST", "/v1/password-resets/complete", json=reset)
    pia = sign_in(client, "pia")
    _use_openid(archive, pia)
    claim = pia.call("POST", "/v1/claims", 201, json={"author_id": elder, "evidence": "Me.", "works": "keep"})
    pia.call("DELETE", f"/v1/me/claims/{claim['id']}", 204)
    pia.call("DELETE", "/v1/sessions/current", 204)
    for wish in ("orphan", "delete"):
        leaver = register(client, f"leaves-{wish}")
        Caller(archive, leaver.token).post(title="Mine")
        leaver.call("DELETE", f"/v1/me?works={wish}", 204)


def _code(archive: TestArchive, kind: str) -> str:
    """A code as the mail to pia has it."""
    with archive.database.write() as session:
        account = session.scalars(select(Account).where(Account.login_key == "pia")).one()
        sent = make_code(session, account=account, kind=kind)
        assert sent is not None
        assert sent.code is not None
        return sent.code


def _use_openid(archive: TestArchive, person: Person) -> None:
    """Sign in, as somebody new and again, and link and unlink an identity."""
    openid: OpenId = archive.client.app_state["openid"]
    openid._provider, openid.redirect_uris = _AgreeingProvider(), frozenset({BACK})
    for _ in range(2):
        archive.client.request("POST", "/v1/openid/sessions", json=_came_back(person, "/v1/openid/flows", "1"))
    linked = person.call("POST", "/v1/me/identities", 201, json=_came_back(person, "/v1/me/identities/flows", "2"))
    person.call("DELETE", f"/v1/me/identities/{linked['id']}", 204)


def _came_back(person: Person, flows: str, subject: str) -> dict[str, Any]:
    guest = flows == "/v1/openid/flows"
    started = person.client.request(
        "POST", flows, json={"redirect_uri": BACK}, headers={} if guest else person.bearer
    ).json()
    return {"code": subject, "state": started["state"], "flow": started["flow"]}
