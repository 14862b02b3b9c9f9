"""Which column of a table of works says what: the names that scrapers and download tools give them.

Sources: AO3Scraper's header, FanFicFare's metadata keys, the tables of several published data sets, and plain exports.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

COLUMNS: dict[str, tuple[str, ...]] = {
    "title": ("title", "names", "name", "work title"),
    "authors": ("author", "authors", "author names", "creator", "creators", "byline"),
    "id": ("work id", "id", "story id", "storyid"),
    "url": ("storyurl", "story url", "url", "work url", "link"),
    "site": ("publisher", "site"),
    "fandoms": ("fandom", "fandoms", "category path"),
    "categories": ("category", "categories", "reltype"),
    "characters": ("character", "characters"),
    "relationships": ("relationship", "relationships", "ships", "pairings", "pairing"),
    "freeforms": ("additional tags", "freeforms", "freeform", "genre", "genres", "tags"),
    "rating": ("rating", "ratings"),
    "warnings": ("warnings", "warning", "archive warnings"),
    "language": ("language", "languageid", "language code"),
    "published": ("published", "datetime", "date published", "published at", "datepublished"),
    "revised": ("status date", "updated", "date updated", "revised at", "dateupdated"),
    "status": ("status", "complete"),
    "words": ("words", "word count", "numwords"),
    "chapters": ("chapters", "chapters posted", "chapter count", "numchapters"),
    "expected": ("chapters total", "chapters expected"),
    "summary": ("summary", "description"),
    "series": ("series",),
    "gifts": ("gifts", "gift to"),
    "kudos": ("kudos", "favs", "favorites"),
    "comments": ("comments", "reviews"),
    "bookmarks": ("bookmarks", "follows"),
    "hits": ("hits",),
    "info": ("info line",),
}
KNOWN = frozenset(name for names in COLUMNS.values() for name in names)
_TITLES = frozenset({"title", "work title"})
_MAYBE_TITLES = frozenset({"name", "names"})
_SAY_LITTLE = frozenset({"id", "language", "site", "url", *_MAYBE_TITLES})  # any table may have these
_MORE_THAN_A_LIST = 3
_FANFICFARE = frozenset({"genre", "category", "storyurl"})
_AO3_SCRAPER = frozenset({"work id", "additional tags"})

NOTHING = frozenset({"", "null", "none", "nan", "[]"})
"""What a cell holds where it says nothing, in lower case."""
_NOTHING_IN_R = "NA"


def has_titles(names: Collection[str]) -> bool:
    """Whether the rows can be works: they have titles, or names beside several things that only works have."""
    told = KNOWN.intersection(names) - _SAY_LITTLE
    if not _TITLES.isdisjoint(names):
        return bool(told - _TITLES)
    return not _MAYBE_TITLES.isdisjoint(names) and len(told) >= _MORE_THAN_A_LIST


def known_count(names: Collection[str]) -> int:
    """How many columns are of those that tables of works have."""
    return len(KNOWN.intersection(names))


def is_fanficfare(row: Mapping[str, str]) -> bool:
    """Whether "Category" means fandoms and "Genre" everything else."""
    return row.keys() >= _FANFICFARE


def is_ao3_scraper(row: Mapping[str, str]) -> bool:
    """Whether the ids are those of works at Archive of Our Own."""
    return row.keys() >= _AO3_SCRAPER


def fields_of(row: Mapping[str, str]) -> dict[str, str]:
    """The cells by what they say; empty where the table or the row says nothing."""
    fields = {}
    for field, names in COLUMNS.items():
        value = next((row[name] for name in names if row.get(name)), "")
        says_nothing = value.lower() in NOTHING or (value == _NOTHING_IN_R and field != "title")
        fields[field] = "" if says_nothing else value
    return fields
