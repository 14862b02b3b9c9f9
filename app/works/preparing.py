"""From what an author sends to what can be stored: cleaned, counted, within the limits of the API. No database.

Every problem of a body is found before it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.config import Settings
from app.kit.languages import language_tag
from app.kit.text import name_key
from app.kit.urls import is_web_address
from app.works.drafts import WorkDraft
from app.works.inputs import (
    NewSeries,
    NewWork,
    TagById,
    WorkPatch,
)
from app.works.preparing_chapters import Checks, new_chapter
from app.works.rules import BadPlan, Plan, chosen, settled
from app.works.texts import (
    checked_name,
    checked_names,
)

TAG_MEMBERS = {"fandoms": "fandom", "characters": "character", "relationships": "relationship", "freeforms": "freeform"}
_NEEDED = ("title", "language", "rating", "warnings", "fandoms")


@dataclass(frozen=True, slots=True)
class TagChoice:
    """A tag by its name or its id, and where in the body it stands."""

    pointer: str
    name: str | None = None
    id: int | None = None


Tags = dict[str, list[TagChoice]]


@dataclass(slots=True)
class WorkToPost:
    """A new work; its tags and authors are still to be looked up."""

    draft: WorkDraft
    tags: Tags
    author_ids: list[int]
    dated: bool
    dated_chapters: list[int]
    """The positions of the chapters that came with a date."""


@dataclass(slots=True)
class WorkEdit:
    """What changes of a work; what is not named stays."""

    columns: dict[str, Any] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
    author_ids: list[int] | None = None
    details: dict[str, Any] = field(default_factory=dict)
    status: str | None = None
    expected: int | None = None
    sets_expected: bool = False
    published_at: datetime | None = None
    state: str | None = None


@dataclass(slots=True)
class SeriesEdit:
    """What a series is, or becomes."""

    columns: dict[str, Any] = field(default_factory=dict)
    author_ids: list[int] | None = None


def work_to_post(body: NewWork, settings: Settings) -> WorkToPost:
    """A work to store. Raises :class:`~app.errors.Invalid` naming all that is wrong with it."""
    checks = Checks(settings)
    given = body.model_fields_set
    for name in _NEEDED:
        if not getattr(body, name):
            checks.wrong("missing", "It is needed.", f"/{name}")
    columns = _work_columns(checks, body, given | {"title"} if body.title else given - {"title"})
    tags = _tags(checks, body, given)
    count = sum(map(len, tags.values()))
    if count > settings.tags_limit:
        checks.wrong("too-many-tags", f"The work has {count} tags, the limit is {settings.tags_limit}.", "/freeforms")
    now = datetime.now(UTC)
    chosen_date = checks.date(body.published_at, "/published_at")
    chapters = [
        new_chapter(checks, chapter, f"/chapters/{index}", chosen_date or now)
        for index, chapter in enumerate(body.chapters)
    ]
    for chapter in chapters:
        chapter.draft.state = chapter.state or body.state
    posted = [chapter.draft for chapter in chapters if chapter.draft.state == "published"]
    if body.state == "published" and not posted:
        checks.wrong("chapter-needed", "A published work needs a published chapter.", "/chapters")
    details = {name: value for name, value in _details(checks, body, given).items() if value}
    plan = _first_plan(checks, body, len(posted), len(chapters))
    checks.finish()
    published = chosen_date or (posted[0].published_at if posted else now)
    draft = WorkDraft(
        **({"summary": "", "notes": "", "end_notes": "", "categories": []} | columns),
        authors=[],
        site="",
        tags={},
        series=[],
        status=plan.status,
        state=body.state,
        has_text=bool(chapters),
        words=sum(chapter.words for chapter in posted),
        chapters_posted=plan.posted,
        chapters_expected=plan.expected,
        published_at=published,
        revised_at=max([published, *(chapter.published_at for chapter in posted)]),
        stats=(0, 0, 0, 0),
        details=details,
        chapters=[chapter.draft for chapter in chapters],
        sources=[],
        keys=[],
        digest=None,
    )
    dated = [position for position, chapter in enumerate(chapters, 1) if chapter.dated]
    return WorkToPost(draft, tags, list(dict.fromkeys(body.author_ids)), chosen_date is not None, dated)


def _first_plan(checks: Checks, body: NewWork, posted: int, written: int) -> Plan:
    start = Plan("in_progress", posted, None)
    try:
        return chosen(
            start,
            status=body.status,
            expected=body.chapters_expected,
            sets_expected=body.chapters_expected is not None,
            written=written,
        )
    except BadPlan as error:
        checks.wrong(error.code, error.detail, f"/{error.member}")
        return settled(start)


def work_edit(body: WorkPatch, settings: Settings) -> WorkEdit:
    """What a merge patch changes. Raises :class:`~app.errors.Invalid` naming all that is wrong with it."""
    checks = Checks(settings)
    given = body.model_fields_set
    for name in (*_NEEDED, "author_ids"):
        if name in given and not getattr(body, name):
            checks.wrong("needed", "It cannot be removed.", f"/{name}")
    edit = WorkEdit(
        columns=_work_columns(checks, body, given),
        tags=_tags(checks, body, given),
        author_ids=list(dict.fromkeys(body.author_ids)) if "author_ids" in given else None,
        details=_details(checks, body, given),
        status=body.status,
        expected=body.chapters_expected,
        sets_expected="chapters_expected" in given,
        published_at=checks.date(body.published_at, "/published_at"),
        state=body.state if "state" in given else None,
    )
    checks.finish()
    return edit


def _work_columns(checks: Checks, body: WorkPatch, given: set[str]) -> dict[str, Any]:
    """The members that are columns: those that are given, and for a new work those with a default that counts."""
    columns: dict[str, Any] = {}
    if "title" in given and body.title:
        columns["title"] = checks.title(body.title, "/title")
    limits = {"summary": checks.limits.summary, "notes": checks.limits.notes, "end_notes": checks.limits.notes}
    for name, limit in limits.items():
        if name in given:
            columns[name] = checks.prose(getattr(body, name), f"/{name}", limit)
    if "language" in given and body.language:
        columns["language"] = language_tag(body.language)
        if columns["language"] is None:
            checks.wrong("bad-value", "It has to be a BCP 47 tag, such as en or pt-BR.", "/language")
    for name in ("warnings", "categories"):
        if name in given:
            columns[name] = list(dict.fromkeys(getattr(body, name)))
    always = ("visibility", "anonymous") if isinstance(body, NewWork) else ()
    for name in ("rating", "visibility", "anonymous"):
        if name in given or name in always:
            columns[name] = getattr(body, name)
    return columns


def _tags(checks: Checks, body: WorkPatch, given: set[str]) -> Tags:
    found: Tags = {}
    for member, kind in TAG_MEMBERS.items():
        if member in given:
            found[kind] = _choices(checks, getattr(body, member), f"/{member}")
    return found


def _choices(checks: Checks, entries: Sequence[str | TagById], pointer: str) -> list[TagChoice]:
    """Each tag once: by its id, or by what makes two names the same."""
    chosen_tags: dict[int | str, TagChoice] = {}
    for index, entry in enumerate(entries):
        place = f"{pointer}/{index}"
        name = entry if isinstance(entry, str) else entry.name
        if isinstance(entry, TagById) and entry.id is not None:
            chosen_tags.setdefault(entry.id, TagChoice(f"{place}/id", id=entry.id))
        elif name is None:
            checks.wrong("missing", "A tag needs a name or an id.", place)
        else:
            checked = checks.take("?", checked_name, name, place)
            chosen_tags.setdefault(name_key(checked), TagChoice(place, name=checked))
    return list(chosen_tags.values())


def _details(checks: Checks, body: WorkPatch, given: set[str]) -> dict[str, Any]:
    """``extra``, ``gifts``, ``related`` and ``consent``, as a merge patch of what is there."""
    details: dict[str, Any] = {"extra": body.extra} if "extra" in given else {}
    if "gifts" in given:
        none: list[str] = []
        details["gifts"] = checks.take(none, checked_names, body.gifts, "/gifts")
    if "related" in given:
        details["related"] = [related.model_dump(exclude_none=True) for related in body.related]
        for index, related in enumerate(body.related):
            if related.url is not None and not is_web_address(related.url):
                checks.wrong("bad-url", "It has to be an http or https address.", f"/related/{index}/url")
    if "consent" in given:
        details["consent"] = (
            body.consent.model_dump(exclude_unset=True, exclude_none=isinstance(body, NewWork))
            if body.consent
            else None
        )
    return details


def merged(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A merge patch applied (RFC 7396): objects are merged, ``null`` removes, all else replaces; what is empty goes."""
    result = dict(stored)
    for name, value in patch.items():
        if isinstance(value, dict):
            old = result.get(name)
            value = merged(old if isinstance(old, dict) else {}, value)  # noqa: PLW2901
        if value is None or (isinstance(value, dict | list) and not value):
            result.pop(name, None)
        else:
            result[name] = value
    return result


def series_edit(body: NewSeries, settings: Settings, *, new: bool) -> SeriesEdit:
    """A series, or what changes of one."""
    checks = Checks(settings)
    given = body.model_fields_set
    edit = SeriesEdit(author_ids=list(dict.fromkeys(body.author_ids)) if body.author_ids else None)
    if new or "title" in given:
        edit.columns["title"] = checks.title(body.title, "/title")
    if "summary" in given:
        edit.columns["summary"] = checks.prose(body.summary, "/summary", checks.limits.summary)
    if "author_ids" in given and not body.author_ids and not new:
        checks.wrong("needed", "It cannot be removed.", "/author_ids")
    checks.finish()
    return edit
