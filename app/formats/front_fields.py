"""What the names of the block before a Markdown file's text mean, and what becomes of their values."""

from __future__ import annotations

from html import escape
from typing import Any

from app.formats.front_matter import Values
from app.formats.joined_lists import cut
from app.formats.manuscript import Manuscript, SeriesRef, SourceRef
from app.formats.numbers import to_count
from app.formats.work_fields import understood
from app.kit.dates import parse_source_date
from app.kit.names import TokenKind, parse_ao3_token
from app.kit.urls import is_web_address, source_id

_PLAIN = {"title": "title", "summary": "summary", "description": "summary", "notes": "notes"}
_LISTS = {
    "author": "authors", "authors": "authors", "fandom": "fandoms", "fandoms": "fandoms", "character": "characters",
    "characters": "characters", "relationship": "relationships", "relationships": "relationships",
    "pairing": "relationships", "pairings": "relationships", "freeform": "freeforms", "freeforms": "freeforms",
    "additional tags": "freeforms",
}  # fmt: skip
_TOKENS: dict[str, TokenKind] = {"rating": "rating", "status": "status"}
_TOKEN_LISTS: dict[str, tuple[TokenKind, str]] = {
    "warning": ("warning", "warnings"), "warnings": ("warning", "warnings"),
    "category": ("category", "categories"), "categories": ("category", "categories"),
}  # fmt: skip
_DATES = {"published": "published_at", "date": "published_at", "updated": "revised_at"}
_URLS = frozenset({"source", "url", "source url", "link"})
_SERIES = frozenset({"series", "series name", "series title"})
_PLACES = ("series index", "series position", "series number", "series part", "part")
_LAST_PLACE = 1_000_000


def take_front(work: Manuscript, values: Values) -> None:
    """Give a work what a block says; what no field is for is kept under its name."""
    for key, found in values.items():
        if kept := [value for value in found if value.strip()]:
            _set(work, key, kept, values)


def _set(work: Manuscript, key: str, values: list[str], front: Values) -> None:
    joined = ", ".join(values)
    if key in _PLAIN:
        plain = key == "title" or "</" in joined
        setattr(work, _PLAIN[key], joined if plain else f"<p>{escape(joined, quote=False)}</p>")
    elif key in _LISTS:
        setattr(work, _LISTS[key], _cut(work, key, values))
    elif key in _TOKENS:
        _token(work, _TOKENS[key], key, joined)
    elif key in _TOKEN_LISTS:
        kind, member = _TOKEN_LISTS[key]
        values = _cut(work, key, values)
        known: list[Any] = [token for value in values if (token := parse_ao3_token(kind, value))]
        setattr(work, member, known)
        if len(known) < len(values):
            _keep(work, key, joined)
    elif key in _SERIES:
        work.series = [SeriesRef(value, _place(work, front) if len(values) == 1 else None) for value in values]
    elif key not in _PLACES:
        _set_single(work, key, joined)


def _set_single(work: Manuscript, key: str, value: str) -> None:
    date = parse_source_date(value) if key in _DATES else None
    if date is not None:
        setattr(work, _DATES[key], date)
    elif key in {"language", "lang"}:
        work.language = value[:40]
    elif key in _URLS and is_web_address(value):
        known = source_id(value)
        work.source = SourceRef(known[0], known[1], value.strip()) if known else SourceRef(url=value.strip())
    elif key in {"words", "word count", "wordcount"}:
        work.words = understood(work, {key: value}, key, to_count)
    else:
        _keep(work, key, value)


def _cut(work: Manuscript, key: str, values: list[str]) -> list[str]:
    """The values of a list; one alone may be several that commas part."""
    if len(values) > 1:
        return values
    found, doubtful = cut(values[0])
    if doubtful:
        shown = ", ".join(f"“{one[:40]}”" for one in found[:12])
        work.notices.append(f"{key} is joined by commas, and some may be part of a value; it was read as {shown}.")
    return found


def _place(work: Manuscript, front: Values) -> int | None:
    said = next((front[name][0] for name in _PLACES if front.get(name)), "")
    if said and not (said.isascii() and said.isdecimal() and 0 < int(said[:9]) <= _LAST_PLACE):
        work.notices.append(f"The place in the series is {said[:20]}: it was left out.")
        return None
    return int(said) if said else None


def _token(work: Manuscript, kind: TokenKind, key: str, value: str) -> None:
    token = parse_ao3_token(kind, value)
    if token is None:
        _keep(work, key, value)
    else:
        setattr(work, kind, token)


def _keep(work: Manuscript, key: str, value: str) -> None:
    work.extra[key] = value[:2_000]
    if key != "tags":
        work.notices.append(f"“{key}: {value[:60]}” is not known; it was kept in `extra`.")
    else:
        work.notices.append("The tags have no types; they were kept in `extra`.")
