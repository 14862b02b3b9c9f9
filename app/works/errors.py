"""What a caller is told of works that they may not, or no longer, read or change."""

from __future__ import annotations

from app.errors import Conflict, Forbidden, Gone, NotFound, RegisteredOnly


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


class ChapterGone(Gone):
    """The chapter was public once and was deleted."""

    code = "chapter-gone"
    title = "Chapter deleted"
    detail = "The chapter was deleted."


class WorkRegisteredOnly(RegisteredOnly):
    """The author shows the work to registered readers only."""

    detail = "The work is for registered readers: sign in to read it."


class NotYours(Forbidden):
    """Only its authors may change a work or a series."""

    code, title = "not-yours", "Not yours"
    detail = "Only its authors may do this."


class ChapterNeeded(Conflict):
    """A published work has at least one published chapter."""

    code, title = "chapter-needed", "A chapter is needed"
    detail = "A published work needs a published chapter."


class WrongState(Conflict):
    """The work is in a state in which this cannot be done: deleted, hidden, or just not hidden."""

    code, title = "wrong-state", "Not in this state"


class AlreadySigned(Conflict):
    """The pen name stands in the byline."""

    code, title = "already-signed", "It is in the byline already"
    detail = "This pen name has signed the work already."


class NotInvitable(Conflict):
    """An imported author has nobody to answer, and a byline has an end."""

    code, title = "not-invitable", "This author cannot be asked"
    detail = "There is nobody behind this author to ask: no account has it as a pen name."


class LastAuthor(Conflict):
    """A work has at least one author."""

    code, title = "last-author", "It is the last author"
    detail = "Nobody else has signed the work: delete it, or close the account and orphan it."
