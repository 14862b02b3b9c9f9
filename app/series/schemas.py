"""The shapes of series."""

from __future__ import annotations

from pydantic import BaseModel

from app.works.schemas import WorkCard


class SeriesEntry(BaseModel):
    """A series in a list."""

    id: int
    title: str


class Series(SeriesEntry):
    """A series; `works_count` and `words` are of what the caller may see."""

    summary: str
    author_ids: list[int]
    works_count: int
    words: int
    version: int


class SeriesList(BaseModel):
    """A page of series, newest first."""

    items: list[SeriesEntry]
    total: int
    next: str | None


class SeriesWorks(BaseModel):
    """The works of a series, in order."""

    items: list[WorkCard]
    total: int
