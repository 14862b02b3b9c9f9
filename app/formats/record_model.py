"""The import record as models: what one line may hold, from which its JSON Schema is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.kit.dates import BadDate, parse_moment
from app.kit.names import parse_ao3_token
from app.kit.urls import LONGEST_URL

LARGEST = 2**63 - 1
KEY_LIMIT = 255
"""Characters of a key, and of a site and an id there."""
MOST = 200
"""Authors, series, addresses and related works of one work."""
MOST_GIFTS = 1_000
EXTRA_LIMIT = 65_536
"""Bytes of ``extra`` as JSON: it is shown in every list."""


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("bad-date: a date is a string such as 2026-11-22 or 2026-11-22T21:07:10Z")  # noqa: TRY004
    try:
        return parse_moment(value)
    except BadDate as error:
        raise ValueError(f"bad-date: {error}") from error


def _token(kind: Literal["rating", "warning", "category", "status"]) -> Any:
    def parse(value: Any) -> Any:
        return (parse_ao3_token(kind, value) or value) if isinstance(value, str) else value

    return BeforeValidator(parse)


def _small(extra: dict[str, Any]) -> dict[str, Any]:
    size = len(orjson.dumps(extra))
    if size > EXTRA_LIMIT:
        raise ValueError(f"too-long: It has {size} bytes as JSON, the limit is {EXTRA_LIMIT}.")
    return extra


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "description": "A date or a time (RFC 3339).", "examples": ["2026-11-22"]}),
]
Count = Annotated[int, Field(ge=0, le=LARGEST, strict=True)]
Rating = Annotated[Literal["not_rated", "general", "teen", "mature", "explicit"], _token("rating")]
Warning_ = Annotated[
    Literal[
        "choose_not_to_warn",
        "no_warnings_apply",
        "graphic_violence",
        "major_character_death",
        "rape_non_con",
        "underage",
    ],
    _token("warning"),
]
Category = Annotated[Literal["gen", "f_m", "f_f", "m_m", "multi", "other"], _token("category")]
Status = Annotated[Literal["in_progress", "complete", "hiatus", "abandoned"], _token("status")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NamedRef(BaseModel):
    """An author or tag as an object; only its name counts."""

    model_config = ConfigDict(extra="ignore")
    name: str


Name = str | NamedRef


class SeriesPart(_Part):
    """A series and the work's place in it."""

    id: Any = None
    title: str
    position: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None


class SourcePart(_Part):
    """Where the work came from: its identity."""

    site: Annotated[str, Field(max_length=KEY_LIMIT)] | None = None
    id: Annotated[str, Field(strict=True, max_length=KEY_LIMIT)] | Annotated[int, Field(strict=True, ge=0)] | None = (
        None
    )
    url: str | None = None


class StatsPart(_Part):
    """Counters that are brought along."""

    kudos: Count = 0
    comments: Count = 0
    bookmarks: Count = 0
    hits: Count = 0


class ChapterPart(_Part):
    """A chapter; exactly one of the three contents."""

    title: str = ""
    content: str | None = None
    content_markdown: str | None = None
    content_text: str | None = None
    summary: str = ""
    notes: str = ""
    end_notes: str = ""
    published_at: Moment | None = None
    state: Literal["draft", "published"] | None = None
    source_url: Annotated[str, Field(max_length=LONGEST_URL, pattern=r"^https?://")] | None = None
    id: Any = None
    work_id: Any = None
    position: Any = None
    words: Any = None
    revised_at: Any = None
    version: Any = None
    previous_id: Any = None
    next_id: Any = None


class Consent(_Part):
    """What the author allows."""

    download: Literal["yes", "no", "ask"] | None = None
    translation: Literal["yes", "no", "ask"] | None = None
    podfic: Literal["yes", "no", "ask"] | None = None
    ai_training: Literal["yes", "no", "ask"] | None = None
    indexing: Literal["yes", "no", "ask"] | None = None


class Related(_Part):
    """A work that this one comes from."""

    relation: Literal["inspired_by", "translation_of"]
    title: Annotated[str, Field(max_length=KEY_LIMIT)] | None = None
    url: Annotated[str, Field(max_length=LONGEST_URL, pattern=r"^https?://")] | None = None
    work_id: int | None = None


class ImportRecord(_Part):
    """A work to import. Only a title or a chapter is needed."""

    title: str | None = None
    authors: list[Name] = Field(default_factory=list, max_length=MOST)
    summary: str = ""
    notes: str = ""
    end_notes: str = ""
    language: str | None = None
    rating: Rating | None = None
    warnings: list[Warning_] = Field(default_factory=list)
    categories: list[Category] = Field(default_factory=list)
    fandoms: list[Name] = Field(default_factory=list)
    characters: list[Name] = Field(default_factory=list)
    relationships: list[Name] = Field(default_factory=list)
    freeforms: list[Name] = Field(default_factory=list)
    series: list[SeriesPart] = Field(default_factory=list, max_length=MOST)
    chapters: list[ChapterPart] = Field(default_factory=list)
    status: Status | None = None
    words: Count | None = None
    chapters_posted: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None = None
    chapters_expected: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    published_at: Moment | None = None
    revised_at: Moment | None = None
    stats: StatsPart | None = None
    source: SourcePart | None = None
    source_urls: list[str] = Field(default_factory=list, max_length=MOST)
    key: Annotated[str, Field(min_length=1, max_length=KEY_LIMIT)] | None = None
    state: Literal["draft", "published"] = "published"
    visibility: Literal["public", "registered"] = "public"
    anonymous: Annotated[bool, Field(strict=True)] = False
    gifts: list[Annotated[str, Field(max_length=KEY_LIMIT)]] = Field(default_factory=list, max_length=MOST_GIFTS)
    related: list[Related] = Field(default_factory=list, max_length=MOST)
    consent: Consent | None = None
    extra: Annotated[dict[str, Any], AfterValidator(_small)] = Field(default_factory=dict)
    id: Any = None
    version: Any = None
    has_text: Any = None
