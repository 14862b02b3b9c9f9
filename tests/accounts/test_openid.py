"""Signing in at an OpenID provider: a real one, over HTTP, on a port of this machine."""

from __future__ import annotations

import base64
import hmac
import json
import ssl
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey, RSAKey
from pydantic import ValidationError
from sqlalchemy import select
from starlette.testclient import TestClient

from app import config
from app.accounts import flows, openid_http
from app.accounts.commands.accounts import invite, suspend
from app.accounts.openid_answers import propose_login
from app.config import Settings
from app.db.engine import Database
from app.main import create_app
from app.models import Account
from tests.accounts.people import PASSWORD, Person, register
from tests.accounts.provider import CLIENT_ID, CLIENT_SECRET, LoopbackProvider, body_of, running_provider, send

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For plain HTTP: to read the certificates that are trusted would take longer than to ask."""
BACK = "https://reader.example/back"


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    with running_provider() as one:
        yield one


def with_provider(settings: Settings, provider: LoopbackProvider, **changed: Any) -> Settings:
    given = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_redirect_uris": [BACK],
        "oidc_label": "Loopback",
    }
    return Settings.model_validate({**settings.model_dump(), **given, **changed})


@pytest.fixture
def client(settings: Settings, provider: LoopbackProvider) -> Iterator[TestClient]:
    with TestClient(create_app(with_provider(settings, provider)), raise_server_exceptions=False) as one:
        yield one


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    one = Database(settings)
    yield one
    one.dispose()


def way_back(started: dict[str, Any]) -> dict[str, str]:
    """What a browser does at the provider, and what the client sends after it."""
    answered = httpx2.get(started["authorization_url"], verify=NO_TLS)
    assert answered.status_code == 302, answered.text
    query = parse_qs(urlsplit(answered.headers["location"]).query)
    assert query["state"] == [started["state"]]
    return {"code": query["code"][0], "state": query["state"][0], "flow": started["flow"]}


def begin(client: TestClient) -> dict[str, Any]:
    started = client.post("/v1/openid/flows", json={"redirect_uri": BACK})
    assert started.status_code == 201, started.text
    found: dict[str, Any] = started.json()
    return found


def finish(client: TestClient, **members: Any) -> Any:
    return client.post("/v1/openid/sessions", json={**way_back(begin(client)), **members})


def signed_in(client: TestClient, **members: Any) -> Person:
    answered = finish(client, **members)
    assert answered.status_code == 201, answered.text
    return Person(client, answered.json()["account"]["login"], answered.json()["token"])


def refused(answered: Any) -> tuple[int, str]:
    return answered.status_code, answered.json()["code"]


def link(person: Person) -> Any:
    started = person.call("POST", "/v1/me/identities/flows", 201, json={"redirect_uri": BACK})
    return person.client.post("/v1/me/identities", json=way_back(started), headers=person.bearer)


def test_the_first_sign_in_makes_an_account_and_the_next_finds_it(client: TestClient) -> None:
    shown = client.get("/v1/openid/providers").json()
    assert (shown["total"], shown["items"][0]["label"]) == (1, "Loopback")
    first = finish(client)
    assert (first.status_code, first.headers["cache-control"]) == (201, "no-store")
    assert first.json()["account"]["login"] == "Wren"
    assert first.json()["account"]["authors"][0]["name"] == "Wren"
    assert first.json().keys() == {"token", "expires_at", "account"}
    again = signed_in(client)
    assert again.call("GET", "/v1/me")["id"] == first.json()["account"]["id"]
    assert again.call("GET", "/v1/me/identities")["items"][0]["subject"] == "1001"


def test_what_is_asked_of_the_provider(client: TestClient, provider: LoopbackProvider) -> None:
    asked = parse_qs(urlsplit(begin(client)["authorization_url"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert {"code_challenge", "nonce", "state"} <= asked.keys()
    finish(client)
    finish(client)
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    assert provider.asked.count("/jwks") == 1
    assert provider.authenticated == ["basic", "basic"]


def test_a_provider_that_takes_the_secret_in_the_body_alone(client: TestClient, provider: LoopbackProvider) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    signed_in(client)
    assert provider.authenticated == ["post"]


def test_a_login_that_is_taken(client: TestClient, provider: LoopbackProvider) -> None:
    register(client, "wren")
    assert refused(finish(client, login="Wren")) == (409, "login-taken")
    assert signed_in(client).login == "Wren2"
    provider.person = {"sub": "1002", "preferred_username": "Wren"}
    assert signed_in(client).login == "Wren3"
    provider.person = {"sub": "1003", "preferred_username": "Wren"}
    assert signed_in(client, login="sparrow").login == "sparrow"
    assert signed_in(client, login="robin").login == "sparrow", "who is known keeps the login"


@pytest.mark.parametrize(
    ("name", "login"),
    [("wren@example.org", "wren"), ("Ann Lee", "Ann_Lee"), ("山田", "reader"), ("admin/../x", "admin_.._x"),
     ("system", "reader"), ("", "reader"), ("x" * 90, "x" * 40), ("__x1__", "x1")],
)  # fmt: skip
def test_a_login_is_proposed(name: str, login: str) -> None:
    assert propose_login(name) == login


def test_an_address_links_nobody(client: TestClient, provider: LoopbackProvider) -> None:
    ann = register(client, "ann", email="ann@example.org")
    provider.person = {"sub": "7", "email": "ann@example.org", "email_verified": True, "preferred_username": "ann"}
    stranger = signed_in(client)
    assert stranger.login == "ann2"
    assert stranger.call("GET", "/v1/me")["email"] is None
    assert ann.call("GET", "/v1/me/identities")["total"] == 0


def test_registration_is_respected(settings: Settings, database: Database, provider: LoopbackProvider) -> None:
    with TestClient(create_app(with_provider(settings, provider, registration="closed"))) as client:
        assert refused(finish(client)) == (403, "registration-closed")
    with TestClient(create_app(with_provider(settings, provider, registration="invite"))) as client:
        assert refused(finish(client)) == (403, "registration-closed")
        with database.write() as session:
            code = invite(session, days=1)
        person = signed_in(client, invitation=code)
    with TestClient(create_app(with_provider(settings, provider, registration="closed"))) as client:
        assert signed_in(client).login == person.login, "who has an account signs in"


def test_an_address_is_needed_where_it_is_confirmed(settings: Settings, provider: LoopbackProvider) -> None:
    with TestClient(create_app(with_provider(settings, provider, confirm_email="on"))) as client:
        answered = finish(client)
        assert refused(answered) == (422, "invalid-request")
        assert answered.json()["errors"][0]["pointer"] == "/email"
        person = signed_in(client, email="wren@example.org")
        assert person.call("GET", "/v1/me")["email_confirmed"] is False


def test_suspended_and_closed_accounts(client: TestClient, database: Database) -> None:
    person = signed_in(client)
    with database.write() as session:
        suspend(session, login=person.login, reason="Spam.")
    person = signed_in(client)
    assert person.call("GET", "/v1/me")["suspended"]["reason"] == "Spam."
    body = {"name": "Another"}
    assert person.call("POST", "/v1/authors", 403, json=body)["code"] == "account-suspended"
    old = person.call("GET", "/v1/me")["id"]
    person.call("DELETE", "/v1/me", 204)
    assert signed_in(client).call("GET", "/v1/me")["id"] != old


def test_an_account_is_linked_and_unlinked(client: TestClient) -> None:
    ann = register(client, "ann")
    linked = link(ann)
    assert (linked.status_code, linked.json()["subject"]) == (201, "1001")
    assert signed_in(client).login == "ann"
    assert refused(link(ann)) == (409, "identity-taken")
    assert refused(link(register(client, "bob"))) == (409, "identity-taken")
    number = linked.json()["id"]
    assert refused(client.delete(f"/v1/me/identities/{number}", headers=register(client, "eve").bearer))[0] == 404
    ann.call("DELETE", f"/v1/me/identities/{number}", 204)
    assert signed_in(client).login == "Wren", "another account by now"


def test_the_last_way_in_stays(client: TestClient, provider: LoopbackProvider) -> None:
    person = signed_in(client)
    (only,) = person.call("GET", "/v1/me/identities")["items"]
    assert person.call("DELETE", f"/v1/me/identities/{only['id']}", 409)["code"] == "last-way-in"
    provider.person = {"sub": "1002"}
    assert link(person).status_code == 201
    person.call("DELETE", f"/v1/me/identities/{only['id']}", 204)


def test_ways_in_are_changed_with_a_session_alone(client: TestClient) -> None:
    ann = register(client, "ann")
    linked = link(ann).json()["id"]
    made = ann.call("POST", "/v1/me/tokens", 201, json={"name": "x", "scopes": ["read", "write"]})
    program = Person(client, "ann", made["token"])
    assert program.call("POST", "/v1/me/identities/flows", 403, json={"redirect_uri": BACK})["code"] == "session-needed"
    assert program.call("DELETE", f"/v1/me/identities/{linked}", 403)["code"] == "session-needed"


def test_no_password_opens_an_account_without_one(client: TestClient) -> None:
    person = signed_in(client)
    for password in (PASSWORD, "x"):
        answered = client.post("/v1/sessions", json={"login": person.login, "password": password})
        assert refused(answered) == (401, "wrong-credentials")


@pytest.mark.parametrize(
    "elsewhere",
    [f"{BACK}/", f"{BACK}?next=https://evil.example", "https://evil.example/back", BACK.upper(), "javascript:alert(1)"],
)
def test_people_are_sent_back_to_where_the_operator_allows(client: TestClient, elsewhere: str) -> None:
    answered = client.post("/v1/openid/flows", json={"redirect_uri": elsewhere})
    assert answered.status_code == 422
    assert answered.json()["errors"][0]["code"] == "not-allowed"


def test_a_flow_belongs_to_its_state_and_purpose(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = register(client, "ann"), register(client, "bob")
    mine, theirs = way_back(begin(client)), way_back(begin(client))
    linking = way_back(ann.call("POST", "/v1/me/identities/flows", 201, json={"redirect_uri": BACK}))
    forged = [
        mine | {"flow": theirs["flow"]},  # an attacker's code and state, a victim's flow
        mine | {"state": "x"},
        mine | {"state": "é"},
        mine | {"flow": mine["flow"][:-1]},
        mine | {"flow": "é.é"},
        mine | {"flow": ""},
        linking,
    ]
    for body in forged:
        assert refused(client.post("/v1/openid/sessions", json=body))[0] == 422
    for person, body in ((bob, linking), (ann, mine)):
        assert person.call("POST", "/v1/me/identities", 422, json=body)["code"] == "bad-flow"
    later = time.time() + flows.LIFETIME + 1
    monkeypatch.setattr(flows.time, "time", lambda: later)
    assert refused(client.post("/v1/openid/sessions", json=mine)) == (422, "bad-flow")


def test_a_code_is_good_once_and_with_its_own_flow(client: TestClient) -> None:
    first, second = way_back(begin(client)), way_back(begin(client))
    swapped = client.post("/v1/openid/sessions", json=second | {"code": first["code"]})
    assert refused(swapped) == (401, "provider-refused"), "the PKCE verifier is another"
    assert client.post("/v1/openid/sessions", json=second).status_code == 201
    assert refused(client.post("/v1/openid/sessions", json=second)) == (401, "provider-refused")


def test_a_repeat_with_the_same_key_is_told_that_it_was_done(client: TestClient) -> None:
    body = way_back(begin(client))
    key = {"Idempotency-Key": "once"}
    assert client.post("/v1/openid/sessions", json=body, headers=key).status_code == 201
    assert refused(client.post("/v1/openid/sessions", json=body, headers=key)) == (409, "already-answered")


BENT: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "other"},
    "several clients and made for another": {"aud": [CLIENT_ID, "other"], "azp": "other"},
    "several clients and nobody's": {"aud": [CLIENT_ID, "other"]},
    "made for another": {"azp": "other"},
    "expired": {"exp": 1_700_000_000},
    "for ever": {"exp": None},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": None},
    "nobody by name": {"sub": ""},
    "a number": {"sub": 5},
    "too long": {"sub": "x" * 256},
    "invisible": {"sub": "a\x00b"},
    "not yet": {"nbf": 9_999_999_999},
    "from the future": {"iat": 9_999_999_999},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT)
def test_claims_are_checked(client: TestClient, provider: LoopbackProvider, bent: dict[str, Any]) -> None:
    provider.bend = lambda claims: {name: value for name, value in (claims | bent).items() if value is not None}
    assert refused(finish(client)) == (401, "provider-refused")


def test_signatures_are_checked(client: TestClient, provider: LoopbackProvider) -> None:
    signed_in(client)
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})  # of the same name, and not published
    assert refused(finish(client)) == (401, "provider-refused")
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    assert refused(finish(client)) == (401, "provider-refused")


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize("kind", ["none", "the client's secret", "the public key as a secret"])
def test_a_token_that_nobody_signed(client: TestClient, provider: LoopbackProvider, kind: str) -> None:
    public = provider.key.as_pem(private=False)
    secret = {"none": b"", "the client's secret": CLIENT_SECRET.encode()}.get(kind, public)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body_of(handler)
        (asked,) = provider.codes.values()
        now = int(time.time())
        claims = {
            "iss": provider.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 99,
            "sub": "1",
            "nonce": asked["nonce"],
        }
        header = {"alg": "HS256" if secret else "none", "kid": "one"}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        # By hand: no library helps to do this.
        token = f"{signed}.{base64url(hmac.digest(secret, signed.encode(), 'sha256')) if secret else ''}"
        send(handler, 200, {"access_token": "x", "token_type": "Bearer", "id_token": token})

    provider.broken["/token"] = answer
    assert refused(finish(client)) == (401, "provider-refused")


def test_keys_are_changed(client: TestClient, provider: LoopbackProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    first = signed_in(client)
    provider.key, provider.algorithm = ECKey.generate_key("P-256", {"kid": "two"}), "ES256"
    provider.published.append(provider.key)
    assert refused(finish(client)) == (401, "provider-refused"), "keys are not read for every token"
    monkeypatch.setattr("app.accounts.openid.KEYS_KEPT_AT_LEAST", 0.0)
    assert signed_in(client).login == first.login


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever."""
    body_of(handler)
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        pass


def silence(handler: BaseHTTPRequestHandler) -> None:
    body_of(handler)
    time.sleep(2)


def told(status: int, body: Any) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        body_of(handler)
        send(handler, status, body)

    return answer


FAILURES: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "500": told(500, {}),
    "a page": told(200, b"<html>"),
    "a list": told(200, []),
    "nothing of use": told(200, {}),
    "half an answer": told(200, b'{"id_token": "'),
    "too much": told(200, b" " * 2_000_000),
    "an error": told(400, {"error": "server_error"}),
    "elsewhere": told(302, {}),
    "drips": drip,
    "is silent": silence,
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_a_provider_that_fails(
    settings: Settings,
    provider: LoopbackProvider,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    failure: Callable[[BaseHTTPRequestHandler], None],
) -> None:
    monkeypatch.setattr(openid_http, "PATIENCE", 0.5)
    monkeypatch.setattr("app.accounts.openid.SILENCE", 0.5)
    provider.broken[path] = failure
    with TestClient(create_app(with_provider(settings, provider))) as client:
        if path.startswith("/."):
            answered = client.post("/v1/openid/flows", json={"redirect_uri": BACK})
        else:
            answered = finish(client)
        assert refused(answered) == (503, "provider-unavailable")
        assert answered.headers["retry-after"]
        del provider.broken[path]
        signed_in(client)


@pytest.mark.parametrize(
    "metadata", [{"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/t"}, {"jwks_uri": 5}]
)
def test_metadata_are_checked(client: TestClient, provider: LoopbackProvider, metadata: dict[str, Any]) -> None:
    provider.metadata = metadata
    assert refused(client.post("/v1/openid/flows", json={"redirect_uri": BACK})) == (503, "provider-unavailable")


def test_nobody_listens(settings: Settings, provider: LoopbackProvider) -> None:
    chosen = with_provider(settings, provider, oidc_issuer="http://127.0.0.1:9")
    with TestClient(create_app(chosen)) as client:
        answered = client.post("/v1/openid/flows", json={"redirect_uri": BACK})
        assert refused(answered) == (503, "provider-unavailable")


def test_without_a_provider(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        assert client.get("/v1/openid/providers").json() == {"items": [], "total": 0}
        answered = client.post("/v1/openid/flows", json={"redirect_uri": BACK})
        assert refused(answered) == (404, "openid-off")
        body = {"code": "x", "state": "x", "flow": "x"}
        assert refused(client.post("/v1/openid/sessions", json=body)) == (404, "openid-off")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no client": ({"oidc_client_id": ""}, "FANARCHIVE_OIDC_CLIENT_ID"),
    "no way back": ({"oidc_redirect_uris": []}, "FANARCHIVE_OIDC_REDIRECT_URIS"),
    "in the open": ({"oidc_issuer": "http://id.example"}, "https"),
}


@pytest.mark.parametrize(("changed", "names"), WRONG.values(), ids=WRONG)
def test_settings_are_whole(
    settings: Settings, provider: LoopbackProvider, changed: dict[str, Any], names: str
) -> None:
    with pytest.raises(ValidationError, match=names):
        with_provider(settings, provider, **changed)


def test_the_extra_is_missing(settings: Settings, provider: LoopbackProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda _name: None)
    with pytest.raises(ValidationError, match=r"needs the extra `oidc`: pip install"):
        with_provider(settings, provider)


def test_two_first_sign_ins_make_one_account(client: TestClient, database: Database) -> None:
    first, second = signed_in(client), signed_in(client)
    assert first.login == second.login
    with database.read() as session:
        assert len(session.scalars(select(Account)).all()) == 1
