"""The log of privileged acts and notices to accounts: written in the transaction of what they record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from app.models import Account, Author, Notice, PrivilegedAct, WorkAuthor

COMMAND_LINE = "command line"
"""How acts on the machine itself are signed; no login has a space."""
Subject = Literal["work", "author", "series", "account", "token", "report", "claim"]


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who is told something by mail, too: their address is confirmed."""

    to: str
    login: str


def record_act(
    session: Session | Connection, *, by: str, act: str, subject: Subject, subject_id: int, reason: str = ""
) -> None:
    """Write an act into the log."""
    row = {"at": datetime.now(UTC), "by": by, "act": act, "subject": subject, "subject_id": subject_id}
    session.execute(insert(PrivilegedAct).values(reason=reason, **row))


def notify_account(session: Session, *, account_id: int, kind: str, text: str, work_id: int | None = None) -> None:
    """Give an account a notice."""
    row = {"account_id": account_id, "at": datetime.now(UTC), "kind": kind, "work_id": work_id, "text": text}
    session.execute(insert(Notice).values(row))


def notify_authors(session: Session, *, work_id: int, kind: str, text: str) -> list[Told]:
    """Give the accounts that signed a work a notice; those whose addresses are confirmed are to get a mail."""
    accounts = session.execute(
        select(Account.id, Account.login, Account.email, Account.email_confirmed_at)
        .where(
            Account.id.in_(
                select(Author.account_id)
                .join(WorkAuthor, WorkAuthor.author_id == Author.id)
                .where(WorkAuthor.work_id == work_id)
            )
        )
        .order_by(Account.id)
    ).all()
    at = datetime.now(UTC)
    if accounts:
        rows = [{"account_id": row[0], "at": at, "kind": kind, "work_id": work_id, "text": text} for row in accounts]
        session.execute(insert(Notice), rows)
    return [Told(email, login) for _, login, email, confirmed in accounts if email and confirmed]
