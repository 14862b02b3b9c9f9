"""Why kudos are refused."""

from __future__ import annotations

from app.errors import Conflict, Forbidden


class KudosLeft(Conflict):
    """One an account, one an address."""

    code, title = "kudos-left", "Kudos were left already"
    detail = "You have left kudos on this work already."


class OwnWork(Forbidden):
    """Nobody praises their own work."""

    code, title = "own-work", "Your own work"
    detail = "It is your own work."
