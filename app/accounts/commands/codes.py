"""Codes that are sent by mail: whoever brings one back reads mail at the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.errors import BadCode
from app.accounts.tokens import digest, make_secret
from app.models import Account, MailCode

LIFETIME = {"confirm": timedelta(days=7), "reset": timedelta(hours=1)}
MOST_AN_HOUR = 3
"""Of a kind for an account: nobody's letter box is filled from here."""


@dataclass(frozen=True, slots=True)
class SentCode:
    """What has to be mailed. Without a code the address is another account's: that is told there, and nowhere else."""

    to: str
    login: str
    code: str | None


def make_code(session: Session, *, account: Account, kind: str) -> SentCode | None:
    """A code for the address of an account; ``None`` where there is no address, or enough was sent."""
    if account.email is None or account.email_key is None or account.deleted_at is not None:
        return None
    now = datetime.now(UTC)
    session.execute(delete(MailCode).where(MailCode.account_id == account.id, MailCode.expires_at <= now))
    mine = (MailCode.account_id == account.id) & (MailCode.kind == kind)
    sent = select(func.count()).where(mine, MailCode.created_at > now - timedelta(hours=1))
    if (session.scalar(sent) or 0) >= MOST_AN_HOUR:
        return None
    # The same is done for an address that is another account's, and takes as long; bringing that code back fails.
    code = make_secret()
    is_anothers = kind == "confirm" and _is_anothers(session, account)
    row = MailCode(
        kind=kind,
        hash=digest(code),
        account_id=account.id,
        email_key=account.email_key,
        created_at=now,
        expires_at=now + LIFETIME[kind],
    )
    session.add(row)
    session.flush()
    return SentCode(account.email, account.login, None if is_anothers else code)


def _is_anothers(session: Session, account: Account) -> bool:
    holder = session.scalar(select(Account.id).where(Account.confirmed_email_key == account.email_key))
    return holder is not None and holder != account.id


def use_code(session: Session, *, kind: str, code: str) -> int:
    """Take a code away and tell whose it was; raises :class:`BadCode`."""
    now = datetime.now(UTC)
    used = delete(MailCode).where(MailCode.hash == digest(code), MailCode.kind == kind, MailCode.expires_at > now)
    row = session.execute(used.returning(MailCode.account_id, MailCode.email_key)).one_or_none()
    if row is None:
        raise BadCode
    still = select(Account.id).where(Account.id == row[0], Account.email_key == row[1], Account.deleted_at.is_(None))
    account_id = session.scalar(still)
    if account_id is None:
        raise BadCode
    return account_id


def confirm_email(session: Session, *, code: str) -> int:
    """The address is the account's; raises :class:`BadCode`, also where another account confirmed it first."""
    account_id = use_code(session, kind="confirm", code=code)
    account = session.get_one(Account, account_id)
    if _is_anothers(session, account):
        raise BadCode
    values = {"confirmed_email_key": account.email_key, "email_confirmed_at": datetime.now(UTC)}
    try:
        session.execute(update(Account).where(Account.id == account_id).values(values))
    except IntegrityError as error:  # another one was quicker
        raise BadCode from error
    return account_id
