"""One line of an import: the record, its JSON Schema, and its reading into a manuscript.

The form is that in which the archive exports its works, so members that only the archive can know (``id``, ``version``,
``has_text``, ``words`` of a chapter …) are taken and passed over, and so is every member but ``name`` of an author or a
tag (``canonical_id``, ``kind``, ``members``). Everything else that is unknown is an error, with a suggestion where one
is near.
"""

from __future__ import annotations

import difflib
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from app.formats.json_values import load_object
from app.formats.manuscript import Manuscript, ManuscriptChapter, SeriesRef, SourceRef
from app.formats.problems import Unreadable
from app.formats.record_model import (
    KEY_LIMIT,
    LARGEST,
    ChapterPart,
    Consent,
    ImportRecord,
    Name,
    Related,
    SeriesPart,
    SourcePart,
    StatsPart,
)
from app.kit.pointers import json_pointer
from app.kit.text import find_bad_character

MOST_TAGS = 1_000
_TAG_MEMBERS = ("fandoms", "characters", "relationships", "freeforms")


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


def key_of(line: bytes) -> str | None:
    """The importer's key of a record that could not be read, where that much of it can be."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    key = value.get("key") if isinstance(value, dict) else None
    return key if isinstance(key, str) and len(key) <= KEY_LIMIT and find_bad_character(key) is None else None


def manuscript_of(value: dict[str, Any]) -> Manuscript:
    """Read a record that is parsed already."""
    try:
        record = ImportRecord.model_validate(value)
    except ValidationError as error:
        raise _first_problem(error) from error
    if not (record.title or "").strip() and not record.chapters:
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
        stats=record.stats.model_dump(exclude_unset=True) if record.stats else {},
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
        source_url=part.source_url,
    )


_CODES = {
    "greater_than_equal": "number-too-small",
    "less_than_equal": "number-too-large",
    "string_too_long": "too-long",
    "too_long": "too-many",
    "missing": "missing",
}
_INNER_MODELS: dict[str, type[BaseModel]] = {
    "series": SeriesPart,
    "chapters": ChapterPart,
    "source": SourcePart,
    "stats": StatsPart,
    "related": Related,
    "consent": Consent,
}


def _first_problem(error: ValidationError) -> Unreadable:
    found = error.errors(include_url=False)[0]
    place = [part for index, part in enumerate(found["loc"]) if not (index and part in _BRANCHES)]
    pointer = json_pointer(*place)
    message = found["msg"].removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        return Unreadable("unknown-member", f"There is no such member.{_hint(place)}", pointer)
    for code in ("bad-date", "too-long"):
        if message.startswith(f"{code}: "):
            return Unreadable(code, message.removeprefix(f"{code}: "), pointer)
    value = found["input"]
    if isinstance(value, float) and abs(value) > LARGEST and found["type"].startswith("int"):
        # The parser has made a float of a whole number past 64 bits.
        code = "number-too-large" if value > 0 else "negative-number"
        return Unreadable(code, f"It has to lie between 0 and {LARGEST}.", pointer)
    code = _CODES.get(found["type"], "bad-value")
    if found["type"] == "greater_than_equal" and found.get("ctx", {}).get("ge") == 0:
        code = "negative-number"
    return Unreadable(code, f"{message}.", pointer)


# What the checker puts into a place for the branches of a choice; none of our members has such a name.
_BRANCHES = frozenset({"str", "int", "NamedRef", "constrained-str", "constrained-int"})


def _hint(place: list[int | str]) -> str:
    model = _INNER_MODELS.get(str(place[0]), ImportRecord) if len(place) > 1 else ImportRecord
    near = difflib.get_close_matches(str(place[-1])[:60], model.model_fields, 1)
    return f" Did you mean {near[0]}?" if near else ""
