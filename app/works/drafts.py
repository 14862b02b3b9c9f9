"""A work ready to be stored: checked, cleaned, counted. What importers (and later the API) hand to the commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.kit.shingles import NO_SKETCH, Hashes


@dataclass(slots=True)
class ChapterDraft:
    """A chapter with clean HTML and its words counted."""

    title: str
    summary: str
    notes: str
    end_notes: str
    content: str
    words: int
    published_at: datetime
    state: str = "published"
    source_url: str | None = None
    part_of_sketch: Hashes = field(default_factory=lambda: NO_SKETCH)
    """Of an import: what it brings to the sketch of its work."""


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """An identity of a work elsewhere: a site's own id, or a normalised address, or both."""

    site: str | None
    site_id: str | None
    url: str | None
    url_key: str | None

    def identities(self) -> list[tuple[str, str]]:
        """What a stored work is looked up by: (``"url"``, key) and (``"site:<site>"``, id)."""
        found = []
        if self.url_key:
            found.append(("url", self.url_key))
        if self.site and self.site_id:
            found.append((f"site:{self.site}", self.site_id))
        return found


@dataclass(slots=True)
class WorkDraft:
    """All of a work but its id; tags as names by type, in the author's order."""

    title: str
    authors: list[str]
    site: str
    summary: str
    notes: str
    end_notes: str
    language: str
    rating: str
    warnings: list[str]
    categories: list[str]
    tags: dict[str, list[str]]
    series: list[tuple[str, int | None]]
    status: str
    state: str
    visibility: str
    anonymous: bool
    has_text: bool
    words: int
    chapters_posted: int
    chapters_expected: int | None
    published_at: datetime
    revised_at: datetime
    stats: tuple[int, int, int, int]
    details: dict[str, Any]
    chapters: list[ChapterDraft]
    sources: list[SourceDraft]
    keys: list[str]
    digest: bytes | None
    """Of an import; none where the work was posted here."""
    notices: list[str] = field(default_factory=list)
    sketch: Hashes = field(default_factory=lambda: NO_SKETCH)
    """What an import recognises its text by."""
    said: frozenset[str] = frozenset()
    """What the source says at all: the rest was filled, and takes nothing away from a work that is here."""
    format: str | None = None
    place: bytes = b""
    """The format of the input, where it was read from a file, and what stands for that file."""
    chapters_told: int | None = None
    """How many chapters are out by what the source says, whether they are in the input or not."""
