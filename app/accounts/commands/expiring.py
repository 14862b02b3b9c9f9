"""Deletes what has expired, some rows at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import Invitation, MailCode, Token

AT_ONCE = 1_000
KEPT = timedelta(days=30)
"""So long a token that has expired stays to be asked about."""


def drop_expired(session: Session, now: datetime) -> int:
    """Take away tokens, codes and invitations that have ended, at most :data:`AT_ONCE` of each; how many went."""
    gone = 0
    for table, before in ((Token, now - KEPT), (MailCode, now), (Invitation, now)):
        ended = select(table.id).where(table.expires_at < before).order_by(table.expires_at).limit(AT_ONCE)
        gone += len(session.execute(delete(table).where(table.id.in_(ended)).returning(table.id)).all())
    return gone
