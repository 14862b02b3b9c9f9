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


class NotClaimable(Conflict):
    """Only an imported author that nobody has claimed can be."""

    code, title = "not-claimable", "The author cannot be claimed"
    detail = "It is somebody's pen name, or was not imported: there is nothing to claim."


class ClaimedAlready(Conflict):
    """One open claim of an author an account is enough."""

    code, title = "claimed-already", "Your claim is waiting"
    detail = "You have claimed this author already: moderators will decide."


class ClaimDecided(Conflict):
    """A claim is decided once."""

    code, title = "claim-decided", "The claim is decided"
    detail = "The claim is decided already."
