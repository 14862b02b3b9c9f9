"""What a caller is told of works that they may not, or no longer, read."""

from __future__ import annotations

from app.errors import Gone, NotFound, RegisteredOnly


class WorkNotFound(NotFound):
    """There is no such work for this caller: a draft, a hidden one, or none at all."""

    code = "work-not-found"
    title = "Work not found"
    detail = "There is no such work."


class WorkGone(Gone):
    """The work was public once and was deleted."""

    code = "work-gone"
    title = "Work deleted"
    detail = "The work was deleted."


class WorkRegisteredOnly(RegisteredOnly):
    """The author shows the work to registered readers only."""

    detail = "The work is for registered readers: sign in to read it."
