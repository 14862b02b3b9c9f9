"""Why acts of moderation are refused."""

from __future__ import annotations

from app.errors import Conflict, Forbidden


class ReportClosed(Conflict):
    """A report is decided once."""

    code, title = "report-closed", "The report is closed"
    detail = "The report is closed already."


class NotSuspendable(Forbidden):
    """Moderators suspend members and wranglers; who has their role or a higher one is an admin's business."""

    code, title = "not-suspendable", "The account cannot be suspended by you"
    detail = "Whoever has your role or a higher one is suspended by an admin alone, and nobody suspends themselves."
