"""Making reports, closing them, and suspending accounts."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.commands.accounts import lift_suspension_by_id, suspend_by_id
from app.accounts.commands.recording import record_act
from app.accounts.rules import Viewer, is_admin
from app.errors import NotFound
from app.models import Account, Report
from app.moderation.errors import NotSuspendable, ReportClosed


def make_report(session: Session, *, viewer: Viewer, subject: str, subject_id: int, reason: str) -> Report:
    """Keep a report. That its subject may be known to the caller is for whoever plans this to see to."""
    report = Report(
        subject=subject,
        subject_id=subject_id,
        reason=reason,
        account_id=viewer.account_id,
        at=datetime.now(UTC),
        state="open",
        note="",
    )
    session.add(report)
    session.flush()
    return report


def close_report(session: Session, *, viewer: Viewer, report_id: int, decision: str, note: str) -> Report:
    """Decide a report, once."""
    report = session.get(Report, report_id, with_for_update=True)
    if report is None:
        raise NotFound("There is no such report.")
    if report.state == "closed":
        raise ReportClosed
    report.state, report.decision, report.note = "closed", decision, note
    report.closed_by, report.closed_at = viewer.name, datetime.now(UTC)
    record_act(session, by=viewer.name, act=f"report-{decision}", subject="report", subject_id=report_id, reason=note)
    session.flush()
    return report


def suspend_account(session: Session, *, viewer: Viewer, account_id: int, reason: str) -> None:
    """Let an account read and write nothing; another reason replaces the one before."""
    _check_rank(session, viewer, account_id)
    suspend_by_id(session, account_id=account_id, reason=reason, by=viewer.name)


def unsuspend_account(session: Session, *, viewer: Viewer, account_id: int) -> None:
    """Let an account write again."""
    _check_rank(session, viewer, account_id)
    lift_suspension_by_id(session, account_id=account_id, by=viewer.name)


def _check_rank(session: Session, viewer: Viewer, account_id: int) -> None:
    known = (Account.id == account_id) & Account.deleted_at.is_(None)
    role = session.scalar(select(Account.role).where(known).with_for_update())
    if role is None:
        raise NotFound("There is no such account.")
    if account_id == viewer.account_id or (role in {"moderator", "admin"} and not is_admin(viewer)):
        raise NotSuspendable
