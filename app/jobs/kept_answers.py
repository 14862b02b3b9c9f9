"""Answers kept for repeats (``Idempotency-Key``), written in the transaction of their effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from app.models import IdempotencyKey

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that carries a key: whose, which, and a hash of what is asked."""

    caller: str
    key: str
    request: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The first answer. ``body`` is ``None`` where it held a secret."""

    request: str
    status: int
    headers: dict[str, str]
    body: bytes | None


def claim_key(session: Session, keyed: KeyedRequest) -> bool:
    """Whether no other transaction works under the key now.

    On SQLite there is never one: a writing transaction has the database for itself, and a second waits for the first.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    statement = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
    return bool(session.execute(statement, {"name": f"{keyed.caller} {keyed.key}"}).scalar_one())


def first_answer(session: Session, keyed: KeyedRequest) -> KeptAnswer | None:
    """The answer that was given under the key in the last 24 hours."""
    kept = IdempotencyKey
    query = select(kept.request, kept.status, kept.headers, kept.body).where(
        kept.caller == keyed.caller, kept.key == keyed.key, kept.created_at > datetime.now(UTC) - KEPT_FOR
    )
    row = session.execute(query).one_or_none()
    return KeptAnswer(*row) if row is not None else None


def keep_answer(session: Session, keyed: KeyedRequest, answer: KeptAnswer) -> None:
    """Keep an answer, and drop those that are older than 24 hours."""
    now = datetime.now(UTC)
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at <= now - KEPT_FOR))
    row = {
        "caller": keyed.caller,
        "key": keyed.key,
        "request": answer.request,
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "created_at": now,
    }
    session.execute(insert(IdempotencyKey).values(row))
