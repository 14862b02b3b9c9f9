"""Invitations to sign a work: those of a work, and those of an account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from app.accounts.rules import Viewer
from app.models import Author, BylineInvitation, Work

_COLUMNS = (
    BylineInvitation.id,
    BylineInvitation.work_id,
    Work.title,
    Author.id,
    Author.name,
    BylineInvitation.by,
    BylineInvitation.at,
)
_QUERY = (
    select(*_COLUMNS)
    .join(Work, Work.id == BylineInvitation.work_id)
    .join(Author, Author.id == BylineInvitation.author_id)
    .order_by(BylineInvitation.id)
)


def invitations_of_work(connection: Connection, work_id: int) -> Sequence[Any]:
    """Who is asked to sign a work."""
    return connection.execute(_QUERY.where(BylineInvitation.work_id == work_id)).all()


def invitation_row(connection: Connection, invitation_id: int) -> Any:
    """One invitation."""
    return connection.execute(_QUERY.where(BylineInvitation.id == invitation_id)).one()


def invitations_of(connection: Connection, viewer: Viewer) -> Sequence[Any]:
    """What the viewer is asked to sign, but for works that are deleted."""
    mine = BylineInvitation.author_id.in_(viewer.author_ids)
    return connection.execute(_QUERY.where(mine, Work.state != "deleted")).all()
