"""Making accounts and changing them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.commands.recording import COMMAND_LINE, record_act
from app.accounts.errors import LoginTaken, RegistrationClosed
from app.accounts.logins import email_key
from app.accounts.tokens import digest, make_secret
from app.kit.text import name_key
from app.models import Account, Author, Claim, Identity, Invitation, MailCode, Notice, Report, Token

ORPHAN = "orphan_account"
"""As Archive of Our Own calls it."""


def make_account(
    session: Session, *, login: str, password_hash: str | None, email: str | None, role: str = "member"
) -> tuple[Account, Author]:
    """A new account with a first pen name of the login's name; raises :class:`LoginTaken`."""
    now = datetime.now(UTC)
    account = Account(
        login=login,
        login_key=login.lower(),
        password_hash=password_hash,
        email=email,
        email_key=email_key(email) if email else None,
        role=role,
        created_at=now,
    )
    if session.scalar(select(Account.id).where(Account.login_key == account.login_key)) is not None:
        raise LoginTaken
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:  # another one was quicker
        raise LoginTaken from error
    return account, make_pen_name(session, account_id=account.id, name=login)


def make_pen_name(session: Session, *, account_id: int, name: str, bio: str = "") -> Author:
    """Another pen name of an account. Pen names need not be unique."""
    author = Author(
        name=name, name_key=name_key(name), bio=bio, version=1, account_id=account_id, created_at=datetime.now(UTC)
    )
    session.add(author)
    session.flush()
    return author


def ensure_orphan(session: Session) -> int:
    """The author that orphaned works bear."""
    mine = (Author.name_key == ORPHAN) & Author.site.is_(None) & Author.account_id.is_(None)
    found = session.scalar(select(Author.id).where(mine).order_by(Author.id).limit(1))
    if found is not None:
        return found
    orphan = Author(name=ORPHAN, name_key=ORPHAN, bio="", version=1, created_at=datetime.now(UTC))
    session.add(orphan)
    session.flush()
    return orphan.id


def close_account(session: Session, *, account_id: int) -> None:
    """Forget an account but for its login, which nobody else may take: histories are signed with it.

    Its pen names, which no work bears any longer, lose their names too.
    """
    for table in (Token, Identity, MailCode, Notice, Claim):
        session.execute(delete(table).where(table.account_id == account_id))
    session.execute(update(Report).where(Report.account_id == account_id).values(account_id=None))
    # Without a key: a work that is being posted at this moment shows an orphan, and nobody finds this one again.
    forgotten = {"name": ORPHAN, "name_key": "", "bio": "", "account_id": None}
    session.execute(update(Author).where(Author.account_id == account_id).values(forgotten))
    values = {
        "login": "",
        "password_hash": None,
        "email": None,
        "email_key": None,
        "confirmed_email_key": None,
        "email_confirmed_at": None,
        "deleted_at": datetime.now(UTC),
    }
    session.execute(update(Account).where(Account.id == account_id).values(values))


def invite(session: Session, *, days: int) -> str:
    """A code that lets one account be made; it is shown once."""
    code, now = make_secret(), datetime.now(UTC)
    session.add(Invitation(hash=digest(code), created_at=now, expires_at=now + timedelta(days=days)))
    session.flush()
    return code


def use_invitation(session: Session, *, code: str) -> None:
    """Take an invitation away; raises :class:`RegistrationClosed` where there is none."""
    now = datetime.now(UTC)
    used = session.execute(delete(Invitation).where(Invitation.hash == digest(code)).returning(Invitation.expires_at))
    row = used.one_or_none()
    if row is None or row[0] <= now:
        raise RegistrationClosed("The invitation is not known, was used, or has expired.")


def change_password(
    session: Session, *, account_id: int, password_hash: str, keep_token: int | None, all_tokens: bool = False
) -> None:
    """Set another password, and end all sessions but the one that asked; with ``all_tokens`` every token."""
    session.execute(update(Account).where(Account.id == account_id).values(password_hash=password_hash))
    # A code that was sent before is void as well: who could read the mail then could change the password again.
    session.execute(delete(MailCode).where(MailCode.account_id == account_id, MailCode.kind == "reset"))
    end = delete(Token).where(Token.account_id == account_id)
    if not all_tokens:
        end = end.where(Token.kind == "session")
    if keep_token is not None:
        end = end.where(Token.id != keep_token)
    session.execute(end)


def renew_password_hash(session: Session, *, account_id: int, old: str, new: str) -> None:
    """Keep a hash of today's costs for the same password, unless the password changed in the meantime."""
    same = (Account.id == account_id) & (Account.password_hash == old)
    session.execute(update(Account).where(same).values(password_hash=new))


def change_email(session: Session, *, account_id: int, email: str | None) -> None:
    """Set another address, which has to be confirmed anew; codes sent to the old one are void, for they name it."""
    values = {
        "email": email,
        "email_key": email_key(email) if email else None,
        "confirmed_email_key": None,
        "email_confirmed_at": None,
    }
    session.execute(update(Account).where(Account.id == account_id).values(values))


def grant_role(session: Session, *, login: str, role: str, by: str = COMMAND_LINE) -> bool:
    """Give an account a role; whether there is such an account."""
    return _change(session, by, "grant-role", role, Account.login_key == login.lower(), {"role": role})


def suspend(session: Session, *, login: str, reason: str, by: str = COMMAND_LINE) -> bool:
    """Let an account read and write nothing; whether there is such an account."""
    return _change(session, by, "suspend", reason, Account.login_key == login.lower(), _suspended(reason))


def suspend_by_id(session: Session, *, account_id: int, reason: str, by: str) -> bool:
    """The same for the account with an id."""
    return _change(session, by, "suspend", reason, Account.id == account_id, _suspended(reason))


def lift_suspension(session: Session, *, login: str, by: str = COMMAND_LINE) -> bool:
    """Let an account write again; whether there is such an account."""
    return _change(session, by, "unsuspend", "", Account.login_key == login.lower(), _GOOD)


def lift_suspension_by_id(session: Session, *, account_id: int, by: str) -> bool:
    """The same for the account with an id."""
    return _change(session, by, "unsuspend", "", Account.id == account_id, _GOOD)


_GOOD: dict[str, object] = {"suspended_at": None, "suspended_reason": None}


def _suspended(reason: str) -> dict[str, object]:
    return {"suspended_at": datetime.now(UTC), "suspended_reason": reason}


def _change(
    session: Session, by: str, act: str, reason: str, which: ColumnElement[bool], values: dict[str, object]
) -> bool:
    """Whether there is such an account; where it is so already, nothing is done and nothing logged."""
    known = which & Account.deleted_at.is_(None)
    account = session.scalar(select(Account).where(known).with_for_update().execution_options(populate_existing=True))
    if account is None:
        return False
    if not all(_is_so(getattr(account, name), value) for name, value in values.items()):
        for name, value in values.items():
            setattr(account, name, value)
        record_act(session, by=by, act=act, subject="account", subject_id=account.id, reason=reason)
    return True


def _is_so(stored: object, wanted: object) -> bool:
    """Whether a value is there already; of a time, that there is one."""
    return stored is not None if isinstance(wanted, datetime) else stored == wanted
