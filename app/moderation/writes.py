"""What the writes of moderation do: planned here, run in one transaction. No HTTP, no SQL."""

from __future__ import annotations

import orjson

from app.accounts.acts import Done, Step
from app.accounts.rules import Viewer
from app.db.engine import Transaction
from app.kit.dates import rfc3339
from app.moderation.answers import report_json
from app.moderation.commands import reporting
from app.moderation.queries import report_row
from app.search.answers import author_body
from app.search.archive import Archive, Given
from app.series.queries import series_detail
from app.works.queries.reading import chapter_by_id, require_work


def make_report(archive: Archive, viewer: Viewer, given: Given) -> Step:
    """``POST /v1/reports``: of what the caller may read, and else the answer that reading it gives."""
    subject, subject_id = given["subject"], given["subject_id"]
    if subject == "author":
        author_body(archive, viewer, subject_id, {})

    def step(session: Transaction) -> Done:
        connection = session.connection()
        if subject == "work":
            require_work(connection, viewer, subject_id)
        elif subject == "chapter":
            chapter_by_id(connection, viewer, subject_id)
        elif subject == "series":
            series_detail(connection, viewer, subject_id)
        made = reporting.make_report(
            session, viewer=viewer, subject=subject, subject_id=subject_id, reason=given["reason"].strip()
        )
        body = {"id": made.id, "subject": subject, "subject_id": subject_id, "reason": made.reason}
        return Done(201, orjson.dumps(body | {"at": rfc3339(made.at)}))

    return step


def close_report(viewer: Viewer, report_id: int, given: Given) -> Step:
    """``POST /v1/moderation/reports/{id}/close``."""

    def step(session: Transaction) -> Done:
        reporting.close_report(
            session, viewer=viewer, report_id=report_id, decision=given["decision"], note=given.get("note", "").strip()
        )
        return Done(200, orjson.dumps(report_json(report_row(session.connection(), report_id))))

    return step


def suspend(viewer: Viewer, account_id: int, given: Given) -> Step:
    """``POST /v1/moderation/accounts/{id}/suspend``."""

    def step(session: Transaction) -> Done:
        reporting.suspend_account(session, viewer=viewer, account_id=account_id, reason=given["reason"].strip())
        return Done()

    return step


def unsuspend(viewer: Viewer, account_id: int) -> Step:
    """``POST /v1/moderation/accounts/{id}/unsuspend``."""

    def step(session: Transaction) -> Done:
        reporting.unsuspend_account(session, viewer=viewer, account_id=account_id)
        return Done()

    return step
