"""What signing in at an OpenID provider answers. The provider is asked in the plans, before any transaction."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import import_module
from itertools import count
from typing import Any, Protocol

import orjson

from app.accounts.acts import Done, Step
from app.accounts.answers import Given, mail_confirmation, open_session
from app.accounts.commands.accounts import make_account, use_invitation
from app.accounts.commands.codes import SentCode, make_code
from app.accounts.commands.identities import link_identity, unlink_identity
from app.accounts.errors import BadFlow, OpenIdOff, RegistrationClosed, SessionNeeded
from app.accounts.flows import Flow, begin_flow, open_flow
from app.accounts.logins import LOGIN_LENGTH, parse_new_login
from app.accounts.mail import Outbox
from app.accounts.queries import identities_of, identity_holder, is_login_taken, is_session
from app.accounts.rules import Viewer
from app.config import Settings
from app.db.engine import Database, Transaction
from app.errors import FieldProblem, Invalid, NotFound
from app.kit.dates import rfc3339

_FALLBACK = "reader"


class Person(Protocol):
    """Who signed in at the provider."""

    @property
    def issuer(self) -> str:
        """Who says so."""

    @property
    def subject(self) -> str:
        """Who it is there, for ever."""

    @property
    def name(self) -> str:
        """What they like to be called there."""


class Provider(Protocol):
    """Where people sign in: :class:`app.accounts.openid.Provider`, which is not imported where none is set."""

    def authorization_url(self, flow: Flow) -> str:
        """Where the person is sent."""

    def redeem(self, flow: Flow, code: str) -> Person:
        """Who came back."""

    def stop(self) -> None:
        """Close connections."""


class OpenId:
    """The provider with what is needed around it; of a server without a provider every use is a 404."""

    def __init__(self, settings: Settings, provider: Provider | None, secret: bytes) -> None:
        self.redirect_uris = frozenset(settings.oidc_redirect_uris)
        self.secret = secret
        self._provider = provider

    @property
    def provider(self) -> Provider:
        """The provider; raises :class:`OpenIdOff`."""
        if self._provider is None:
            raise OpenIdOff
        return self._provider

    def stop(self) -> None:
        """Close connections."""
        if self._provider is not None:
            self._provider.stop()


def open_openid(settings: Settings, secret: bytes) -> OpenId:
    """As it is set. Only a server with a provider loads what the extra ``oidc`` installs."""
    provider = import_module("app.accounts.openid").Provider(settings) if settings.oidc_issuer else None
    return OpenId(settings, provider, secret)


def providers_body(settings: Settings) -> bytes:
    """``GET /v1/openid/providers``."""
    items = [{"issuer": settings.oidc_issuer, "label": settings.oidc_label}] if settings.oidc_issuer else []
    return orjson.dumps({"items": items, "total": len(items)})


def start(openid: OpenId, redirect_uri: str, viewer: Viewer | None) -> Step:
    """``POST /v1/openid/flows`` and, for the caller's account, ``POST /v1/me/identities/flows``."""
    provider = openid.provider
    if redirect_uri not in openid.redirect_uris:
        detail = "It is not among those that the archive's operator allows, character by character."
        raise Invalid(errors=[FieldProblem("not-allowed", detail, pointer="/redirect_uri")])
    flow = begin_flow(openid.secret, redirect_uri, viewer.account_id if viewer is not None else None)
    shown = {
        "authorization_url": provider.authorization_url(flow),
        "state": flow.state,
        "flow": flow.text,
        "expires_at": rfc3339(datetime.fromtimestamp(flow.expires_at, UTC)),
    }

    def step(session: Transaction) -> Done:
        if viewer is not None:
            _require_session(session, viewer)
        return Done(201, orjson.dumps(shown), secret=True)

    return step


def sign_in(settings: Settings, openid: OpenId, outbox: Outbox, given: Given) -> Step:
    """``POST /v1/openid/sessions``: who is known by issuer and subject alone, never by an address."""
    provider = openid.provider
    flow = open_flow(openid.secret, given["flow"], given["state"])
    if flow.account_id is not None:
        raise BadFlow("This flow was begun to link an account.")
    person = provider.redeem(flow, given["code"])

    def step(session: Transaction) -> Done:
        sent = None
        account_id = identity_holder(session, person.issuer, person.subject)
        if account_id is None:
            account_id, sent = _make_account(session, settings, person, given)
        body = open_session(session, settings, account_id)
        return Done(201, body, secret=True, after=mail_confirmation(settings, outbox, sent))

    return step


def _make_account(
    session: Transaction, settings: Settings, person: Person, given: Given
) -> tuple[int, SentCode | None]:
    if settings.registration == "closed":
        raise RegistrationClosed
    if settings.confirm_email == "on" and not given.get("email"):
        raise Invalid(errors=[FieldProblem("missing", "It is needed here.", pointer="/email")])
    if settings.registration == "invite":
        use_invitation(session, code=given.get("invitation", ""))
    login = given.get("login") or _free_login(session, person.name)
    account, _ = make_account(session, login=login, password_hash=None, email=given.get("email"))
    link_identity(session, account_id=account.id, issuer=person.issuer, subject=person.subject)
    return account.id, make_code(session, account=account, kind="confirm")


def _free_login(session: Transaction, name: str) -> str:
    """A login like a name, with a number where somebody has it."""
    proposed = propose_login(name)
    if not is_login_taken(session, proposed):
        return proposed
    for number in count(2):
        numbered = f"{proposed[: LOGIN_LENGTH[1] - len(str(number))]}{number}"
        if not is_login_taken(session, numbered):
            return numbered
    raise AssertionError("there is always another number")


def propose_login(name: str) -> str:
    """A login like a name from elsewhere, as far as its letters go."""
    kept = re.sub(r"[^A-Za-z0-9_.-]+", "_", name.partition("@")[0]).lstrip("_.-").rstrip("_")[: LOGIN_LENGTH[1]]
    try:
        return parse_new_login(kept)
    except ValueError:
        return _FALLBACK


def link(openid: OpenId, viewer: Viewer, given: Given) -> Step:
    """``POST /v1/me/identities``."""
    provider = openid.provider
    flow = open_flow(openid.secret, given["flow"], given["state"])
    if flow.account_id != viewer.account_id:
        raise BadFlow("This flow was not begun by your account.")
    person = provider.redeem(flow, given["code"])

    def step(session: Transaction) -> Done:
        assert viewer.account_id is not None
        _require_session(session, viewer)
        linked = link_identity(session, account_id=viewer.account_id, issuer=person.issuer, subject=person.subject)
        return Done(201, orjson.dumps(_identity(linked.id, linked.issuer, linked.subject, linked.created_at)))

    return step


def unlink(viewer: Viewer, identity_id: int) -> Step:
    """``DELETE /v1/me/identities/{id}``."""

    def step(session: Transaction) -> Done:
        assert viewer.account_id is not None
        _require_session(session, viewer)
        if not unlink_identity(session, account_id=viewer.account_id, identity_id=identity_id):
            raise NotFound("You have no such identity.")
        return Done()

    return step


def identities_body(database: Database, account_id: int) -> bytes:
    """``GET /v1/me/identities``."""
    with database.read() as session:
        items = [_identity(*row) for row in identities_of(session, account_id)]
    return orjson.dumps({"items": items, "total": len(items)})


def _identity(identity_id: int, issuer: str, subject: str, created_at: datetime) -> dict[str, Any]:
    return {"id": identity_id, "issuer": issuer, "subject": subject, "created_at": rfc3339(created_at)}


def _require_session(session: Transaction, viewer: Viewer) -> None:
    """Ways in are changed by somebody who has just signed in: a token for a program would outlive its own end so."""
    if not is_session(session, viewer.token_id):
        raise SessionNeeded("This needs a session's token: sign in.")
