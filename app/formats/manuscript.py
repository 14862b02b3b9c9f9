"""The one form every file is read into and every file is written from.

A reader turns bytes into :class:`Manuscript` objects; it never decides what the archive does with
them. Text is still as the source had it: HTML is *not* yet cleaned, names are not yet normalised.
What a reader could not be sure of is a notice on the manuscript, in words a person understands.

Shapes are those of the import record (``/schemas/import-record.json``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Rating = Literal["not_rated", "general", "teen", "mature", "explicit"]
Status = Literal["in_progress", "complete", "hiatus", "abandoned"]
TextFormat = Literal["html", "markdown", "text"]


@dataclass(slots=True)
class SourceRef:
    """Where a work came from; any member may be missing, but not all of them."""

    site: str | None = None
    id: str | None = None
    url: str | None = None


@dataclass(slots=True)
class SeriesRef:
    """A series the work belongs to, and the work's place in it (from 1)."""

    title: str
    position: int | None = None


@dataclass(slots=True)
class ManuscriptChapter:
    """One chapter; ``content`` is in ``content_format``."""

    content: str
    content_format: TextFormat = "html"
    title: str = ""
    summary: str = ""
    notes: str = ""
    end_notes: str = ""
    published_at: datetime | None = None
    state: Literal["draft", "published"] | None = None
    source_url: str | None = None
    """Its own address at the source, by which it is met again when others were put before it."""


@dataclass(slots=True)
class Manuscript:
    """A work as a file tells it. ``None`` and empty mean: the file does not say."""

    title: str | None = None
    authors: list[str] = field(default_factory=list)
    summary: str = ""
    notes: str = ""
    end_notes: str = ""
    language: str | None = None
    rating: Rating | None = None
    warnings: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    fandoms: list[str] = field(default_factory=list)
    characters: list[str] = field(default_factory=list)
    relationships: list[str] = field(default_factory=list)
    freeforms: list[str] = field(default_factory=list)
    series: list[SeriesRef] = field(default_factory=list)
    chapters: list[ManuscriptChapter] = field(default_factory=list)
    status: Status | None = None
    words: int | None = None
    chapters_posted: int | None = None
    chapters_expected: int | None = None
    published_at: datetime | None = None
    revised_at: datetime | None = None
    stats: dict[str, int] = field(default_factory=dict)
    source: SourceRef | None = None
    source_urls: list[str] = field(default_factory=list)
    key: str | None = None
    state: Literal["draft", "published"] = "published"
    visibility: Literal["public", "registered"] = "public"
    anonymous: bool = False
    gifts: list[str] = field(default_factory=list)
    related: list[dict[str, Any]] = field(default_factory=list)
    consent: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ReadItem:
    """One item of an input: a manuscript, or the reason why there is none.

    ``input`` names the place for a person ("works.ndjson line 7"); ``problem`` has the members
    ``code``, ``detail`` and, where one is known, ``pointer`` (a JSON pointer, a column or an offset).
    """

    input: str
    manuscript: Manuscript | None = None
    problem: dict[str, Any] | None = None
    key: str | None = None
    """The importer's own name for what could not be read; a manuscript has its own."""
    alone: bool = False
    """The file holds this one work, so that the file can stand for it."""
    entry: str | None = None
    """The name of the file within the archive that it came from."""
    format: str | None = None
    file: str = ""
    """The name of the reader, and of the file that it read."""
    titled_by_name: bool = False
    """The file says no title: it has that of its name."""
    known_beside: bool = False
    """What the work is known by was told beside the file, not in it."""
