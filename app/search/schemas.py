"""The shapes of tags, facets, authors and passages, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

TagType = Literal["fandom", "character", "relationship", "freeform"]
Kind = Literal["romantic", "platonic", "queerplatonic", "other"]


class Strict(BaseModel):
    """Says all that there is."""

    model_config = ConfigDict(extra="forbid")


class Named(Strict):
    """An author in a byline; no id where the work is anonymous."""

    id: int | None
    name: str


class TagRef(Strict):
    """A tag on a work."""

    id: int
    name: str
    canonical_id: int | None


class Member(Strict):
    """Someone whom a relationship names."""

    name: str
    character_id: int | None


class RelationshipTag(TagRef):
    """A relationship on a work."""

    kind: Kind
    members: list[Member]


class Applied(Strict):
    """A tag that a filter was resolved to."""

    parameter: str
    given: str | int
    id: int
    name: str


class UnknownTag(Strict):
    """A name that no tag has."""

    parameter: str
    name: str
    suggestions: list[str]


class Facet(Strict):
    """A row of a facet: a tag, or a closed value."""

    id: int | None = None
    name: str | None = None
    value: str | None = None
    count: int
    excluded: bool | None = None


class LinkedTag(Strict):
    """A tag linked to another."""

    id: int
    type: TagType
    name: str


class TagEntry(Strict):
    """A tag in a list."""

    id: int
    type: TagType
    name: str
    kind: Kind | None
    canonical: bool
    canonical_id: int | None
    uses: int = Field(description="Works that the caller may find.")
    pending: bool = Field(description="Whether search has yet to follow a change of it.")


class Tag(TagEntry):
    """A tag with its links, the hundred most used of each kind."""

    synonyms: list[LinkedTag]
    synonyms_total: int
    parents: list[LinkedTag]
    parents_total: int
    children: list[LinkedTag]
    children_total: int
    broader: list[LinkedTag]
    broader_total: int
    narrower: list[LinkedTag]
    narrower_total: int


class TagList(Strict):
    """A page of tags."""

    items: list[TagEntry]
    total: int
    next: str | None


class ValueCount(Strict):
    """How many works have a value: a year, a rating, a language."""

    value: str
    count: int


class TagCount(Strict):
    """How many works a tag stands on beside another."""

    id: int
    name: str
    count: int


class TagStats(Strict):
    """Where a tag is used; numbers count works that the caller may find."""

    id: int
    type: TagType
    name: str
    uses: int
    years: list[ValueCount] = Field(description="By the year of publishing, UTC.")
    ratings: list[ValueCount]
    languages: list[ValueCount]
    occurs_with: dict[TagType, list[TagCount]] = Field(description="By type, most often first.")


class Suggestion(Strict):
    """A name to choose; `matched` is the spelling that matched."""

    id: int
    type: TagType
    name: str
    uses: int
    matched: str


class Suggestions(Strict):
    """Names to choose from."""

    items: list[Suggestion]


class AuthorEntry(Strict):
    """An author in a list."""

    id: int
    name: str


class Author(AuthorEntry):
    """A public pen name."""

    bio: str
    version: int
    works_count: int
    words: int
    fandoms: list[Facet]


class AuthorList(Strict):
    """A page of authors."""

    items: list[AuthorEntry]
    total: int
    next: str | None


class ChapterRef(Strict):
    """Where a passage stands."""

    id: int
    position: int
    title: str


class Passage(Strict):
    """A chapter that matches."""

    work: dict[str, Any] = Field(description="The work as in a list.")
    chapter: ChapterRef
    snippet: str = Field(description="Escaped text with `<mark>` alone.")
    score: float


class PassageList(Strict):
    """A page of chapters, best first."""

    items: list[Passage]
    total: int = Field(description="Chapters.")
    total_works: int
    next: str | None
    applied: list[Applied]
    unknown_tags: list[UnknownTag]
