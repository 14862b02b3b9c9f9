"""Names, types, marks and numbers as tables of tags spell them."""

from __future__ import annotations

import html

from app.formats.member_names import NOTHING
from app.formats.problems import Unreadable
from app.kit.text import BadName, check_tag_name

MEDIA = "media"
_TYPES = {
    "fandom": "fandom|fandoms",
    "character": "character|characters",
    "relationship": "relationship|relationships|pairing|ship",
    "freeform": "freeform|freeforms|additional tags|additional tag|additional",
    "rating": "rating|ratings",
    "warning": "archivewarning|archive warning|archive warnings|warning|warnings",
    "category": "category|categories",
    MEDIA: "media",
}
_BY_WORD = {word: token for token, words in _TYPES.items() for word in words.split("|")}
_MARKS = {
    True: frozenset({"true", "t", "1", "yes", "y"}),
    False: frozenset({"false", "f", "0", "no", "n"}),
}
_CLOSED = {
    "rating": "Ratings are a closed set, no tags: nothing to do.",
    "warning": "Archive warnings are a closed set, no tags: nothing to do.",
    "category": "Categories are a closed set, no tags: nothing to do.",
    MEDIA: "Media are not kept: nothing to do.",
}


def clean_name(text: str, pointer: str, *, entities: bool = False) -> str:
    """A tag's name as it is kept; ``entities``: the shape is known to leave HTML entities in names."""
    try:
        return check_tag_name(html.unescape(text) if entities else text)
    except BadName as error:
        raise Unreadable(error.code, error.detail, pointer) from None


def type_of(word: str, pointer: str) -> str:
    """Our word for a type of tags, closed ones too."""
    kind = _BY_WORD.get(" ".join(word.strip(" :").split()).casefold())
    if kind is None:
        raise Unreadable("unknown-type", f"The type “{word[:40]}” is not known.", pointer)
    return kind


def closed_notice(kind: str) -> tuple[str, ...]:
    """Why nothing is done with a tag of a closed type."""
    return (_CLOSED[kind],) if kind in _CLOSED else ()


def mark_of(text: str, pointer: str) -> bool | None:
    """Yes, no, or nothing."""
    word = text.strip().lower()
    if word in NOTHING:
        return None
    for value, words in _MARKS.items():
        if word in words:
            return value
    raise Unreadable("bad-value", f"“{text[:40]}” is neither true nor false.", pointer)


def uses_of(text: str, pointer: str) -> int | None:
    """A number of uses; below nothing, as some counts are, is not known."""
    plain = text.strip().replace(",", "")
    if plain.lower() in NOTHING:
        return None
    try:
        number = int(plain)
    except ValueError:
        raise Unreadable("bad-number", f"“{text[:40]}” is no number of uses.", pointer) from None
    return number if number >= 0 else None
