"""The identities that accounts have at an OpenID provider."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.errors import IdentityTaken, LastWayIn
from app.accounts.queries import lock_account
from app.models import Identity


def link_identity(session: Session, *, account_id: int, issuer: str, subject: str) -> Identity:
    """Let an identity sign in to an account; raises :class:`IdentityTaken` where it is linked already."""
    known = select(Identity.id).where(Identity.issuer == issuer, Identity.subject == subject)
    if session.scalar(known) is not None:
        raise IdentityTaken
    identity = Identity(issuer=issuer, subject=subject, account_id=account_id, created_at=datetime.now(UTC))
    session.add(identity)
    try:
        session.flush()
    except IntegrityError as error:  # another one was quicker
        raise IdentityTaken from error
    return identity


def unlink_identity(session: Session, *, account_id: int, identity_id: int) -> bool:
    """Forget an identity of an account; whether there was one. Raises :class:`LastWayIn`."""
    account = lock_account(session, account_id)  # two that are unlinked at once do not both count the other
    identity = session.scalar(select(Identity).where(Identity.id == identity_id, Identity.account_id == account_id))
    if identity is None:
        return False
    count = session.scalar(select(func.count()).where(Identity.account_id == account_id)) or 0
    if account.password_hash is None and count <= 1:
        raise LastWayIn
    session.delete(identity)
    session.flush()
    return True
