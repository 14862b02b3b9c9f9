"""Taking works out of sight and back: deleting and restoring by authors, hiding and unhiding by moderators.

That the caller is a moderator is for the routes to see to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.accounts.commands.recording import Told, notify_authors, record_act
from app.accounts.rules import Viewer
from app.jobs.changes import newest_number
from app.models import Withholding, Work
from app.works.commands.locking import lock_own, lock_work
from app.works.commands.settling import Changed, settle
from app.works.errors import WrongState
from app.works.rules import RESTORABLE, Seen, check_seen


@dataclass(frozen=True, slots=True)
class Moderated:
    """A work that was hidden or shown again, and who is to get a mail about it."""

    change: int
    title: str
    told: list[Told]


def delete_work(session: Session, *, viewer: Viewer, work_id: int, seen: Seen) -> Changed:
    """Take a work away; for a time it can be restored to what it was."""
    work = lock_own(session, viewer, work_id, siblings=True)
    check_seen(seen, work.version)
    return _withhold(session, viewer, work, "deleted", "")


def restore_work(session: Session, *, viewer: Viewer, work_id: int) -> Changed:
    """Bring a deleted work back as it was: a draft, published, or hidden."""
    work = lock_own(session, viewer, work_id, siblings=True, deleted=True)
    if work.state != "deleted":
        raise WrongState("The work is not deleted.")
    mark = session.get_one(Withholding, (work_id, "deleted"))
    if datetime.now(UTC) > mark.at + RESTORABLE:
        raise WrongState(f"The work was deleted more than {RESTORABLE.days} days ago.")
    return _show(session, work, mark)


def hide_work(session: Session, *, viewer: Viewer, work_id: int, reason: str) -> Moderated:
    """Hide a work from all but its authors, who are told the reason; another reason replaces it.

    Hiding it again for the same reason is no act: nobody is told twice.
    """
    work = lock_work(session, work_id, siblings=True)
    if work.state == "deleted":
        raise WrongState("The work is deleted.")
    if work.state == "hidden":
        mark = session.get_one(Withholding, (work_id, "hidden"))
        if mark.reason == reason:
            return Moderated(newest_number(session.connection()), work.title, [])
        mark.reason, mark.by, mark.at = reason, viewer.name or None, datetime.now(UTC)
        work.version += 1
        change = settle(session, work, edited=False)
    else:
        change = _withhold(session, viewer, work, "hidden", reason).change
    record_act(session, by=viewer.name, act="hide", subject="work", subject_id=work_id, reason=reason)
    return Moderated(change, work.title, notify_authors(session, work_id=work_id, kind="work-hidden", text=reason))


def unhide_work(session: Session, *, viewer: Viewer, work_id: int) -> Moderated:
    """Show a hidden work again as it was; its authors are told."""
    work = lock_work(session, work_id, siblings=True)
    if work.state != "hidden":
        raise WrongState("The work is not hidden.")
    change = _show(session, work, session.get_one(Withholding, (work_id, "hidden"))).change
    record_act(session, by=viewer.name, act="unhide", subject="work", subject_id=work_id)
    return Moderated(change, work.title, notify_authors(session, work_id=work_id, kind="work-shown", text=""))


def _withhold(session: Session, viewer: Viewer, work: Work, kind: str, reason: str) -> Changed:
    now = datetime.now(UTC)
    by = viewer.name or None
    session.add(Withholding(work_id=work.id, kind=kind, state_before=work.state, reason=reason, by=by, at=now))
    work.state = kind
    work.version += 1
    return Changed(work.id, settle(session, work, edited=kind == "deleted", siblings=True))


def _show(session: Session, work: Work, mark: Withholding) -> Changed:
    work.state = mark.state_before
    work.version += 1
    session.delete(mark)
    return Changed(work.id, settle(session, work, edited=mark.kind == "deleted", siblings=True))
