"""Signing a work together: nobody's name is put on a byline, or taken off it, but by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.accounts.commands.recording import notify_account, notify_authors
from app.accounts.rules import Viewer
from app.errors import NotFound
from app.models import Author, BylineInvitation, Work, WorkAuthor
from app.works.commands.locking import lock_own, lock_work
from app.works.commands.settling import Changed, settle
from app.works.errors import AlreadySigned, LastAuthor, NotInvitable

MOST_AUTHORS = 50


def invite_author(session: Session, *, viewer: Viewer, work_id: int, author_id: int) -> BylineInvitation:
    """Ask whose pen name it is to sign a work; asking again is the same invitation."""
    lock_own(session, viewer, work_id)
    signed = set(session.scalars(select(WorkAuthor.author_id).where(WorkAuthor.work_id == work_id)))
    account_id = session.scalar(select(Author.account_id).where(Author.id == author_id))
    if author_id in signed:
        raise AlreadySigned
    if account_id is None:
        raise NotInvitable
    mine = (BylineInvitation.work_id == work_id, BylineInvitation.author_id == author_id)
    found = session.scalar(select(BylineInvitation).where(*mine))
    if found is not None:
        return found
    if len(signed) >= MOST_AUTHORS:
        raise NotInvitable(f"A work has at most {MOST_AUTHORS} authors.")
    invitation = BylineInvitation(work_id=work_id, author_id=author_id, by=viewer.name, at=datetime.now(UTC))
    session.add(invitation)
    session.flush()
    notify_account(session, account_id=account_id, kind="byline-invited", text=viewer.name, work_id=work_id)
    return invitation


def withdraw_invitation(session: Session, *, viewer: Viewer, work_id: int, invitation_id: int) -> None:
    """Ask no longer."""
    lock_own(session, viewer, work_id)
    gone = delete(BylineInvitation).where(BylineInvitation.id == invitation_id, BylineInvitation.work_id == work_id)
    if session.execute(gone.returning(BylineInvitation.id)).first() is None:
        raise NotFound("There is no such invitation.")


def accept_invitation(session: Session, *, viewer: Viewer, invitation_id: int) -> Changed:
    """Sign the work behind those who have signed it."""
    invitation = _mine(session, viewer, invitation_id)
    # New locks in the order of all writes: the work, and then what belongs to it.
    work = lock_work(session, invitation.work_id)
    invitation = _mine(session, viewer, invitation_id)
    if work.state == "deleted":
        raise NotFound("There is no such invitation.")
    last = (
        select(WorkAuthor.position).where(WorkAuthor.work_id == work.id).order_by(WorkAuthor.position.desc()).limit(1)
    )
    position = (session.scalar(last) or 0) + 1
    notify_authors(session, work_id=work.id, kind="byline-accepted", text=viewer.name)
    session.execute(insert(WorkAuthor).values(work_id=work.id, position=position, author_id=invitation.author_id))
    session.delete(invitation)
    work.version += 1
    return Changed(work.id, settle(session, work))


def decline_invitation(session: Session, *, viewer: Viewer, invitation_id: int) -> None:
    """Do not sign; nobody is told."""
    session.delete(_mine(session, viewer, invitation_id))


def _mine(session: Session, viewer: Viewer, invitation_id: int) -> BylineInvitation:
    found = session.get(BylineInvitation, invitation_id, populate_existing=True)
    if found is None or found.author_id not in viewer.author_ids:
        raise NotFound("There is no such invitation.")
    return found


def leave_byline(session: Session, *, viewer: Viewer, work_id: int, author_id: int) -> Changed:
    """Take one's own name off a work that others signed, too."""
    work: Work = lock_own(session, viewer, work_id)
    signed = list(
        session.scalars(select(WorkAuthor.author_id).where(WorkAuthor.work_id == work_id).order_by(WorkAuthor.position))
    )
    if author_id not in signed or author_id not in viewer.author_ids:
        raise NotFound("It is no pen name of yours on this work.")
    if len(signed) == 1:
        raise LastAuthor
    left = [one for one in signed if one != author_id]
    session.execute(delete(WorkAuthor).where(WorkAuthor.work_id == work_id))
    rows = [{"work_id": work_id, "position": position, "author_id": one} for position, one in enumerate(left, 1)]
    session.execute(insert(WorkAuthor), rows)
    work.version += 1
    return Changed(work_id, settle(session, work))
