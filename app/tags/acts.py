"""An act of wrangling, what it sets, and the facts it changed: pure values.

An act is kept as its :class:`Effect` s, each one fact with its value before and after, so that it can be told what
it did and undone, whatever it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal


class Unset:
    """The type of :data:`UNSET`: a member that an act does not speak of, where ``None`` means something."""

    def __repr__(self) -> str:
        """Its name."""
        return "UNSET"


UNSET: Final = Unset()

What = Literal["created", "name", "canonical", "canonical_id", "parent", "broader"]
FILTERING: frozenset[What] = frozenset({"name", "canonical", "canonical_id", "broader"})
"""Facts that change what filters, facets or the shown names of works are; parents only drive suggestions."""
BY_DUMP: Final = "import of a dump"
"""Who signs acts that make tags as a dump has them; no login has a space. The next dump makes its own."""


@dataclass(frozen=True, slots=True)
class Act:
    """What to set on one tag; members that are left out stay as they are.

    ``canonical_id`` makes a synonym (on a canonical tag: merges it), ``None`` releases it. ``parents`` and ``broader``
    are whole lists, ``add_…`` and ``remove_…`` single links. ``create`` makes the tag first, (type, name); ``delete``
    takes one away that nothing uses.
    """

    tag_id: int
    name: str | None = None
    canonical: bool | None = None
    canonical_id: int | Unset | None = UNSET
    parents: tuple[int, ...] | None = None
    broader: tuple[int, ...] | None = None
    add_parents: tuple[int, ...] = ()
    remove_parents: tuple[int, ...] = ()
    add_broader: tuple[int, ...] = ()
    remove_broader: tuple[int, ...] = ()
    create: tuple[str, str] | None = None
    delete: bool = False

    def mentioned(self) -> set[int]:
        """The ids of all tags that it names."""
        ids = {self.tag_id, *(self.parents or ()), *(self.broader or ())}
        ids.update(self.add_parents, self.remove_parents, self.add_broader, self.remove_broader)
        if isinstance(self.canonical_id, int):
            ids.add(self.canonical_id)
        return ids

    def as_json(self) -> dict[str, Any]:
        """The members that it sets, as a client would send them."""
        said: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name != "tag_id" and value != one.default:
                said[one.name] = list(value) if isinstance(value, tuple) else value
        return said


@dataclass(frozen=True, slots=True)
class Effect:
    """One fact that changed. ``other_id`` is the parent or broader tag of a link, whose value is ``"1"`` or ``None``.

    Values are text: a name, an id, ``"1"`` for true; ``created`` is ``type:name``.
    """

    what: What
    tag_id: int
    other_id: int | None
    before: str | None
    after: str | None


@dataclass(slots=True)
class TagState:
    """A tag as the rules look at it."""

    id: int
    type: str
    name: str
    name_key: str
    kind: str | None
    canonical: bool
    canonical_id: int | None


@dataclass(slots=True)
class FacetChange:
    """A facet's entry that an act changes: how many works it counts before and after."""

    id: int
    type: str
    name: str
    before: int | None
    after: int | None


@dataclass(slots=True)
class ActResult:
    """What an act did, or on a dry run would do. ``act_id`` is none on a dry run and for an act that changes nothing.

    ``reach`` are the tags that works carry whose filters change by it (all spellings); ``works`` and ``facets``
    are counted where there is an index to count in.
    """

    tag_id: int
    act_id: int | None = None
    effects: list[Effect] = field(default_factory=list)
    reach: set[int] = field(default_factory=set)
    folds: Mapping[int, tuple[frozenset[int], frozenset[int]]] = field(default_factory=dict)
    """For each tag whose facet changes: the spellings that it counts before, and after."""
    works: int | None = None
    facets: list[FacetChange] = field(default_factory=list)
