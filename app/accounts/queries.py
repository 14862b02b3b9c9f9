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
from app.models import Account, Author, Token, Work, WorkAuthor


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
