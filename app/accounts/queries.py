"""The one visibility rule as SQL (its index rendering is :mod:`app.search.visibility`), and who holds a token."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from app.accounts.policy import may_own
from app.accounts.rules import Viewer, is_admin, is_moderator
from app.models import Account, Author, Identity, Token, Work, WorkAuthor


def listed_works(viewer: Viewer) -> ColumnElement[bool]:
    """The works that the viewer finds in lists and search."""
    return and_(Work.state == "published", Work.visibility.in_(viewer.visibilities))


def written_works(viewer: Viewer) -> ColumnElement[bool]:
    """The works that bear one of the viewer's pen names."""
    if not viewer.author_ids:
        return false()
    names = select(WorkAuthor.work_id).where(WorkAuthor.work_id == Work.id, WorkAuthor.author_id.in_(viewer.author_ids))
    return exists(names)


def own_works(viewer: Viewer) -> ColumnElement[bool]:
    """The works that the viewer may change."""
    return true() if is_admin(viewer) else written_works(viewer)


def readable_works(viewer: Viewer) -> ColumnElement[bool]:
    """The works that the viewer may read: what is listed for them, their own, and for moderators all."""
    return true() if is_moderator(viewer) else or_(listed_works(viewer), own_works(viewer))


def own_ids(connection: Connection, viewer: Viewer, ids: Collection[int]) -> set[int]:
    """Those of some works that the viewer may change; no statement where there can be none."""
    if not ids or not may_own(viewer):
        return set()
    if is_admin(viewer):
        return set(ids)
    query = select(WorkAuthor.work_id).where(WorkAuthor.work_id.in_(ids), WorkAuthor.author_id.in_(viewer.author_ids))
    return set(connection.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its holder and operators may see it."""

    id: int
    kind: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a good token, and when it was last seen in use."""

    viewer: Viewer
    last_used_at: datetime | None


_PEN_NAMES = (
    select(func.aggregate_strings(cast(Author.id, Text), ",")).where(Author.account_id == Account.id).scalar_subquery()
)
_HOLDER = (
    select(
        Token.id,
        Token.name,
        Token.scopes,
        Token.expires_at,
        Token.last_used_at,
        Token.account_id,
        Account.login,
        Account.role,
        Account.suspended_at,
        Account.email_confirmed_at,
        _PEN_NAMES,
    )
    .outerjoin(Account, Account.id == Token.account_id)
    .where(Token.hash == bindparam("hash"), Token.revoked_at.is_(None), Account.deleted_at.is_(None))
)


def token_holder(connection: Connection, token_hash: str, *, confirm_email: bool) -> Holder | None:
    """The holder of a token that is good now: known, not revoked, not expired, its account not deleted."""
    row = connection.execute(_HOLDER, {"hash": token_hash}).one_or_none()
    if row is None:
        return None
    token_id, name, scopes, expires_at, used, account_id, login, role, suspended, confirmed, pen_names = row
    if expires_at is not None and expires_at <= datetime.now(UTC):
        return None
    barred: Literal["suspended", "unconfirmed"] | None = None
    if account_id is not None:
        barred = "suspended" if suspended else "unconfirmed" if confirm_email and not confirmed else None
    author_ids = frozenset(int(one) for one in pen_names.split(",")) if pen_names else frozenset[int]()
    viewer = Viewer(True, account_id, token_id, role, frozenset(scopes), author_ids, login or name, barred)
    return Holder(viewer, used)


def operator_tokens(session: Session) -> list[TokenRow]:
    """The tokens that operators made, revoked ones too, oldest first."""
    return _token_rows(session, Token.kind == "operator")


def account_tokens(session: Session, account_id: int) -> list[TokenRow]:
    """The tokens of an account that are good, sessions too, oldest first."""
    now = datetime.now(UTC)
    good = and_(Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > now))
    return _token_rows(session, and_(Token.account_id == account_id, good))


def _token_rows(session: Session, condition: ColumnElement[bool]) -> list[TokenRow]:
    columns = (
        Token.id,
        Token.kind,
        Token.name,
        Token.scopes,
        Token.created_at,
        Token.expires_at,
        Token.last_used_at,
        Token.revoked_at,
    )
    return [TokenRow(*row) for row in session.execute(select(*columns).where(condition).order_by(Token.id))]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is compared with."""

    account_id: int
    password_hash: str | None


def credentials_of(connection: Connection, login: str) -> Credentials | None:
    """Of the account with a login, if there is one that is not deleted."""
    known = (Account.login_key == login.lower()) & Account.deleted_at.is_(None)
    row = connection.execute(select(Account.id, Account.password_hash).where(known)).one_or_none()
    return Credentials(*row) if row is not None else None


def credentials_by_id(connection: Connection, account_id: int) -> Credentials:
    """Of an account that is signed in."""
    query = select(Account.id, Account.password_hash).where(Account.id == account_id)
    return Credentials(*connection.execute(query).one())


def account_by_login(session: Session, login: str) -> Account | None:
    """The account with a login, if there is one that is not deleted."""
    return session.scalar(select(Account).where(Account.login_key == login.lower(), Account.deleted_at.is_(None)))


def account_by_email(session: Session, key: str) -> Account | None:
    """The account that confirmed an address."""
    return session.scalar(select(Account).where(Account.confirmed_email_key == key, Account.deleted_at.is_(None)))


def pen_names(session: Session, account_id: int) -> list[tuple[int, str]]:
    """Ids and names of an account's pen names, the first made first, then those that it claimed."""
    query = select(Author.id, Author.name).where(Author.account_id == account_id)
    return [(row[0], row[1]) for row in session.execute(query.order_by(*_FIRST_MADE))]


_FIRST_MADE = (Author.site.is_not(None), Author.id)


def first_pen_name(connection: Connection, viewer: Viewer) -> int | None:
    """What the viewer writes under where they name nothing else."""
    query = select(Author.id).where(Author.id.in_(viewer.author_ids)).order_by(*_FIRST_MADE).limit(1)
    return connection.execute(query).scalar() if viewer.author_ids else None


def is_login_taken(session: Session, login: str) -> bool:
    """Whether anybody has, or had, a login."""
    return session.scalar(select(Account.id).where(Account.login_key == login.lower())) is not None


def identity_holder(session: Session, issuer: str, subject: str) -> int | None:
    """The account that an identity signs in to."""
    return session.scalar(select(Identity.account_id).where(Identity.issuer == issuer, Identity.subject == subject))


def identities_of(session: Session, account_id: int) -> list[tuple[int, str, str, datetime]]:
    """Id, issuer, subject and when it was linked, of an account's identities, oldest first."""
    columns = (Identity.id, Identity.issuer, Identity.subject, Identity.created_at)
    rows = session.execute(select(*columns).where(Identity.account_id == account_id).order_by(Identity.id))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def load_account(session: Session, account_id: int) -> Account:
    """An account as it is now."""
    return session.scalars(
        select(Account).where(Account.id == account_id).execution_options(populate_existing=True)
    ).one()


def lock_account(session: Session, account_id: int) -> Account:
    """An account as it is now, which nobody changes until the transaction ends."""
    query = select(Account).where(Account.id == account_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def is_token(session: Session, token_id: int | None) -> bool:
    """Whether a token is still there, and not revoked."""
    return session.scalar(select(Token.id).where(Token.id == token_id, Token.revoked_at.is_(None))) is not None


def is_session(session: Session, token_id: int | None) -> bool:
    """Whether a token is that of a session."""
    return session.scalar(select(Token.kind).where(Token.id == token_id)) == "session"
