"""Pages of reports, of the log and of notices, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from app.accounts.queries import readable_works
from app.accounts.rules import Viewer
from app.db.pages import RowPage, Slice, page_of
from app.models import Account, Author, Claim, Notice, PrivilegedAct, Report, Work, WorkAuthor

REPORT = (
    Report.id,
    Report.subject,
    Report.subject_id,
    Report.reason,
    Account.login,
    Report.at,
    Report.state,
    Report.decision,
    Report.note,
    Report.closed_by,
    Report.closed_at,
)


def reports(connection: Connection, state: str | None, asked: Slice) -> RowPage:
    """Reports, those of one state where one is given."""
    query = select(*REPORT).outerjoin(Account, Account.id == Report.account_id)
    return page_of(connection, query, Report.id, [Report.state == state] if state else [], asked)


def report_row(connection: Connection, report_id: int) -> Any:
    """One report."""
    query = select(*REPORT).outerjoin(Account, Account.id == Report.account_id).where(Report.id == report_id)
    return connection.execute(query).one()


CLAIM = (
    Claim.id,
    Claim.author_id,
    Author.name,
    Author.site,
    Claim.works,
    Account.login,
    Claim.account_id,
    Claim.evidence,
    Claim.at,
    Claim.state,
    Claim.note,
    Claim.decided_by,
    Claim.decided_at,
)
_CLAIMS = select(*CLAIM).join(Account, Account.id == Claim.account_id).join(Author, Author.id == Claim.author_id)


def claims(connection: Connection, asked: Slice, *, state: str | None = None, account_id: int | None = None) -> RowPage:
    """Claims of imported authors, those of one state or account where one is given."""
    conditions: list[ColumnElement[bool]] = []
    if state is not None:
        conditions.append(Claim.state == state)
    if account_id is not None:
        conditions.append(Claim.account_id == account_id)
    return page_of(connection, _CLAIMS, Claim.id, conditions, asked)


def claim_row(connection: Connection, claim_id: int) -> Any:
    """One claim; ``None`` where there is none."""
    return connection.execute(_CLAIMS.where(Claim.id == claim_id)).one_or_none()


MOST_EXAMPLES = 20


def works_signed(connection: Connection, viewer: Viewer, author_id: int) -> tuple[int, int, Sequence[Any]]:
    """How many works of an author the viewer may read and how many words they have, and the newest of them."""
    mine = select(WorkAuthor.work_id).where(WorkAuthor.author_id == author_id)
    conditions = (Work.id.in_(mine), Work.state != "deleted", readable_works(viewer))
    totals = select(func.count(Work.id), func.coalesce(func.sum(Work.words), 0)).where(*conditions)
    count, words = connection.execute(totals).one()
    newest = select(Work.id, Work.title).where(*conditions).order_by(Work.id.desc()).limit(MOST_EXAMPLES)
    return count, int(words), connection.execute(newest).all()


def acts(connection: Connection, asked: Slice) -> RowPage:
    """The log of privileged acts."""
    columns = (
        PrivilegedAct.id,
        PrivilegedAct.at,
        PrivilegedAct.by,
        PrivilegedAct.act,
        PrivilegedAct.subject,
        PrivilegedAct.subject_id,
        PrivilegedAct.reason,
    )
    return page_of(connection, select(*columns), PrivilegedAct.id, [], asked)


def notices(connection: Connection, account_id: int, asked: Slice) -> RowPage:
    """What an account was told."""
    query = select(Notice.id, Notice.at, Notice.kind, Notice.work_id, Notice.text)
    return page_of(connection, query, Notice.id, [Notice.account_id == account_id], asked)
