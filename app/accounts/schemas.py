"""Shapes of accounts and tokens, for the OpenAPI document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, Field

from app.accounts.logins import LOGIN_LENGTH, PASSWORD_LENGTH, parse_email, parse_new_login, parse_new_password
from app.accounts.rules import SCOPES, Role, Scope
from app.kit.dates import BadDate, parse_moment
from app.web.params import Param, ParamSet


class PenName(BaseModel):
    """A public pen name."""

    id: int
    name: str


class NewAccount(BaseModel):
    """An account that was just made."""

    id: int
    login: str
    authors: list[PenName]


class Suspension(BaseModel):
    """Why an account may write nothing."""

    at: str
    reason: str


class Account(BaseModel):
    """The caller's own account."""

    id: int
    login: str
    email: str | None
    email_confirmed: bool
    role: Role
    scopes: list[Scope] = Field(description="What the token can do in the end: its scopes that the role can hold.")
    authors: list[PenName]
    suspended: Suspension | None
    created_at: str


class Session(BaseModel):
    """A session: its token is shown once."""

    token: str
    expires_at: str
    account: NewAccount


class Token(BaseModel):
    """A token of the account."""

    id: int
    kind: Literal["personal", "session"]
    name: str
    scopes: list[Scope]
    created_at: str
    expires_at: str | None
    last_used_at: str | None = Field(description="To the hour.")


class NewToken(Token):
    """A token that was just made: it is shown once."""

    token: str


class TokenList(BaseModel):
    """All good tokens of the account, whole and unpaged."""

    items: list[Token]
    total: int


class OpenIdProvider(BaseModel):
    """Where people can sign in."""

    issuer: str
    label: str = Field(description="What to write on the button.")


class ProviderList(BaseModel):
    """All providers, whole and unpaged."""

    items: list[OpenIdProvider]
    total: int


class Flow(BaseModel):
    """A way to the OpenID provider and back."""

    authorization_url: str = Field(description="Where the person signs in.")
    state: str = Field(description="What has to come back with the code: compare it.")
    flow: str = Field(description="To be kept by the client, and sent with the code. Never a part of an address.")
    expires_at: str


class Identity(BaseModel):
    """Who the account is at an OpenID provider."""

    id: int
    issuer: str
    subject: str
    created_at: str


class IdentityList(BaseModel):
    """All identities of the account, whole and unpaged."""

    items: list[Identity]
    total: int


def _body(*params: Param) -> ParamSet:
    return ParamSet(list(params))


def _later(text: str) -> datetime:
    try:
        moment = parse_moment(text)
    except BadDate as error:
        raise ValueError("a time such as 2027-01-31T12:00:00Z") from error
    if moment <= datetime.now(UTC):
        raise ValueError("a time in the future")
    return moment


_LOGIN = f"{LOGIN_LENGTH[0]} to {LOGIN_LENGTH[1]} letters a-z, digits, `_`, `.` or `-`; public."
_PASSWORD = f"{PASSWORD_LENGTH[0]} to {PASSWORD_LENGTH[1]:,} characters."
_CURRENT = Param("current_password", "text", "The password that is good now.", required=True)
_NEW_PASSWORD = Param("password", "text", _PASSWORD, parse=parse_new_password)
_CODE = Param("code", "text", "The code from the mail.", required=True)
_EMAIL = Param("email", "text", "Shown to nobody else.", parse=parse_email, nullable=True)
_INVITATION = Param("invitation", "text", "The code of an invitation, where registration needs one.")

REGISTER = _body(
    Param("login", "text", _LOGIN, parse=parse_new_login, required=True),
    Param("password", "text", _PASSWORD, parse=parse_new_password, required=True),
    _EMAIL,
    _INVITATION,
)
SIGN_IN = _body(
    Param("login", "text", "The login.", required=True),
    Param("password", "text", "The password.", required=True),
)
CHANGE_ME = _body(_CURRENT, _EMAIL, _NEW_PASSWORD)
ISSUE_TOKEN = _body(
    Param("name", "text", "What it is for.", max_length=100, required=True),
    Param("scopes", "token", "What it can do.", enum=SCOPES, repeat=True, required=True),
    Param("expires_at", "moment", "When it ends; never where it is left out.", parse=_later, nullable=True),
)
CONFIRM_EMAIL = _body(_CODE)
ASK_RESET = _body(
    Param("login", "text", "The login."),
    Param("email", "text", "Or the address, if it was confirmed.", parse=parse_email),
)
RESET = _body(_CODE, Param("password", "text", _PASSWORD, parse=parse_new_password, required=True))
_FINISH = (
    Param("code", "text", "From the address that the person came back to.", max_length=4_000, required=True),
    Param("state", "text", "The same.", max_length=200, required=True),
    Param("flow", "text", "What the start answered.", max_length=4_000, required=True),
)
START_FLOW = _body(
    Param("redirect_uri", "text", "Where the person comes back to: one that the operator allows.", required=True),
)
FINISH_FLOW = _body(*_FINISH)
FINISH_SIGN_IN = _body(
    *_FINISH,
    Param("login", "text", f"For a new account; else one is proposed. {_LOGIN}", parse=parse_new_login),
    _EMAIL,
    _INVITATION,
)
