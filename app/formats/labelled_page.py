"""Pages of stories where each fact stands behind its label: ``<b>Rating</b> : PG<br>``, ``Status: Complete - …``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.formats.manuscript import Manuscript, SeriesRef
from app.formats.markup import Element, sound
from app.formats.numbers import to_count
from app.formats.problems import Unreadable
from app.kit.dates import parse_source_date
from app.kit.names import TokenKind, parse_ao3_token

Facts = dict[str, str]
_SPACE = re.compile(r"\s+")
_DAY_MONTH = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9}) ([0-9]{2})")
_NOTHING = frozenset({"", "none", "n/a", "-"})
_LISTS = {
    "categories": "fandoms", "category": "fandoms", "fandom": "fandoms", "fandoms": "fandoms",
    "characters": "characters", "character": "characters", "pairing": "relationships", "pairings": "relationships",
    "relationships": "relationships", "genre": "freeforms", "genres": "freeforms", "story type": "freeforms",
    "themes": "freeforms", "era": "freeforms",
}  # fmt: skip
_COUNTS = {"word count": "words", "words": "words", "chapters": "chapters_posted"}
_DATES = {"published": "published_at", "date sent": "published_at", "uploaded on": "published_at",
          "updated": "revised_at", "last updated": "revised_at"}  # fmt: skip


def facts_behind(holder: Element, is_label: Callable[[Element], bool]) -> Facts:
    """What stands behind each label inside an element, up to the next one, as text; names in lower case."""
    facts: Facts = {}
    name = ""
    parts: list[str] = []

    def finish() -> None:
        value = _SPACE.sub(" ", sound("".join(parts))).strip(" :\u00a0")
        if name and value:
            facts.setdefault(name, value)
        parts.clear()

    inside: Element | None = None
    for event_element in holder.iter():
        if inside is not None and inside in event_element.iterancestors():
            continue
        inside = None
        if not isinstance(event_element.tag, str) or event_element.tag in {"script", "style"}:
            inside = event_element
        elif is_label(event_element):
            finish()
            name = _SPACE.sub(" ", sound("".join(map(str, event_element.itertext())))).strip(" :\u00a0").casefold()
            inside = event_element
            parts.append(event_element.tail or "")
            continue
        else:
            parts.append(event_element.text or "")
        parts.append(event_element.tail or "")
    finish()
    return facts


def apply_facts(work: Manuscript, facts: Facts) -> None:
    """The facts into the work; what is not known, or not understood, is kept in ``extra``."""
    for name, value in facts.items():
        if value.casefold() in _NOTHING:
            continue
        if any(map(str.isalpha, name)) and not _apply(work, name, value):
            work.extra[name[:100]] = value[:2_000]


def _apply(work: Manuscript, name: str, value: str) -> bool:
    """Put a fact where it belongs; ``False`` where it belongs nowhere, or is not understood."""
    if name in _LISTS:
        return _list(work, _LISTS[name], value)
    if name in _COUNTS:
        return _count(work, _COUNTS[name], value)
    if name in _DATES:
        return _date(work, _DATES[name], value)
    return _single(work, name, value)


def _list(work: Manuscript, member: str, value: str) -> bool:
    values = [one.strip() for one in value.split(",") if one.strip().casefold() not in _NOTHING]
    setattr(work, member, list(dict.fromkeys([*getattr(work, member), *values])))
    return True


def _date(work: Manuscript, member: str, value: str) -> bool:
    date = parse_source_date(value) or parse_source_date(_DAY_MONTH.sub(r"\1 \2 20\3", value))
    setattr(work, member, date)
    return date is not None


def _single(work: Manuscript, name: str, value: str) -> bool:
    if name in {"rated", "rating"}:
        return _token(work, "rating", value.partition(" (")[0], "rating")
    if name == "status":
        return _token(work, "status", value, "status")
    if name in {"warning", "warnings"}:
        return _warnings(work, value)
    if name in {"completed", "complete"}:
        work.status = "complete" if value.casefold() in {"yes", "true"} else "in_progress"
    elif name == "series":
        work.series = [SeriesRef(one.strip()) for one in value.split(",") if one.strip()]
    else:
        return False
    return True


def _token(work: Manuscript, kind: TokenKind, value: str, member: str) -> bool:
    token: Any = parse_ao3_token(kind, value)
    if token is None:
        work.notices.append(f"The {kind} “{value[:60]}” is not known; it was kept in `extra`.")
        return False
    setattr(work, member, token)
    return True


def _warnings(work: Manuscript, value: str) -> bool:
    """Warnings of ours, and those of the site's own as freeforms."""
    for one in (part.strip() for part in value.split(",")):
        token = parse_ao3_token("warning", one)
        if token is not None:
            work.warnings.append(token)
        elif one.casefold() not in _NOTHING:
            work.freeforms.append(one)
    return True


def _count(work: Manuscript, member: str, value: str) -> bool:
    try:
        setattr(work, member, to_count(value.partition(" ")[0], f"/{member}"))
    except Unreadable:
        return False
    return True
