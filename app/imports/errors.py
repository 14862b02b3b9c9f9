"""What goes wrong with imports: with one item, and with a job."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound
from app.works.texts import BadMember


class ItemFailed(BadMember):
    """One item cannot be imported; the others go on. ``pointer`` is a JSON pointer into the import record."""


class ImportNotFound(NotFound):
    """There is no such import, or it is somebody else's."""

    code, title = "import-not-found", "Import not found"
    detail = "There is no such import."


class ImportState(Conflict):
    """What is asked for does not go with the state that the import is in."""

    code, title = "import-state", "The import is in another state"


class TooManyImports(Conflict):
    """An account may have so many unfinished imports and no more."""

    code, title = "too-many-imports", "Too many unfinished imports"


class UploadBroken(Invalid):
    """The body ended before it was complete; nothing of it was kept."""

    code, title = "upload-broken", "The upload broke off"
    detail = "The upload broke off; nothing of it was kept."


class BadDump(Invalid):
    """A folder that calls itself a dump cannot be read as one."""

    code, title = "bad-dump", "The dump cannot be read"
