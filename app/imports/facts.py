"""The lines of a whole dump beside its records, checked on import: a dump may come from anybody.

The members are those that :mod:`app.exports.facts` writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Count = Annotated[int, Field(ge=0, le=2**62)]
Number = Annotated[int, Field(ge=1, le=2**62)]
Hash = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{2}){1,32}$")]
Short = Annotated[str, Field(max_length=1_000)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AuthorFacts(_Line):
    """An author; ``site`` is null for a pen name that was made in the archive."""

    id: Number
    name: Short
    site: Short | None
    bio: str
    version: Number
    created_at: AwareDatetime


class SeriesFacts(_Line):
    """A series; ``identity`` is what imports know it by, ``authors`` whose it is."""

    id: Number
    title: Short
    summary: str
    identity: Annotated[str, Field(max_length=3_000)] | None
    version: Number
    created_at: AwareDatetime
    was_public: bool = False
    """Dumps of before do not say it."""
    authors: list[Number]


class PlaceFacts(_Line):
    """A work's place in a series."""

    series_id: Number
    position: Count
    place: Count | None


class SourceFacts(_Line):
    """What a work is known by elsewhere; ``url_key`` is null where its address is what another work is known by."""

    site: Short | None
    site_id: Short | None
    url: Annotated[str, Field(max_length=4_000)] | None
    position: Number
    url_key: Annotated[str, Field(max_length=4_000)] | None


class KeyFacts(_Line):
    """An importer's own name for a work."""

    importer: Short
    key: Short


class WithheldFacts(_Line):
    """That a work is hidden or deleted."""

    kind: Literal["hidden", "deleted"]
    state_before: Literal["draft", "published", "hidden", "deleted"]
    reason: str
    by: Short | None
    at: AwareDatetime
    undone_import: Count | None = None


class ChapterFacts(_Line):
    """What a chapter's record does not say."""

    published_at: AwareDatetime
    revised_at: AwareDatetime
    version: Number
    revision: Number
    dated: bool
    saved_at: AwareDatetime | None
    saved_by: Short | None
    words_added: Count
    words_removed: Count
    was_public: bool | None = None
    """Dumps of before do not say it."""


class InputFacts(_Line):
    """A file that told of a work, and what of it was believed: so that it is known when it comes again."""

    place: Hash
    format: Short
    digest: Hash
    told: Count
    day: Count | None
    chapters: Count | None
    taken_at: AwareDatetime


class WorkFacts(_Line):
    """What a work's record does not say."""

    state: Literal["draft", "published", "hidden", "deleted"]
    listing: Literal["never", "now", "formerly"]
    was_public: bool
    dated: bool
    language: Short
    version: Number
    created_at: AwareDatetime
    edited_at: AwareDatetime | None
    published_at: AwareDatetime
    revised_at: AwareDatetime
    counted_kudos: Count
    counted_comments: Count
    counted_bookmarks: Count
    counted_hits: Count
    brought_kudos: Count
    brought_comments: Count
    brought_bookmarks: Count
    brought_hits: Count
    authors: list[Number]
    series: list[PlaceFacts]
    sources: list[SourceFacts]
    keys: list[KeyFacts]
    withheld: list[WithheldFacts]
    inputs: list[InputFacts] = Field(default_factory=list)
    """Dumps of before have none."""
    chapters: list[ChapterFacts]


class RevisionFacts(_Line):
    """What a chapter was before."""

    work_id: Number
    position: Number
    revision: Number
    at: AwareDatetime
    by: Short | None
    title: Short
    summary: str
    notes: str
    end_notes: str
    words: Count
    content: str
    words_added: Count
    words_removed: Count


class EffectFacts(_Line):
    """One fact of a tag that an act changed."""

    what: Literal["created", "name", "canonical", "canonical_id", "parent", "broader"]
    tag_id: Count
    other_id: Count | None
    before: Short | None
    after: Short | None

    @model_validator(mode="after")
    def _numbers(self) -> Self:
        if self.what == "canonical_id" and not all((value or "0").isdecimal() for value in (self.before, self.after)):
            raise ValueError("a synonym's canonical is the number of a tag")
        return self


class AskedFacts(_Line):
    """What an act asked for, as a client sends it."""

    name: Short | None = None
    canonical: bool | None = None
    canonical_id: Count | None = None
    parents: list[Count] = []
    broader: list[Count] = []
    add_parents: list[Count] = []
    remove_parents: list[Count] = []
    add_broader: list[Count] = []
    remove_broader: list[Count] = []
    create: tuple[Short, Short] | None = None
    delete: bool = False


class ActFacts(_Line):
    """An act on a tag; ``tags`` are the types and names of the tags that its numbers stand for."""

    id: Number
    tag_id: Count
    at: AwareDatetime
    signed_by: Short
    asked: AskedFacts
    works: Count | None
    undoes: Number | None
    undone_by: Number | None
    effects: list[EffectFacts]
    tags: dict[Annotated[str, Field(pattern=r"^[0-9]{1,19}$")], tuple[Short, Short]]

    def mentioned(self) -> set[int]:
        """The numbers of all tags in it."""
        asked = self.asked
        ids = {self.tag_id, *asked.parents, *asked.broader, *asked.add_parents, *asked.remove_parents}
        ids |= {*asked.add_broader, *asked.remove_broader}
        ids |= {one for one in (asked.canonical_id, *(effect.other_id for effect in self.effects)) if one is not None}
        ids |= {effect.tag_id for effect in self.effects}
        synonyms = [effect for effect in self.effects if effect.what == "canonical_id"]
        values = (value for effect in synonyms for value in (effect.before, effect.after) if value)
        return ids | {int(value) for value in values}


class Manifest(BaseModel):
    """What a folder says of itself."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["fanarchive-dump"]
    version: Literal[1]
    origin: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    made_at: datetime
