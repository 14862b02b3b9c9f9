"""What changes tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.commands.recording import COMMAND_LINE, record_act
from app.accounts.errors import TooManyTokens
from app.accounts.rules import in_order
from app.accounts.tokens import digest, make_token
from app.models import Token

MOST_TOKENS = 100
MOST_SESSIONS = 100
"""Of one account."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token that was just made; its text is shown once and kept nowhere."""

    id: int
    text: str


def issue_token(
    session: Session,
    *,
    kind: str,
    name: str,
    scopes: Sequence[str],
    account_id: int | None = None,
    expires_at: datetime | None = None,
) -> IssuedToken:
    """Make a token: ``operator`` without an account, ``personal`` or ``session`` with one."""
    text = make_token()
    token = Token(
        kind=kind,
        name=name,
        hash=digest(text),
        scopes=in_order(scopes),
        account_id=account_id,
        created_at=datetime.now(UTC),
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    return IssuedToken(token.id, text)


def revoke_operator_token(session: Session, *, token_id: int) -> bool:
    """Make an operator's token worthless from now on; whether there was one that was good."""
    found = session.execute(
        update(Token)
        .where(Token.id == token_id, Token.kind == "operator", Token.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
        .returning(Token.id)
    )
    if found.one_or_none() is None:
        return False
    record_act(session, by=COMMAND_LINE, act="revoke-token", subject="token", subject_id=token_id)
    return True


def end_token(session: Session, *, account_id: int, token_id: int, kind: str | None = None) -> bool:
    """Forget a token of an account; whether there was one (of the kind)."""
    mine = (Token.id == token_id) & (Token.account_id == account_id)
    if kind is not None:
        mine &= Token.kind == kind
    return session.execute(delete(Token).where(mine).returning(Token.id)).one_or_none() is not None


def make_room(session: Session, *, account_id: int) -> None:
    """Forget tokens that have expired, and the oldest sessions beyond the number that one account has open."""
    now = datetime.now(UTC)
    session.execute(delete(Token).where(Token.account_id == account_id, Token.expires_at <= now))
    sessions = select(Token.id).where(Token.account_id == account_id, Token.kind == "session")
    old = session.scalars(sessions.order_by(Token.id.desc()).offset(MOST_SESSIONS - 1)).all()
    session.execute(delete(Token).where(Token.id.in_(old)))


def issue_personal_token(
    session: Session, *, account_id: int, name: str, scopes: Sequence[str], expires_at: datetime | None
) -> IssuedToken:
    """Make a token for an account's programs; raises :class:`TooManyTokens`."""
    make_room(session, account_id=account_id)
    count = select(func.count()).where(Token.account_id == account_id, Token.kind == "personal")
    if (session.scalar(count) or 0) >= MOST_TOKENS:
        raise TooManyTokens(f"An account has {MOST_TOKENS} tokens at most: delete one first.")
    return issue_token(session, kind="personal", name=name, scopes=scopes, account_id=account_id, expires_at=expires_at)


def note_use(session: Session, *, token_ids: Collection[int], at: datetime, before: datetime) -> None:
    """Keep when tokens were used, but for those whose use was noted since ``before``."""
    stale = or_(Token.last_used_at.is_(None), Token.last_used_at < before)
    session.execute(update(Token).where(Token.id.in_(token_ids), stale).values(last_used_at=at))
