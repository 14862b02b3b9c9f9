"""FanFiction.net's line under a title: ``Rated: Fiction  T - English - Humor/Romance -  [A, B] C - Words: 1,234 - …``.

In order: rating, language, genres joined by slashes, characters; then labelled numbers and dates. Genres and characters
may be missing. Brackets put characters together into a pairing.
"""

from __future__ import annotations

import re
from datetime import datetime

from app.formats.manuscript import Manuscript
from app.formats.numbers import to_count
from app.kit.dates import parse_source_date
from app.kit.names import parse_ao3_token

_LABELLED = re.compile(r"\b(Words|Chapters|Reviews|Favs|Follows|Published|Updated|Status|id): ?([^ ]+)")
_PAIRING = re.compile(r"\[([^\[\]]{1,500})\]")
_GENRES = (
    *("Adventure", "Angst", "Crime", "Drama", "Family", "Fantasy", "Friendship", "General", "Horror", "Humor"),
    *("Hurt/Comfort", "Mystery", "Parody", "Poetry", "Romance", "Sci-Fi", "Spiritual", "Supernatural", "Suspense"),
    *("Tragedy", "Western"),
)
_GENRE = re.compile("|".join(map(re.escape, sorted(_GENRES, key=len, reverse=True))))
_GENRE_LIST = re.compile(rf"(?:{_GENRE.pattern})(?:/(?:{_GENRE.pattern})){{0,3}}")
_OF_OLD = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{2})")
_COLUMN = "info_line"


def read_info(manuscript: Manuscript, info: str) -> None:
    """Fill a manuscript from the line; raises ``Unreadable`` for numbers that are none."""
    free = re.split(r"\b(?:Words|Chapters):", info, maxsplit=1)[0].removeprefix("Rated:").strip(" -")
    parts = [part.strip() for part in free.split(" - ") if part.strip()]
    _read_free(manuscript, parts)
    labelled = dict(_LABELLED.findall(info))
    manuscript.words = to_count(labelled.get("Words"), _COLUMN)
    manuscript.chapters_posted = to_count(labelled.get("Chapters", "1"), _COLUMN)
    for name, label in (("kudos", "Favs"), ("comments", "Reviews"), ("bookmarks", "Follows")):
        number = to_count(labelled.get(label), _COLUMN)
        if number is not None:
            manuscript.stats[name] = number
    manuscript.status = "complete" if labelled.get("Status") == "Complete" else "in_progress"
    dates = {label: _date(labelled[label]) for label in ("Published", "Updated") if label in labelled}
    for label, date in dates.items():
        if date is None:
            manuscript.notices.append(f"The date “{labelled[label][:20]}” ({label}) has no year; it was left out.")
    manuscript.published_at = dates.get("Published")
    manuscript.revised_at = dates.get("Updated") or manuscript.published_at


def _date(text: str) -> datetime | None:
    """A date; those of before 2013 were written ``05-24-08``."""
    return parse_source_date(_OF_OLD.sub(r"\1/\2/20\3", text))


def _read_free(manuscript: Manuscript, parts: list[str]) -> None:
    if parts:
        said = parts[0].removeprefix("Fiction").strip()
        rating = parse_ao3_token("rating", said)
        manuscript.rating = rating  # type: ignore[assignment]  # one of the closed words
        if rating is None and said:
            manuscript.extra["rating"] = said[:200]
            manuscript.notices.append(f"The rating “{said[:60]}” is not known; it was kept in `extra`.")
    if len(parts) > 1:
        manuscript.language = parts[1]
    rest = parts[2:]
    if rest and (genres := genres_of(rest[0])):
        manuscript.freeforms = genres
        rest = rest[1:]
    if rest:
        manuscript.relationships, manuscript.characters = people_of(" - ".join(rest))


def genres_of(text: str) -> list[str]:
    """The genres of a list as the site writes it, joined by slashes; none for any other text."""
    return _GENRE.findall(text) if _GENRE_LIST.fullmatch(text) else []


def people_of(text: str) -> tuple[list[str], list[str]]:
    """Pairings and characters of ``[A, B] C``."""
    return ["/".join(_names(group)) for group in _PAIRING.findall(text)], _names(re.sub(r"[\[\]]", ",", text))


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
