"""Chapters as they are sent, made ready to be stored; and the checks that works and chapters share. No database.

Every problem of a body is found before it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from app.config import Settings
from app.errors import FieldProblem
from app.works.drafts import ChapterDraft
from app.works.inputs import ChapterInput, ChapterPatch, NewChapter, invalid
from app.works.texts import BadMember, Limits, checked_title, clean_content, clean_prose, not_ahead

_CONTENTS = (("html", "content"), ("markdown", "content_markdown"), ("text", "content_text"))
T = TypeVar("T")


@dataclass(slots=True)
class ChapterEdit:
    """What changes of a chapter; what is not named stays."""

    columns: dict[str, Any] = field(default_factory=dict)
    published_at: datetime | None = None
    state: str | None = None


@dataclass(slots=True)
class ChapterToPost:
    """A new chapter; without a state it is as its work."""

    draft: ChapterDraft
    state: str | None
    dated: bool
    position: int | None = None


class Checks:
    """Runs checks and keeps what they find wrong."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.problems: list[FieldProblem] = []
        self.limits = Limits(
            settings.summary_limit, settings.notes_limit, settings.chapter_max, settings.embedded_images,
            settings.chapter_min,
        )  # fmt: skip

    def wrong(self, code: str, detail: str, pointer: str) -> None:
        """Remember a problem."""
        self.problems.append(FieldProblem(code, detail, pointer=pointer))

    def take(self, default: T, check: Callable[..., T], *values: Any) -> T:
        """What a check makes of some values, or the default where it finds something wrong."""
        try:
            return check(*values)
        except BadMember as error:
            self.wrong(error.code, error.detail, error.pointer or "")
            return default

    def title(self, title: str, pointer: str, *, needed: bool = True) -> str:
        """A title in one line."""
        checked = self.take("?", checked_title, title, pointer)
        if needed and not checked:
            self.wrong("missing", "A title is needed.", pointer)
        return checked

    def prose(self, html: str, pointer: str, limit: int) -> str:
        """A summary or notes, cleaned."""
        return self.take("", clean_prose, html, pointer, limit, self.limits)

    def date(self, moment: datetime | None, pointer: str) -> datetime | None:
        """A date that does not lie ahead."""
        return self.take(None, not_ahead, moment, pointer)

    def finish(self) -> None:
        """Raise what was found, if anything was."""
        if self.problems:
            raise invalid(self.problems)


def chapter_to_post(body: NewChapter, settings: Settings) -> ChapterToPost:
    """A chapter to add. Raises :class:`~app.errors.Invalid` naming all that is wrong with it."""
    checks = Checks(settings)
    chapter = new_chapter(checks, body, "", datetime.now(UTC))
    checks.finish()
    chapter.position = body.position
    return chapter


def new_chapter(checks: Checks, body: ChapterInput, pointer: str, otherwise: datetime) -> ChapterToPost:
    """A chapter of a body; what is wrong with it is kept in ``checks``."""
    date = checks.date(body.published_at, f"{pointer}/published_at")
    content, words = _content(checks, body, pointer) or ("", 0)
    draft = ChapterDraft(
        title=checks.title(body.title, f"{pointer}/title", needed=False),
        summary=checks.prose(body.summary, f"{pointer}/summary", checks.limits.summary),
        notes=checks.prose(body.notes, f"{pointer}/notes", checks.limits.notes),
        end_notes=checks.prose(body.end_notes, f"{pointer}/end_notes", checks.limits.notes),
        content=content,
        words=words,
        published_at=date or otherwise,
    )
    return ChapterToPost(draft, body.state, date is not None)


def _content(checks: Checks, body: ChapterInput, pointer: str, *, needed: bool = True) -> tuple[str, int] | None:
    forms = [(form, name) for form, name in _CONTENTS if getattr(body, name) is not None]
    if len(forms) > 1 or (needed and not forms):
        detail = "A chapter has exactly one of content, content_markdown and content_text."
        checks.wrong("one-content" if forms else "missing", detail, f"{pointer}/{forms[-1][1] if forms else 'content'}")
    if len(forms) != 1:
        return None
    form, name = forms[0]
    return checks.take(("", 0), clean_content, getattr(body, name), form, f"{pointer}/{name}", checks.limits)


def chapter_edit(body: ChapterPatch, settings: Settings) -> ChapterEdit:
    """What a merge patch changes. Raises :class:`~app.errors.Invalid` naming all that is wrong with it."""
    checks = Checks(settings)
    given = body.model_fields_set
    edit = ChapterEdit(published_at=checks.date(body.published_at, "/published_at"))
    edit.state = body.state if "state" in given else None
    if "title" in given:
        edit.columns["title"] = checks.title(body.title, "/title", needed=False)
    for name, limit in (("summary", checks.limits.summary), ("notes", checks.limits.notes)):
        if name in given:
            edit.columns[name] = checks.prose(getattr(body, name), f"/{name}", limit)
    if "end_notes" in given:
        edit.columns["end_notes"] = checks.prose(body.end_notes, "/end_notes", checks.limits.notes)
    content = _content(checks, body, "", needed=False)
    checks.finish()
    if content is not None:
        edit.columns["content"], edit.columns["words"] = content
    return edit
