"""What the tag graph refuses: one code for each of its rules.

::

    Conflict 409
    └── ActRefused
        ├── SynonymOfItself, SynonymOfAnotherType, SynonymOfNonCanonical, SynonymOfSynonym
        ├── ParentOfWrongType, ParentNotCanonical
        ├── BroaderThanItself, BroaderOfAnotherType, BroaderNotCanonical, BroaderCycle
        ├── NameTaken, TagExists, TagInUse
        └── LaterActs, AlreadyUndone
"""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import ArchiveError, Conflict, FieldProblem, Forbidden, Gone, NotFound


class TagNotFound(NotFound):
    """There is no such tag, or none that the caller may know of."""

    code, title = "tag-not-found", "Tag not found"
    detail = "There is no such tag."


class TagGone(Gone):
    """The tag was canonical once, which everybody sees, and was deleted."""

    code, title = "tag-gone", "Tag deleted"
    detail = "The tag was deleted."


class ActNotFound(NotFound):
    """There is no such act of wrangling."""

    code, title = "act-not-found", "Act not found"
    detail = "There is no such act."


class RenameNeedsAdmin(Forbidden):
    """Wranglers change case and accents of a name; its letters only admins."""

    code, title = "rename-needs-admin", "Only an admin may change more than case and accents"
    detail = "Wranglers may change case and accents of a name; more needs the scope `admin`."


class ActRefused(Conflict):
    """A rule of the tag graph refuses an act; nothing was changed. ``member`` is the member of the act it is about."""

    code, title = "act-refused", "The act is refused"

    def __init__(
        self, detail: str | None = None, *, member: str = "", index: int | None = None, acts: Sequence[int] = ()
    ) -> None:
        super().__init__(detail)
        self.member = member
        self.index = index
        self.acts = list(acts)

    def at(self, index: int | None, *, listed: bool) -> ActRefused:
        """Itself, saying which act of a request it is about: ``/acts/3/canonical_id``, or ``/canonical_id``."""
        self.index = index
        where = f"/acts/{index}" if listed else ""
        pointer = f"{where}/{self.member}" if self.member else where
        self.errors = [FieldProblem(self.code, self.detail, pointer=pointer)]
        return self


class SynonymOfItself(ActRefused):
    """A tag cannot be its own synonym."""

    code, title = "synonym-of-itself", "A tag cannot be its own synonym"


class SynonymOfAnotherType(ActRefused):
    """A synonym and its canonical are of one type."""

    code, title = "synonym-of-another-type", "A synonym and its canonical are of one type"


class SynonymOfNonCanonical(ActRefused):
    """A synonym's target has to be canonical."""

    code, title = "synonym-of-non-canonical", "A synonym's target has to be canonical"


class SynonymOfSynonym(ActRefused):
    """Synonyms make no chains: the target is a synonym itself."""

    code, title = "synonym-chain", "A synonym's target cannot be a synonym"


class ParentOfWrongType(ActRefused):
    """Fandoms have characters, relationships and freeforms; characters have relationships; nothing else."""

    code, title = "parent-of-wrong-type", "Tags of these types have no such link"


class ParentNotCanonical(ActRefused):
    """Only a canonical tag is a parent."""

    code, title = "parent-not-canonical", "A parent has to be canonical"


class BroaderThanItself(ActRefused):
    """A tag cannot be broader than itself."""

    code, title = "broader-than-itself", "A tag cannot be broader than itself"


class BroaderOfAnotherType(ActRefused):
    """Broader and narrower tags are of one type."""

    code, title = "broader-of-another-type", "Broader and narrower tags are of one type"


class BroaderNotCanonical(ActRefused):
    """Broader and narrower tags are canonical, both."""

    code, title = "broader-not-canonical", "Broader and narrower tags are both canonical"


class BroaderCycle(ActRefused):
    """A tag would become broader than itself by way of others."""

    code, title = "broader-cycle", "Broader tags cannot go round in a circle"


class NameTaken(ActRefused):
    """Another tag of the type has that name."""

    code, title = "name-taken", "Another tag has that name"


class TagInUse(ActRefused):
    """Works carry the tag, or other tags are linked to it: it cannot be deleted."""

    code, title = "tag-in-use", "The tag is in use"


class LaterActs(ActRefused):
    """Later acts stand on the one that is to be undone: undo those first."""

    code, title = "later-acts", "Later acts stand on it"


class AlreadyUndone(ActRefused):
    """The act was undone before."""

    code, title = "already-undone", "The act is undone already"


class TagExists(Conflict):
    """A tag of that type and name exists."""

    code, title = "tag-exists", "The tag exists"

    def __init__(self, tag_id: int) -> None:
        ArchiveError.__init__(self, f"There is such a tag: {tag_id}.", headers={"Location": f"/v1/tags/{tag_id}"})
