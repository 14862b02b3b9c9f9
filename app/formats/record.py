"""One line of an import: the record, its JSON Schema, and its reading into a manuscript.

The form is that in which the archive exports its works, so members that only the archive can know (``id``, ``version``,
``words`` of a chapter …) are taken and passed over. Everything else that is unknown is an error, with
a suggestion where one is near.
"""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from app.formats.json_values import load_object
from app.formats.manuscript import Manuscript, ManuscriptChapter, SeriesRef, SourceRef
from app.formats.problems import Unreadable
from app.kit.dates import BadDate, parse_moment
from app.kit.names import parse_ao3_token

LARGEST = 2**63 - 1
MOST_TAGS = 1_000
_TAG_MEMBERS = ("fandoms", "characters", "relationships", "freeforms")


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

    site: str | None = None
    id: str | int | None = None
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
    title: str | None = None
    url: str | None = None
    work_id: int | None = None


class ImportRecord(_Part):
    """A work to import. Only a title or a chapter is needed."""

    title: str | None = None
    authors: list[Name] = Field(default_factory=list)
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
    series: list[SeriesPart] = Field(default_factory=list)
    chapters: list[ChapterPart] = Field(default_factory=list)
    status: Status | None = None
    words: Count | None = None
    chapters_posted: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None = None
    chapters_expected: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    published_at: Moment | None = None
    revised_at: Moment | None = None
    stats: StatsPart | None = None
    source: SourcePart | None = None
    source_urls: list[str] = Field(default_factory=list)
    key: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    state: Literal["draft", "published"] = "published"
    visibility: Literal["public", "registered"] = "public"
    anonymous: bool = False
    gifts: list[str] = Field(default_factory=list)
    related: list[Related] = Field(default_factory=list)
    consent: Consent | None = None
    extra: dict[str, Any] = Field(default_factory=dict)
    id: Any = None
    version: Any = None
    has_text: Any = None


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record, as served at ``/schemas/import-record.json``."""
    schema = ImportRecord.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "/schemas/import-record.json",
        **schema,
        "anyOf": [
            {"required": ["title"], "properties": {"title": {"type": "string"}}},
            {"required": ["chapters"], "properties": {"chapters": {"minItems": 1}}},
        ],
    }


def parse_record(line: bytes) -> Manuscript:
    """Read one line; raises :class:`~app.formats.problems.Unreadable` naming what is wrong and where."""
    return manuscript_of(load_object(line))


def manuscript_of(value: dict[str, Any]) -> Manuscript:
    """Read a record that is parsed already."""
    try:
        record = ImportRecord.model_validate(value)
    except ValidationError as error:
        raise _first_problem(error) from error
    if record.title is None and not record.chapters:
        raise Unreadable("title-or-chapter-required", "A record needs a title or a chapter.", "/title")
    tags = {name: _names(getattr(record, name)) for name in _TAG_MEMBERS}
    count = sum(map(len, tags.values()))
    if count > MOST_TAGS:
        raise Unreadable("too-many-tags", f"The work has {count} tags, the limit is {MOST_TAGS}.", "/freeforms")
    return Manuscript(
        title=record.title,
        authors=_names(record.authors),
        summary=record.summary,
        notes=record.notes,
        end_notes=record.end_notes,
        language=record.language,
        rating=record.rating,
        warnings=list(record.warnings),
        categories=list(record.categories),
        **tags,
        series=[SeriesRef(series.title, series.position) for series in record.series],
        chapters=[_chapter(chapter, index) for index, chapter in enumerate(record.chapters)],
        status=record.status,
        words=record.words,
        chapters_posted=record.chapters_posted,
        chapters_expected=record.chapters_expected,
        published_at=record.published_at,
        revised_at=record.revised_at,
        stats=record.stats.model_dump() if record.stats else {},
        source=_source(record.source),
        source_urls=record.source_urls,
        key=record.key,
        state=record.state,
        visibility=record.visibility,
        anonymous=record.anonymous,
        gifts=record.gifts,
        related=[related.model_dump(exclude_none=True) for related in record.related],
        consent=record.consent.model_dump(exclude_none=True) if record.consent else {},
        extra=record.extra,
    )


def _names(names: list[Name]) -> list[str]:
    return [name if isinstance(name, str) else name.name for name in names]


def _source(source: SourcePart | None) -> SourceRef | None:
    if source is None:
        return None
    own = str(source.id) if source.id is not None else None
    if source.url is None and (source.site is None or own is None):
        raise Unreadable("incomplete-source", "A source has a url, or a site and an id.", "/source")
    return SourceRef(source.site, own, source.url)


def _chapter(part: ChapterPart, index: int) -> ManuscriptChapter:
    forms = [
        (form, text)
        for form, text in (("html", part.content), ("markdown", part.content_markdown), ("text", part.content_text))
        if text is not None
    ]
    if len(forms) != 1:
        detail = "A chapter has exactly one of content, content_markdown and content_text."
        raise Unreadable("one-content", detail, f"/chapters/{index}/content")
    form, text = forms[0]
    return ManuscriptChapter(
        content=text,
        content_format=form,  # type: ignore[arg-type]
        title=part.title,
        summary=part.summary,
        notes=part.notes,
        end_notes=part.end_notes,
        published_at=part.published_at,
        state=part.state,
    )


def _first_problem(error: ValidationError) -> Unreadable:
    found = error.errors(include_url=False, include_input=False)[0]
    place = [part for part in found["loc"] if part not in {"str", "NamedRef", "int"}]
    pointer = "".join(f"/{part}" for part in place)
    message = found["msg"].removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(place[-1]), ImportRecord.model_fields, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return Unreadable("unknown-member", f"There is no such member.{hint}", pointer)
    if message.startswith("bad-date: "):
        return Unreadable("bad-date", message.removeprefix("bad-date: "), pointer)
    codes = {"greater_than_equal": "number-too-small", "less_than_equal": "number-too-large", "missing": "missing"}
    code = codes.get(found["type"], "bad-value")
    if found["type"] == "greater_than_equal" and found.get("ctx", {}).get("ge") == 0:
        code = "negative-number"
    return Unreadable(code, f"{message}.", pointer)
