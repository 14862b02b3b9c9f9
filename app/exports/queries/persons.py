"""What the archive knows of a person, some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, select

from app.accounts.rules import SCOPES_OF_ROLE
from app.db.engine import Database
from app.models import (
    Account,
    Author,
    BylineInvitation,
    Claim,
    Identity,
    Kudos,
    Notice,
    PrivilegedAct,
    Report,
    Series,
    SeriesAuthor,
    TagAct,
    Token,
    WorkAuthor,
)

ROWS_AT_ONCE = 1_000
Rows = Iterator[dict[str, Any]]


def account_of(database: Database, account_id: int) -> dict[str, Any]:
    """The account itself, without the hash of its password."""
    names = ("id", "login", "email", "email_confirmed_at", "role", "suspended_at", "suspended_reason", "created_at")
    with database.reading() as connection:
        row = connection.execute(
            select(*(getattr(Account, name) for name in names)).where(Account.id == account_id)
        ).one()
    return dict(zip(names, row, strict=True))


def sections_of(database: Database, account_id: int, login: str, role: str) -> dict[str, Rows]:
    """Everything else but works, by what it is: no secrets, which are kept as hashes alone.

    Acts are signed with a name, which an operator's token may share: they are told to roles that may read them all.
    """
    mine = select(Author.id).where(Author.account_id == account_id)
    owned = select(SeriesAuthor.series_id).where(SeriesAuthor.author_id.in_(mine))
    own: dict[str, tuple[Any, tuple[str, ...], ColumnElement[bool]]] = {
        "authors": (Author, ("id", "name", "site", "bio", "created_at"), Author.account_id == account_id),
        "tokens": (
            Token,
            ("id", "kind", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"),
            Token.account_id == account_id,
        ),
        "identities": (Identity, ("id", "issuer", "subject", "created_at"), Identity.account_id == account_id),
        "series": (Series, ("id", "title", "summary", "created_at"), Series.id.in_(owned)),
        "kudos": (Kudos, ("id", "work_id", "at"), Kudos.account_id == account_id),
        "reports": (
            Report,
            ("id", "subject", "subject_id", "reason", "at", "state", "decision"),
            Report.account_id == account_id,
        ),
        "notices": (Notice, ("id", "at", "kind", "work_id", "text"), Notice.account_id == account_id),
        "claims": (
            Claim,
            ("id", "author_id", "evidence", "works", "at", "state", "note", "decided_at"),
            Claim.account_id == account_id,
        ),
        "invitations": (
            BylineInvitation,
            ("id", "work_id", "author_id", "by", "at"),
            BylineInvitation.author_id.in_(mine),
        ),
    }
    rights = SCOPES_OF_ROLE[role]
    if "wrangle" in rights:
        own["wrangling"] = (TagAct, ("id", "tag_id", "at", "asked"), TagAct.signed_by == login)
    if "moderate" in rights:
        names = ("id", "at", "act", "subject", "subject_id", "reason")
        own["privileged_acts"] = (PrivilegedAct, names, PrivilegedAct.by == login)
    return {name: _rows(database, *parts) for name, parts in own.items()}


def _rows(database: Database, model: Any, names: tuple[str, ...], condition: ColumnElement[bool]) -> Rows:
    columns = [getattr(model, name) for name in names]
    after = 0
    while True:
        query = select(*columns).where(condition, model.id > after).order_by(model.id).limit(ROWS_AT_ONCE)
        with database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        yield from (dict(zip(names, row, strict=True)) for row in rows)
        after = rows[-1][0]


def signed_works(database: Database, account_id: int, at_once: int) -> Iterator[list[int]]:
    """The ids of the works that bear the account's pen names, in every state, ascending."""
    mine = select(Author.id).where(Author.account_id == account_id)
    after = 0
    while True:
        query = (
            select(WorkAuthor.work_id)
            .where(WorkAuthor.author_id.in_(mine), WorkAuthor.work_id > after)
            .distinct()
            .order_by(WorkAuthor.work_id)
            .limit(at_once)
        )
        with database.reading() as connection:
            ids = list(connection.execute(query).scalars())
        if not ids:
            return
        yield ids
        after = ids[-1]
