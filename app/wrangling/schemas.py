"""The shapes of wrangling, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.search.schemas import Kind, LinkedTag, Strict, TagType


class FacetEntryChange(Strict):
    """An entry of a facet, and how many works it counts before and after an act."""

    id: int
    name: str
    before: int | None
    after: int | None


class ActOutcome(Strict):
    """What an act did, or on a dry run would do."""

    act_id: int | None = Field(description="None on a dry run, and for an act that changes nothing.")
    tag_id: int
    works: int | None = Field(description="Works whose filters or shown names it changes, as far as the caller sees.")
    facets: dict[TagType, list[FacetEntryChange]] = Field(description="The entries of facets that it changes.")


class Wrangled(Strict):
    """All acts of a request, in its order."""

    dry_run: bool
    change: int | None = Field(description="For `after_change`; none where nothing was changed.")
    results: list[ActOutcome]


class Undone(ActOutcome):
    """The act that undid another one."""

    change: int | None


class Act(Strict):
    """An act in a tag's history."""

    id: int
    at: datetime
    by: str
    change: int | None
    works: int | None
    undone: bool
    undone_by: int | None
    undoes: int | None
    tag_id: int = Field(description="The tag that was asked to change; others may have changed with it.")
    asked: dict[str, Any] = Field(description="The members that were set; empty for an undo.")


class History(Strict):
    """A page of acts, newest first."""

    items: list[Act]
    total: int
    next: str | None


class TagSuggestion(Strict):
    """What an unwrangled tag may be, and the act that makes it so."""

    tag: LinkedTag
    reason: Literal["spelling", "alias", "members", "near-name", "occurs-with"]
    detail: str
    score: float
    act: dict[str, Any]


class BinEntry(Strict):
    """An unwrangled tag."""

    id: int
    type: TagType
    name: str
    kind: Kind | None
    uses: int = Field(description="Works; with a fandom, those of the fandom.")
    suggestions: list[TagSuggestion]


class BinPage(Strict):
    """A page of a bin, most used first."""

    items: list[BinEntry]
    total: int
    next: str | None


class AssignedFandom(Strict):
    """A fandom by its id."""

    id: int
    name: str


class Assignment(Strict):
    """A fandom that a wrangler looks after."""

    fandom: AssignedFandom
    wrangler: str


class Assignments(Strict):
    """All assignments, by fandom."""

    items: list[Assignment]
    total: int
