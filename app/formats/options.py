"""What a file does not say, given beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.formats.manuscript import Rating, Status


@dataclass(slots=True)
class ReadOptions:
    """Fills gaps only: what the file says stands."""

    title: str | None = None
    authors: list[str] = field(default_factory=list)
    fandoms: list[str] = field(default_factory=list)
    characters: list[str] = field(default_factory=list)
    relationships: list[str] = field(default_factory=list)
    freeforms: list[str] = field(default_factory=list)
    rating: Rating | None = None
    language: str | None = None
    status: Status | None = None
