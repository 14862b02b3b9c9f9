"""Claiming an imported author: whoever says to be one is shown what that does, and a moderator decides."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.commands.recording import notify_account, record_act
from app.accounts.rules import Viewer
from app.errors import NotFound
from app.models import Account, Author, Claim
from app.moderation.errors import ClaimDecided, ClaimedAlready, NotClaimable
from app.works.commands.leaving import let_go


def make_claim(session: Session, *, account_id: int, author_id: int, evidence: str, works: str) -> Claim:
    """Keep a claim. That the author may be known to the caller is for whoever plans this to see to."""
    require_claimable(session, author_id)
    mine = (Claim.account_id == account_id, Claim.author_id == author_id, Claim.state == "open")
    if session.scalar(select(Claim.id).where(*mine)) is not None:
        raise ClaimedAlready
    claim = Claim(
        author_id=author_id, account_id=account_id, evidence=evidence, works=works, at=datetime.now(UTC),
        state="open", note="",
    )  # fmt: skip
    session.add(claim)
    session.flush()
    return claim


def require_claimable(session: Session, author_id: int) -> Author:
    """The author, locked; raises :class:`NotClaimable` for a pen name that somebody has, or that was made here."""
    author = session.get(Author, author_id, with_for_update=True, populate_existing=True)
    if author is None:
        raise NotFound("There is no such author.")
    if author.site is None or author.account_id is not None:
        raise NotClaimable
    return author


def drop_claim(session: Session, *, account_id: int, claim_id: int) -> None:
    """Take back one's own claim that nobody has decided."""
    claim = session.get(Claim, claim_id, with_for_update=True)
    if claim is None or claim.account_id != account_id:
        raise NotFound("There is no such claim.")
    if claim.state != "open":
        raise ClaimDecided
    session.delete(claim)


def grant_claim(session: Session, *, viewer: Viewer, claim_id: int, note: str) -> int | None:
    """Give the author to whoever claimed it, and do with its works what they asked for; the last change, if any."""
    claim = _open(session, claim_id)
    author = require_claimable(session, claim.author_id)
    author.account_id = claim.account_id
    author.version += 1
    change = None
    if claim.works != "keep":
        login = session.scalars(select(Account.login).where(Account.id == claim.account_id)).one()
        session.flush()
        change = let_go(session, [author.id], login=login, delete_works=claim.works == "delete")
        claim = session.get_one(Claim, claim_id)
    _decide(session, viewer, claim, "granted", note)
    return change


def refuse_claim(session: Session, *, viewer: Viewer, claim_id: int, note: str) -> None:
    """Do not give it."""
    _decide(session, viewer, _open(session, claim_id), "refused", note)


def _open(session: Session, claim_id: int) -> Claim:
    claim = session.get(Claim, claim_id, with_for_update=True)
    if claim is None:
        raise NotFound("There is no such claim.")
    if claim.state != "open":
        raise ClaimDecided
    return claim


def _decide(session: Session, viewer: Viewer, claim: Claim, state: str, note: str) -> None:
    claim.state, claim.note = state, note
    claim.decided_by, claim.decided_at = viewer.name, datetime.now(UTC)
    record_act(session, by=viewer.name, act=f"claim-{state}", subject="author", subject_id=claim.author_id, reason=note)
    notify_account(session, account_id=claim.account_id, kind=f"claim-{state}", text=note)
    session.flush()
