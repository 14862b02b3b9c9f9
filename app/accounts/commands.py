"""What changes tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from app.accounts.rules import in_order
from app.accounts.tokens import digest, make_token
from app.models import Token


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
    return found.one_or_none() is not None


def note_use(session: Session, *, token_ids: Collection[int], at: datetime, before: datetime) -> None:
    """Keep when tokens were used, but for those whose use was noted since ``before``."""
    stale = or_(Token.last_used_at.is_(None), Token.last_used_at < before)
    session.execute(update(Token).where(Token.id.in_(token_ids), stale).values(last_used_at=at))
