"""What a write takes: the members of works and chapters that an author may set, checked strictly.

Unknown and read-only members are errors, each with its JSON pointer; several are told at once. What is checked here is
form; what texts and names have to fulfil is in :mod:`app.works.preparing`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import FieldProblem, Invalid
from app.formats.record_model import (
    Category,
    Consent,
    Moment,
    Rating,
    Related,
    Status,
    Warning_,
)
from app.kit.pointers import json_pointer
from app.kit.text import find_bad_character

MOST_CHAPTERS = 1_000
MOST_NAMES = 1_000
Id = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]
Text = Annotated[str, Field(strict=True)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TagById(_Input):
    """A tag as an answer shows it: its id counts, or else its name."""

    id: Id | None = None
    name: Text | None = None
    canonical_id: Any = None
    kind: Any = None
    members: Any = None


Names = Annotated[list[Text | TagById], Field(max_length=MOST_NAMES)]


class ChapterInput(_Input):
    """A chapter: one of the three contents, and what stands around it."""

    title: Text = ""
    summary: Text = Field("", description="HTML.")
    notes: Text = Field("", description="HTML.")
    end_notes: Text = Field("", description="HTML.")
    content: Text | None = Field(None, description="HTML.")
    content_markdown: Text | None = None
    content_text: Text | None = Field(None, description="Blank lines part paragraphs.")
    published_at: Moment | None = None
    state: Literal["draft", "published"] | None = Field(None, description="As its work, where it is left out.")


class NewChapter(ChapterInput):
    """A chapter that is added, at the end or at a position."""

    position: Annotated[int, Field(strict=True)] | None = None


class WorkPatch(_Input):
    """What can be changed of a work: a JSON merge patch (RFC 7396)."""

    title: Text = ""
    summary: Text = Field("", description="HTML.")
    notes: Text = Field("", description="HTML.")
    end_notes: Text = Field("", description="HTML.")
    language: Text = Field("", description="BCP 47, or the language's name.")
    rating: Rating | None = None
    warnings: list[Warning_] = Field(default_factory=list)
    categories: list[Category] = Field(default_factory=list)
    fandoms: Names = Field(default_factory=list, description="Names, or objects with an `id`.")
    characters: Names = Field(default_factory=list)
    relationships: Names = Field(default_factory=list)
    freeforms: Names = Field(default_factory=list)
    author_ids: list[Id] = Field(default_factory=list, description="Pen names; by default the account's first.")
    status: Status | None = None
    chapters_expected: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    published_at: Moment | None = None
    state: Literal["draft", "published"] = "draft"
    visibility: Literal["public", "registered"] = "public"
    anonymous: Annotated[bool, Field(strict=True)] = False
    gifts: list[Text] = Field(default_factory=list)
    related: list[Related] = Field(default_factory=list)
    consent: Consent | None = None
    extra: dict[str, Any] | None = None


class NewWork(WorkPatch):
    """A work to post. Title, language, rating, a warning and a fandom are needed; a chapter to publish it."""

    chapters: Annotated[list[ChapterInput], Field(max_length=MOST_CHAPTERS)] = Field(default_factory=list)


class ChapterPatch(ChapterInput):
    """What can be changed of a chapter: a JSON merge patch (RFC 7396)."""


class ChapterOrder(_Input):
    """All chapters of a work in their new order."""

    chapter_ids: Annotated[list[Id], Field(max_length=100_000)]


class HideReason(_Input):
    """Why a work is hidden; its authors are told."""

    reason: Annotated[str, Field(strict=True, max_length=2_000, pattern=r"\S")]


class NewSeries(_Input):
    """A series: a title, and whose it is."""

    title: Text = ""
    summary: Text = Field("", description="HTML.")
    author_ids: list[Id] = Field(default_factory=list, description="Pen names; by default the account's first.")


class SeriesPatch(NewSeries):
    """What can be changed of a series: a JSON merge patch (RFC 7396)."""


class SeriesOrder(_Input):
    """The works of a series, in order."""

    work_ids: Annotated[list[Id], Field(max_length=1_000)]


READ_ONLY = {
    NewWork: "id authors series chapters_posted has_text words revised_at stats source version hidden_reason",
    ChapterInput: "id work_id position words revised_at version previous_id next_id",
    NewChapter: "id work_id words revised_at version previous_id next_id",
    NewSeries: "id works_count words version",
}
READ_ONLY[WorkPatch] = READ_ONLY[NewWork] + " chapters"
READ_ONLY[SeriesPatch] = READ_ONLY[NewSeries]
READ_ONLY[ChapterPatch] = READ_ONLY[ChapterInput]
_ELSEWHERE = {
    "authors": "author_ids",
    "chapters": "POST …/chapters",
    "position": "PUT …/chapters/order",
    "series": "PUT /v1/series/{id}/works",
}
_EMPTY: dict[str, Any] = dict.fromkeys(("summary", "notes", "end_notes"), "")
_EMPTY |= dict.fromkeys(("categories", "characters", "relationships", "freeforms", "gifts", "related"), ())
_REMOVABLE = {"chapters_expected", "consent", "extra"}
Model = TypeVar("Model", bound=BaseModel)


def read_input(model: type[Model], body: Any, *, patch: bool = False) -> Model:
    """Read a body; in a merge patch ``null`` empties a member. Raises :class:`~app.errors.Invalid` with every place."""
    if not isinstance(body, dict):
        problem = FieldProblem("not-an-object", "It is no object.", pointer="")
        raise Invalid("The body has to be a JSON object.", errors=[problem])
    problems = _members(model, body, "")
    if model is NewWork and isinstance(body.get("chapters"), list):
        for index, chapter in enumerate(body["chapters"][:MOST_CHAPTERS]):
            if isinstance(chapter, dict):
                problems += _members(ChapterInput, chapter, f"/chapters/{index}")
    problems += _bad_characters(body, "")
    if not problems and patch:
        body = _without_nulls(model, body, problems)
    if not problems:
        try:
            return model.model_validate(body)
        except ValidationError as error:
            problems = _problems(error)
    raise invalid(problems)


def invalid(problems: list[FieldProblem]) -> Invalid:
    """All problems of a body as one error."""
    places = ", ".join(f"`{problem.pointer}`" for problem in problems[:5])
    return Invalid(f"The body is not valid: see {places}{' …' if len(problems) > 5 else ''}.", errors=problems)  # noqa: PLR2004


def _members(model: type[BaseModel], body: Mapping[str, Any], pointer: str) -> list[FieldProblem]:
    problems = []
    names = list(model.model_fields)
    read_only = READ_ONLY.get(model, "").split()
    for name in body:
        if name in model.model_fields:
            continue
        shown = name[:100] if find_bad_character(name) is None else "?"
        place = pointer + json_pointer(shown)
        if name in read_only:
            instead = _ELSEWHERE.get(name)
            detail = f"It cannot be set here{f': see {instead}' if instead else ''}."
            problems.append(FieldProblem("read-only-member", detail, pointer=place))
            continue
        near = difflib.get_close_matches(name[:60], names, 1)
        suggestion = near[0] if near else None
        problems.append(
            FieldProblem("unknown-member", "There is no such member.", pointer=place, suggestion=suggestion)
        )
    return problems


def _without_nulls(model: type[BaseModel], body: dict[str, Any], problems: list[FieldProblem]) -> dict[str, Any]:
    found = {}
    for name, value in body.items():
        if value is not None or name in _REMOVABLE:
            found[name] = value
        elif name in _EMPTY or (name == "title" and issubclass(model, ChapterInput)):
            found[name] = _EMPTY.get(name, "")
        else:
            problems.append(FieldProblem("needed", "It cannot be removed.", pointer=f"/{name}"))
    return found


def _bad_characters(value: Any, pointer: str) -> list[FieldProblem]:
    """Characters that no text may hold, wherever they stand; how deep a body goes is limited where it is read."""
    if isinstance(value, str):
        bad = find_bad_character(value)
        return (
            [FieldProblem("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", pointer=pointer)] if bad else []
        )
    if isinstance(value, list):
        return [found for index, one in enumerate(value) for found in _bad_characters(one, f"{pointer}/{index}")]
    problems = []
    for name, inner in value.items() if isinstance(value, dict) else ():
        if find_bad_character(name):
            problems.append(FieldProblem("bad-character", "A name holds a bad character.", pointer=pointer))
        else:
            problems += _bad_characters(inner, pointer + json_pointer(name))
    return problems


_BRANCHES = {"str", "constrained-str", "TagById"}
_WANTED = {
    "string": "a string",
    "int": "a whole number",
    "bool": "true or false",
    "list": "an array",
    "dict": "an object",
    "model": "an object",
}
_NAMES = {"fandoms", "characters", "relationships", "freeforms"}
_CODES = {
    "too_long": "too-many",
    "string_too_long": "too-long",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
    "extra_forbidden": "unknown-member",
    "missing": "missing",
    "string_pattern_mismatch": "missing",
}
_DETAILS = {
    "unknown-member": "There is no such member.",
    "missing": "It is needed.",
    "bad-url": "It has to be an http or https address.",
}


def _problems(error: ValidationError) -> list[FieldProblem]:
    """One a place: a choice of forms that fails is told once."""
    found: dict[str, FieldProblem] = {}
    for one in error.errors(include_url=False):
        problem = _problem(one)
        assert problem.pointer is not None
        found.setdefault(problem.pointer, problem)
    return list(found.values())


def _problem(found: Any) -> FieldProblem:
    """One of the checker's errors in our words, without the input."""
    loc = [part for index, part in enumerate(found["loc"]) if not (index and part in _BRANCHES)]
    place = json_pointer(*loc)
    kind = str(found["type"])
    message = str(found["msg"]).removeprefix("Value error, ")
    if message.startswith("bad-date: "):
        detail = "It has to be a date (2026-11-22) or a time (2026-11-22T21:07:10Z)."
        return FieldProblem("bad-date", detail, pointer=place)
    if kind.endswith("_type"):
        wanted = _WANTED.get(kind.partition("_")[0], "of another type")
        if loc[0] in _NAMES and len(loc) == 2:  # noqa: PLR2004  an entry of the list
            wanted = "a name, or an object with an `id`"
        return FieldProblem("wrong-type", f"It has to be {wanted}.", pointer=place)
    if kind == "literal_error":
        return _other_word(found, place)
    simple = "bad-url" if loc[-1] == "url" and kind == "string_pattern_mismatch" else _CODES.get(kind, "bad-value")
    return FieldProblem(simple, _DETAILS.get(simple, f"{message}."), pointer=place)


def _other_word(found: Any, place: str) -> FieldProblem:
    expected = found["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
    near = difflib.get_close_matches(str(found["input"])[:60], expected.split(", "), 1)
    suggestion = near[0] if near else None
    return FieldProblem("bad-value", f"It has to be one of {expected}.", pointer=place, suggestion=suggestion)
