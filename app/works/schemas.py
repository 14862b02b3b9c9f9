"""The shapes of works and chapters, for the OpenAPI document; answers are written as bytes and tested against these."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.search.schemas import (
    Applied,
    Facet,
    LinkedTag,
    Named,
    RelationshipTag,
    TagRef,
    UnknownTag,
)

Rating = Literal["not_rated", "general", "teen", "mature", "explicit"]
Status = Literal["in_progress", "complete", "hiatus", "abandoned"]
State = Literal["draft", "published", "hidden", "deleted"]
Visibility = Literal["public", "registered"]


class Strict(BaseModel):
    """Says all that there is."""

    model_config = ConfigDict(extra="forbid")


class SeriesPlace(Strict):
    """A series of a work, and the work's place in it."""

    id: int
    title: str
    position: int


class Stats(Strict):
    """Counters."""

    kudos: int
    comments: int
    bookmarks: int
    hits: int


class Source(Strict):
    """Where a work was imported from."""

    site: str | None
    id: str | None
    url: str | None


class WorkCard(Strict):
    """A work in a list."""

    id: int
    title: str
    authors: list[Named]
    summary: str = Field(description="Clean HTML.")
    language: str = Field(description="BCP 47.", examples=["en"])
    rating: Rating
    warnings: list[str]
    categories: list[str]
    fandoms: list[TagRef]
    characters: list[TagRef]
    relationships: list[RelationshipTag]
    freeforms: list[TagRef]
    series: list[SeriesPlace]
    status: Status
    chapters_posted: int
    chapters_expected: int | None
    has_text: bool = Field(description="False where only metadata was imported.")
    words: int
    published_at: datetime
    revised_at: datetime
    source: Source | None
    state: State
    visibility: Visibility
    anonymous: bool
    version: int
    stats: Stats
    extra: dict[str, Any] | None = None
    gifts: list[str] | None = None
    related: list[dict[str, Any]] | None = None
    consent: dict[str, Literal["yes", "no", "ask"]] | None = None


class ChapterEntry(Strict):
    """A chapter in the table of contents."""

    id: int
    work_id: int
    position: int
    title: str
    summary: str
    notes: str
    end_notes: str
    words: int
    state: Literal["draft", "published"]
    published_at: datetime
    revised_at: datetime
    version: int
    previous_id: int | None
    next_id: int | None


class Chapter(ChapterEntry):
    """A chapter with its text."""

    content: str = Field(description="Clean HTML; text or Markdown by `content_format`.")


class Work(WorkCard):
    """A work."""

    notes: str
    end_notes: str
    hidden_reason: str | None = Field(None, description="Of a hidden work, for its authors and moderators.")
    restorable_until: datetime | None = Field(None, description="Of a deleted work, for its authors and moderators.")
    chapters: list[Chapter] | None = Field(None, description="With `include=chapters`.")


class WorkList(BaseModel):
    """A page of works. `ids=` answers with `missing` instead of the other members."""

    items: list[WorkCard]
    total: int
    next: str | None = Field(description="The cursor of the next page.")
    applied: list[Applied]
    unknown_tags: list[UnknownTag]
    facets: dict[str, list[Facet]] | None = None
    text_truncated: bool | None = None
    missing: list[int] | None = None


class TableOfContents(Strict):
    """All chapters of a work, without their text."""

    items: list[ChapterEntry]
    total: int


class SimilarWork(Strict):
    """A work like another, and the tags that they share, as it spells them."""

    work: WorkCard
    shared_tags: list[LinkedTag]


class SimilarWorks(Strict):
    """Works like a work, best first."""

    items: list[SimilarWork]
    total: int


class PossibleDuplicate(Strict):
    """A work whose text is like that of another, and how that is known. They are never merged by themselves."""

    work_id: int
    title: str
    similarity: float = Field(description="Of all that stands in either text, the share that stands in both.")
    relation: Literal["same", "part_of", "holds"] = Field(
        description="`same`: about as long; `part_of`: it is a part of the other work; `holds`: that is a part of it."
    )
    held: float = Field(description="How much of its text the other work has.")
    holds: float = Field(description="How much of the other work's text it has.")
    shared_shingles: int = Field(description="About how many runs of 32 letters the two texts share.")
    agrees: list[Literal["title", "author"]] = Field(description="What else is the same.")


class Duplicates(Strict):
    """The works whose text is like a work's, most alike first."""

    items: list[PossibleDuplicate]
    total: int


class OwnWorks(Strict):
    """A page of the caller's own works, newest first."""

    items: list[WorkCard]
    total: int
    next: str | None


class RevisionEntry(Strict):
    """A saved text of a chapter."""

    revision: int
    at: datetime
    by: str | None = Field(description="The login of who saved it; none where it was imported.")
    words: int
    words_added: int
    words_removed: int


class RevisionList(Strict):
    """All revisions of a chapter, newest first."""

    items: list[RevisionEntry]
    total: int


class DiffPiece(Strict):
    """A paragraph that stayed, came or went."""

    op: Literal["equal", "insert", "delete"]
    text: str


class Revision(RevisionEntry):
    """A revision with its texts."""

    title: str
    summary: str
    notes: str
    end_notes: str
    content: str
    diff: list[DiffPiece] | None = Field(None, description="With `diff=1`, against the revision before.")


class NamedWork(Strict):
    """A work by its title."""

    id: int
    title: str


class WorkChange(Strict):
    """A work that changed, or went: fetch it again, or forget it."""

    change: int = Field(description="The number of its last change.")
    work_id: int
    what: Literal["created", "changed", "withdrawn", "deleted"] = Field(
        description="`created` had no change up to `after`; `withdrawn` is no longer to be seen, and may come back."
    )
    version: int | None = Field(description="The work's version now; null where it is withdrawn.")
    at: datetime


class Changes(Strict):
    """What changed after a number, in order."""

    items: list[WorkChange]
    next: int = Field(description="The `after` to go on from, now or later.")
    more: bool = Field(description="Whether there is more already.")


class BylineInvitation(Strict):
    """That somebody is asked to sign a work."""

    id: int
    work: NamedWork
    author: Named
    by: str = Field(description="Who asks: a login.")
    at: datetime


class BylineInvitations(Strict):
    """All of them, oldest first."""

    items: list[BylineInvitation]
    total: int
