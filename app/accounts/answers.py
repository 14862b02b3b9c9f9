"""What accounts answer: the plans of their writes (:mod:`app.accounts.acts`), and their JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson

from app.accounts import letters
from app.accounts.acts import Done, Step
from app.accounts.commands.accounts import (
    change_email,
    change_password,
    make_account,
    renew_password_hash,
    use_invitation,
)
from app.accounts.commands.codes import SentCode, confirm_email, make_code, use_code
from app.accounts.commands.tokens import (
    IssuedToken,
    end_token,
    issue_personal_token,
    issue_token,
    make_room,
)
from app.accounts.errors import InsufficientScope, WrongCredentials
from app.accounts.logins import email_key
from app.accounts.mail import Mail, Outbox
from app.accounts.queries import (
    Credentials,
    TokenRow,
    account_by_email,
    account_by_login,
    account_tokens,
    credentials_by_id,
    credentials_of,
    is_token,
    load_account,
    lock_account,
    pen_names,
)
from app.accounts.rules import SCOPES, Viewer, effective_scopes, in_order
from app.config import Settings
from app.db.engine import Database, Transaction
from app.errors import NotFound, Unauthenticated
from app.kit.dates import rfc3339
from app.models import Account

Given = dict[str, Any]


def register(settings: Settings, outbox: Outbox, given: Given, password_hash: str) -> Step:
    """``POST /v1/accounts``."""

    def step(session: Transaction) -> Done:
        if settings.registration == "invite":
            use_invitation(session, code=given.get("invitation", ""))
        login, email = given["login"], given.get("email")
        account, author = make_account(session, login=login, password_hash=password_hash, email=email)
        sent = make_code(session, account=account, kind="confirm")
        made = _made(account.id, login, [(author.id, author.name)])
        return Done(201, orjson.dumps(made), after=mail_confirmation(settings, outbox, sent))

    return step


def find_credentials(database: Database, login: str) -> Credentials | None:
    """What a sign-in is compared with."""
    with database.current() as connection:
        return credentials_of(connection, login)


def own_credentials(database: Database, account_id: int) -> Credentials:
    """What a caller's current password is compared with."""
    with database.current() as connection:
        return credentials_by_id(connection, account_id)


def sign_in(settings: Settings, known: Credentials, new_hash: str | None) -> Step:
    """``POST /v1/sessions``, after the password was found right."""

    def step(session: Transaction) -> Done:
        account_id = known.account_id
        _unchanged(session, known)
        if new_hash is not None:
            renew_password_hash(session, account_id=account_id, old=known.password_hash or "", new=new_hash)
        return Done(201, open_session(session, settings, account_id), secret=True)

    return step


def open_session(session: Transaction, settings: Settings, account_id: int) -> bytes:
    """A new session of an account that showed who it is, as it is answered."""
    account = lock_account(session, account_id)
    make_room(session, account_id=account_id)
    expires_at = datetime.now(UTC) + timedelta(days=settings.session_days)
    token = issue_token(session, kind="session", name="", scopes=SCOPES, account_id=account_id, expires_at=expires_at)
    shown = _made(account_id, account.login, pen_names(session, account_id))
    return orjson.dumps({"token": token.text, "expires_at": rfc3339(expires_at), "account": shown})


def _unchanged(session: Transaction, known: Credentials) -> Account:
    """The account, locked; a password that was right and is another by now is wrong: its change ended all sessions."""
    account = lock_account(session, known.account_id)
    if account.password_hash != known.password_hash:
        raise WrongCredentials
    return account


def sign_out(viewer: Viewer) -> Step:
    """``DELETE /v1/sessions/current``."""
    return _ending(viewer, viewer.token_id or 0, "session", "This token is no session: see /v1/me/tokens.")


def end_own_token(viewer: Viewer, token_id: int) -> Step:
    """``DELETE /v1/me/tokens/{id}``."""
    return _ending(viewer, token_id, None, "You have no such token.")


def _ending(viewer: Viewer, token_id: int, kind: str | None, otherwise: str) -> Step:
    def step(session: Transaction) -> Done:
        if not end_token(session, account_id=viewer.account_id or 0, token_id=token_id, kind=kind):
            raise NotFound(otherwise)
        return Done()

    return step


def issue(viewer: Viewer, given: Given) -> Step:
    """``POST /v1/me/tokens``: a token can do what its maker can, and no more."""
    own = effective_scopes(viewer)
    beyond = [scope for scope in in_order(given["scopes"]) if scope not in own]
    if beyond:
        raise InsufficientScope(f"A token cannot be given what yours cannot do: `{beyond[0]}`.")

    def step(session: Transaction) -> Done:
        assert viewer.account_id is not None
        lock_account(session, viewer.account_id)
        if not is_token(session, viewer.token_id):
            # It was ended since the request came, by a new password perhaps: then it makes no others.
            raise Unauthenticated
        expires_at = given.get("expires_at")
        token = issue_personal_token(
            session, account_id=viewer.account_id, name=given["name"], scopes=given["scopes"], expires_at=expires_at
        )
        return Done(201, orjson.dumps(_issued(token, given, expires_at)), secret=True)

    return step


def _issued(token: IssuedToken, given: Given, expires_at: datetime | None) -> dict[str, Any]:
    row = TokenRow(
        token.id,
        "personal",
        given["name"],
        in_order(given["scopes"]),
        datetime.now(UTC),
        expires_at,
        None,
        None,
    )
    return {**_token(row), "token": token.text}


def tokens_body(database: Database, account_id: int) -> bytes:
    """``GET /v1/me/tokens``."""
    with database.read() as session:
        items = [_token(row) for row in account_tokens(session, account_id)]
    return orjson.dumps({"items": items, "total": len(items)})


def account_body(database: Database, viewer: Viewer) -> bytes:
    """``GET /v1/me``."""
    with database.read() as session:
        return orjson.dumps(_account(session, viewer))


def change_me(
    settings: Settings, outbox: Outbox, viewer: Viewer, given: Given, known: Credentials, password_hash: str | None
) -> Step:
    """``PATCH /v1/me``, after the current password was found right."""

    def step(session: Transaction) -> Done:
        assert viewer.account_id is not None
        _unchanged(session, known)
        sent = None
        if password_hash is not None:
            change_password(
                session, account_id=viewer.account_id, password_hash=password_hash, keep_token=viewer.token_id
            )
        account = load_account(session, viewer.account_id)
        if "email" in given and given["email"] != account.email:
            change_email(session, account_id=viewer.account_id, email=given["email"])
            sent = make_code(session, account=load_account(session, viewer.account_id), kind="confirm")
        return Done(200, orjson.dumps(_account(session, viewer)), after=mail_confirmation(settings, outbox, sent))

    return step


def send_confirmation(settings: Settings, outbox: Outbox, viewer: Viewer) -> Step:
    """``POST /v1/me/email-confirmation``."""

    def step(session: Transaction) -> Done:
        assert viewer.account_id is not None
        account = load_account(session, viewer.account_id)
        sent = None if account.email_confirmed_at else make_code(session, account=account, kind="confirm")
        return Done(202, after=mail_confirmation(settings, outbox, sent))

    return step


def confirm(code: str) -> Step:
    """``POST /v1/email-confirmations``."""

    def step(session: Transaction) -> Done:
        confirm_email(session, code=code)
        return Done()

    return step


def ask_reset(database: Database, settings: Settings, outbox: Outbox, given: Given) -> Step:
    """``POST /v1/password-resets``: whether there is such an account is found out after the answer."""
    return lambda _session: Done(202, after=partial(outbox.put, partial(_reset_mail, database, settings, given)))


def _reset_mail(database: Database, settings: Settings, given: Given) -> Mail | None:
    with database.write() as session:
        if "login" in given:
            account = account_by_login(session, given["login"])
        else:
            account = account_by_email(session, email_key(given["email"]))
        sent = make_code(session, account=account, kind="reset") if account is not None else None
    return letters.reset(settings, sent) if sent is not None else None


def reset(code: str, password_hash: str) -> Step:
    """``POST /v1/password-resets/complete``: whoever had a token has one no longer."""

    def step(session: Transaction) -> Done:
        account_id = use_code(session, kind="reset", code=code)
        change_password(session, account_id=account_id, password_hash=password_hash, keep_token=None, all_tokens=True)
        return Done()

    return step


def mail_confirmation(settings: Settings, outbox: Outbox, sent: SentCode | None) -> Callable[[], None] | None:
    """What sends a code for an address, once the transaction is committed."""
    return partial(outbox.put, letters.confirmation(settings, sent)) if sent is not None else None


def _made(account_id: int, login: str, names: list[tuple[int, str]]) -> dict[str, Any]:
    return {"id": account_id, "login": login, "authors": [{"id": one, "name": name} for one, name in names]}


def _account(session: Transaction, viewer: Viewer) -> dict[str, Any]:
    assert viewer.account_id is not None
    account = load_account(session, viewer.account_id)
    suspended = None
    if account.suspended_at is not None:
        suspended = {"at": rfc3339(account.suspended_at), "reason": account.suspended_reason or ""}
    return {
        "id": account.id,
        "login": account.login,
        "email": account.email,
        "email_confirmed": account.email_confirmed_at is not None,
        "role": account.role,
        "scopes": effective_scopes(viewer),
        "authors": [{"id": one, "name": name} for one, name in pen_names(session, account.id)],
        "suspended": suspended,
        "created_at": rfc3339(account.created_at),
    }


def _token(row: TokenRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "scopes": in_order(row.scopes),
        "created_at": rfc3339(row.created_at),
        "expires_at": rfc3339(row.expires_at) if row.expires_at else None,
        "last_used_at": rfc3339(row.last_used_at) if row.last_used_at else None,
    }
