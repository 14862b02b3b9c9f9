"""What the columns of a table of works, or the members of a dump, say: the names that tools give them.

Sources: AO3Scraper's header, FanFicFare's metadata keys, several published data sets, and plain exports.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

COLUMNS: dict[str, tuple[str, ...]] = {
    "title": ("title", "names", "name", "work title", "story title", "story name", "fic title", "fic name"),
    "authors": (
        "author",
        "authors",
        "author names",
        "author name",
        "creator",
        "creators",
        "byline",
        "writer",
        "penname",
    ),
    "id": ("work id", "id", "story id", "fic id"),
    "url": ("story url", "url", "work url", "fic url", "link", "story link", "work link", "source url", "href"),
    "site": ("publisher", "site"),
    "fandoms": ("fandom", "fandoms", "fandom tags", "category path"),
    "categories": ("category", "categories", "reltype"),
    "characters": ("character", "characters", "character tags"),
    "relationships": ("relationship", "relationships", "relationship tags", "ships", "pairings", "pairing"),
    "freeforms": (
        "additional tags",
        "additional tag",
        "freeforms",
        "freeform",
        "freeform tags",
        "genre",
        "genres",
        "tags",
    ),
    "rating": ("rating", "ratings", "rated", "age rating", "content rating"),
    "warnings": ("warnings", "warning", "archive warnings", "archive warning", "content warnings"),
    "language": ("language", "languages", "lang", "language id", "language code"),
    "published": (
        *("published", "datetime", "date published", "published at", "publish date", "publication date", "pubdate"),
        *("date posted", "posted", "date created", "created at", "creation date"),
    ),
    "revised": (
        *("status date", "updated", "date updated", "revised at", "updated at", "last updated", "last update"),
        *("update date", "date modified", "modified"),
    ),
    "status": ("status", "complete", "completed", "is complete", "completion", "completion status"),
    "words": ("words", "word count", "word counts", "num words", "number of words", "total words"),
    "chapters": ("chapters", "chapters posted", "chapter count", "num chapters", "number of chapters", "nchapters"),
    "expected": ("chapters total", "chapters expected", "expected chapters", "total chapters", "chapters planned"),
    "summary": ("summary", "description", "blurb", "synopsis"),
    "notes": ("notes", "author notes", "authors notes", "beginning notes", "start notes"),
    "end_notes": ("end notes",),
    "text": ("body", "text", "content", "full text", "story text", "story content", "fic text"),
    "series": ("series", "series name", "series title"),
    "place": ("series index", "series part", "series position", "part"),
    "gifts": ("gifts", "gift to", "recipients"),
    "restricted": ("restricted", "locked"),
    "kudos": ("kudos", "favs", "favorites", "favourites", "num kudos", "num favs", "num favorites", "likes"),
    "comments": ("comments", "reviews", "num comments", "num reviews", "comment count", "review count"),
    "bookmarks": ("bookmarks", "follows", "num bookmarks", "num follows", "bookmark count", "followers"),
    "hits": ("hits", "views", "num hits", "hit count", "view count"),
    "info": ("info line",),
}


def squeezed(name: str) -> str:
    """A column's name without what tells its spellings apart: blanks, and a plural in brackets."""
    return name.replace(" ", "").replace("(s)", "").removesuffix("?")


_PLACES = {squeezed(name): (field, rank) for field, names in COLUMNS.items() for rank, name in enumerate(names)}
_TITLES = frozenset({"title", "worktitle", "storytitle", "storyname", "fictitle", "ficname"})
_MAYBE_TITLES = frozenset({"name", "names"})
_SAY_LITTLE = frozenset({"id", "language", "site", "url", "text", "notes", "place"})  # any table may have these
_MORE_THAN_A_LIST = 3
_FANFICFARE = frozenset({"genre", "category", "storyurl"})
_AO3_SCRAPER = frozenset({"workid", "additionaltags"})
_TOLD_ELSEWHERE = frozenset({"id", "url", "site", "language", "status", "info"})
_OF_THE_TABLE = frozenset({
    *("path", "authorurl", "authorid", "authoruid", "seriesurl", "index", "unnamed:0", "level0"),
    *("allkudos", "allbookmarks", "formats", "cover", "uuid"),
})  # fmt: skip
"""Columns that tell of the table, of what is told by others better, or of readers by name: nobody else's business."""
_MOST_OTHERS, _LONGEST_OTHER = 40, 500

NOTHING = frozenset({"", "null", "none", "nan", "[]"})
"""What a cell holds where it says nothing, in lower case."""
_NOTHING_IN_R = "NA"


class Layout:
    """What the columns of a table say, by their names."""

    def __init__(self, names: Collection[str]) -> None:
        columns = {squeezed(name) for name in names}
        known = {name: squeezed(name) for name in names if squeezed(name) in _PLACES}
        self.known = len(known)
        """How many are of those that tables of works have."""
        self.is_fanficfare = columns >= _FANFICFARE
        """Whether "Category" means fandoms and "Genre" everything else."""
        self.is_ao3_scraper = columns >= _AO3_SCRAPER
        """Whether the ids are those of works at Archive of Our Own."""
        told = {_PLACES[name][0] for name in known.values()} - _SAY_LITTLE - {"title"}
        enough = 1 if columns & _TITLES else _MORE_THAN_A_LIST
        self.has_titles = bool(columns & (_TITLES | _MAYBE_TITLES)) and len(told) >= enough
        """Whether the rows can be works: they have titles, or names beside several things that only works have."""
        self._columns: dict[str, list[str]] = {}
        for name in sorted(known, key=lambda one: _PLACES[known[one]][1]):
            self._columns.setdefault(_PLACES[known[name]][0], []).append(name)
        others = filter(is_kept, names)
        self._others = [name for name in others if name not in known or _PLACES[known[name]][0] not in _TOLD_ELSEWHERE]
        self._known = frozenset(known)

    def fields_of(self, row: Mapping[str, str]) -> dict[str, str]:
        """The cells by what they say; empty where the table or the row says nothing."""
        fields = dict.fromkeys(COLUMNS, "")
        for field, names in self._columns.items():
            for name in names:
                value = row.get(name, "")
                if not says_nothing(value) or (field == "title" and value == _NOTHING_IN_R):
                    fields[field] = value
                    break
        return fields

    def others_of(self, row: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
        """What the other columns hold, cut where it is long: no field is for it."""
        said = set(fields.values())
        told = ((name, row[name]) for name in self._others if not says_nothing(row.get(name, "")))
        found = [(name, value[:_LONGEST_OTHER]) for name, value in told if name not in self._known or value not in said]
        return dict(found[:_MOST_OTHERS])


def place_of(name: str) -> tuple[str, int] | None:
    """What a column of this name says, and how well it is known for that (0 is best); ``None`` for any other name."""
    return _PLACES.get(squeezed(name))


def is_kept(name: str) -> bool:
    """Whether a column that no field is for tells of the work, and not of the table or of readers by name."""
    return bool(name) and squeezed(name) not in _OF_THE_TABLE


def says_nothing(value: str) -> bool:
    """Whether a cell is empty, or says so."""
    return value.lower() in NOTHING or value == _NOTHING_IN_R
