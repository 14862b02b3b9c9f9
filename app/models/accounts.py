"""Accounts, their tokens, and what is sent or kept for them. Secrets are stored as hashes alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId, KeyText, UTCDateTime
from app.models.base import Base


class Account(Base):
    """Somebody who signs in. Logins are public, e-mail addresses never."""

    __tablename__ = "accounts"
    __table_args__ = (Index(None, "email_key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(Text)
    login_key: Mapped[str] = mapped_column(KeyText, unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    """Null for an account that signs in elsewhere alone, and for a deleted one."""
    email: Mapped[str | None] = mapped_column(Text)
    email_key: Mapped[str | None] = mapped_column(KeyText)
    confirmed_email_key: Mapped[str | None] = mapped_column(KeyText, unique=True)
    """The same once it is confirmed: only confirmed addresses are one account's alone."""
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    role: Mapped[str] = mapped_column(KeyText, server_default="member")
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    suspended_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Token(Base):
    """What a caller shows: of an account (``personal``, ``session``), or an operator's own."""

    __tablename__ = "tokens"
    __table_args__ = (Index(None, "account_id"), Index(None, "expires_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(KeyText)
    name: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(KeyText, unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Identity(Base):
    """Who an account is at an OpenID provider."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index(None, "account_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    issuer: Mapped[str] = mapped_column(KeyText)
    subject: Mapped[str] = mapped_column(KeyText)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Invitation(Base):
    """Lets one account be made where registration is by invitation."""

    __tablename__ = "invitations"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    hash: Mapped[str] = mapped_column(KeyText, unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class MailCode(Base):
    """A code that was sent to an address: whoever has it reads mail there. Gone when used."""

    __tablename__ = "mail_codes"
    __table_args__ = (Index(None, "account_id"), Index(None, "expires_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(KeyText)
    """``confirm`` or ``reset``."""
    hash: Mapped[str] = mapped_column(KeyText, unique=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"))
    email_key: Mapped[str] = mapped_column(KeyText)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class IdempotencyKey(Base):
    """The first answer to a request that carried ``Idempotency-Key``, written with what it did."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"), {"sqlite_with_rowid": False})

    caller: Mapped[str] = mapped_column(KeyText, primary_key=True)
    key: Mapped[str] = mapped_column(KeyText, primary_key=True)
    request: Mapped[str] = mapped_column(KeyText)
    """Hash of method, path, query and body."""
    status: Mapped[int] = mapped_column()
    headers: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Null for an answer that held a secret."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RateCount(Base):
    """How much of a limit all processes have taken in a slot of time."""

    __tablename__ = "rate_counts"
    __table_args__ = (Index(None, "ends_at"), {"sqlite_with_rowid": False})

    bucket: Mapped[str] = mapped_column(KeyText, primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    taken: Mapped[int] = mapped_column(BigInteger)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
