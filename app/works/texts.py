"""What every work that is stored goes through, imported or posted: texts cleaned, names checked, limits held. Pure.

What is wrong is a :class:`BadMember` with the place in the record or body it came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from app.kit.html import (
    HtmlRefused,
    clean_html,
    count_html_words,
    html_to_text,
    markdown_to_html,
    text_to_html,
)
from app.kit.text import BadName, check_tag_name, collapse, find_bad_character, name_key

TITLE_LIMIT = 255
FORMS = {"html": lambda html: html, "markdown": markdown_to_html, "text": text_to_html}


class BadMember(Exception):
    """A member of a record or body cannot be taken. ``pointer`` is a JSON pointer into it."""

    def __init__(self, code: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer

    def as_problem(self) -> dict[str, Any]:
        """As members of a report row."""
        problem = {"code": self.code, "detail": self.detail}
        if self.pointer is not None:
            problem["pointer"] = self.pointer
        return problem


@dataclass(frozen=True, slots=True)
class Limits:
    """Characters of text, and how images of other sites are kept."""

    summary: int
    notes: int
    chapter: int
    images: Literal["show", "link"]
    chapter_min: int = 0


def checked_title(title: str, pointer: str) -> str:
    """A title in one line; it may be empty."""
    title = collapse(title)
    bad = find_bad_character(title)
    if bad is not None:
        raise BadMember("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", pointer)
    if len(title) > TITLE_LIMIT:
        raise BadMember("too-long", f"The title has {len(title)} characters, the limit is {TITLE_LIMIT}.", pointer)
    return title


def checked_names(names: Iterable[str], pointer: str) -> list[str]:
    """Names by their identity, first spelling kept."""
    found: dict[str, str] = {}
    for index, name in enumerate(names):
        try:
            checked = check_tag_name(name)
        except BadName as error:
            raise BadMember(error.code, error.detail, f"{pointer}/{index}") from error
        found.setdefault(name_key(checked), checked)
    return list(found.values())


def checked_name(name: str, pointer: str) -> str:
    """A tag's or an author's name as it is kept."""
    try:
        return check_tag_name(name)
    except BadName as error:
        raise BadMember(error.code, error.detail, pointer) from error


def clean_prose(html: str, pointer: str, limit: int, limits: Limits) -> str:
    """A summary or notes, cleaned; the limit counts text."""
    if not html:
        return ""
    clean = _clean(html, pointer, limits, chapter=False)
    if len(clean) > limit:
        length = len(html_to_text(clean))
        if length > limit:
            raise BadMember("too-long", f"It has {length} characters of text, the limit is {limit}.", pointer)
    return clean


def clean_content(content: str, form: str, pointer: str, limits: Limits) -> tuple[str, int]:
    """A chapter's text as clean HTML, and its words."""
    html = clean_text(content, form, pointer, limits)
    return html, count_html_words(html)


def clean_text(content: str, form: str, pointer: str, limits: Limits) -> str:
    """A chapter's text as clean HTML."""
    try:
        html = FORMS[form](content)
    except HtmlRefused as error:
        raise BadMember(error.code, error.detail, pointer) from error
    html = _clean(html, pointer, limits, chapter=True)
    if len(html) > limits.chapter or limits.chapter_min:
        length = len(html_to_text(html))
        if length > limits.chapter:
            detail = f"The chapter has {length} characters of text, the limit is {limits.chapter}."
            raise BadMember("too-long", detail, pointer)
        if length < limits.chapter_min:
            detail = f"The chapter has {length} characters of text, it needs at least {limits.chapter_min}."
            raise BadMember("too-short", detail, pointer)
    return html


def _clean(html: str, pointer: str, limits: Limits, *, chapter: bool) -> str:
    try:
        return clean_html(html, images=limits.images, allow_class=chapter)
    except HtmlRefused as error:
        raise BadMember(error.code, error.detail, pointer) from error


def not_ahead(moment: datetime | None, pointer: str) -> datetime | None:
    """A date is at most tomorrow in UTC, for time zones."""
    if moment is not None and moment > datetime.now(UTC) + timedelta(days=1):
        raise BadMember("date-in-future", f"The date {moment:%Y-%m-%d} lies ahead.", pointer)
    return moment
