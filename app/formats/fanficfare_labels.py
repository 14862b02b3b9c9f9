"""What FanFicFare calls what it knows of a story: its keys, and the labels it prints for them.

Labels are those of its defaults, and what people commonly rename them to.
"""

from __future__ import annotations

import re

LABELS: dict[str, str] = {
    "title": "title",
    "author": "author",
    "authors": "author",
    "series": "series",
    "additional series": "more_series",
    "category": "category",
    "categories": "category",
    "fandom": "fandoms",
    "fandoms": "fandoms",
    "genre": "genre",
    "genres": "genre",
    "freeform tags": "freeformtags",
    "ao3 categories": "ao3categories",
    "tags": "tags",
    "additional tags": "tags",
    "site tags": "tags",
    "erotica tags": "tags",
    "language": "language",
    "characters": "characters",
    "character": "characters",
    "relationships": "ships",
    "relationship": "ships",
    "pairings": "ships",
    "pairing": "ships",
    "byline": "byline",
    "status": "status",
    "published": "datePublished",
    "updated": "dateUpdated",
    "rating": "rating",
    "warnings": "warnings",
    "warning": "warnings",
    "chapters": "numChapters",
    "total chapters": "chapterstotal",
    "chapters/total chapters": "chapterslashtotal",
    "words": "numWords",
    "publisher": "publisher",
    "site": "site",
    "story id": "storyId",
    "story url": "storyUrl",
    "summary": "description",
    "short summary": "short_description",
    "collections": "collections",
    "restricted to registered users": "restricted",
    "kudos": "kudos",
    "comments": "comments",
    "bookmarks": "bookmarks",
    "hits": "hits",
    "reviews": "reviews",
    "favs": "favs",
    "favorites": "favs",
    "follows": "follows",
    "likes": "likes",
    "views": "views",
    "total views": "total_views",
    "extra tags": "extratags",
    "packaged": "dateCreated",
    "story url section": "sectionUrl",
    "series url": "seriesUrl",
    "author url": "authorUrl",
    "author id": "authorId",
    "site abbrev": "siteabbrev",
    "file format": "formatname",
    "file extension": "formatext",
    "downloader version": "version",
    "words added": "words_added",
    "chapters marked new": "marked_new_chapters",
    "i bookmarked story": "bookmarked",
    "my bookmark tags": "bookmarktags",
    "my bookmark summary": "bookmarksummary",
    "my bookmark private": "bookmarkprivate",
    "my bookmark rec": "bookmarkrec",
    "i marked for later": "markedforlater",
    "i subscribed": "subscribed",
}
"""Label in lower case, without its colon, to key."""

_RENAMED = {
    "ao3categories": "category tags, relationship categories",
    "authorUrl": "author link",
    "characters": "cast, main characters, character tags",
    "datePublished": "date published, first published, originally published, publication date, publish date, posted"
    ", date posted, published on",
    "dateUpdated": "date updated, last updated, last update, updated on, update date, date of last update",
    "description": "description, blurb, story summary, synopsis",
    "fandoms": "fandom tags",
    "freeformtags": "freeform, freeforms, freeform tag",
    "language": "lang, written in",
    "numChapters": "chapter count, number of chapters, chapter total",
    "numWords": "word count, wordcount, total words, number of words, length in words",
    "rating": "content rating, age rating, rated",
    "ships": "ships, ship, couples, couple, relationship tags",
    "status": "story status, completion status",
    "storyUrl": "url, link, story link, source url, original url",
    "warnings": "archive warning, archive warnings, content warning, content warnings",
}
"""Key to what people call it who give their title pages words of their own."""
_SERIES = re.compile(r"series ?0*[0-9]{1,2}")

READ = frozenset(LABELS.values()) | {*_RENAMED} - {"short_description"}
"""Keys whose values go to fields of their own, or nowhere: everything else is kept as it stands."""

OF_THE_FILE = frozenset({
    *("dateCreated", "sectionUrl", "seriesUrl", "seriesHTML", "authorUrl", "authorId", "authorHTML", "siteabbrev"),
    *("formatname", "formatext", "version", "words_added", "marked_new_chapters", "titleHTML", "langcode"),
    *("cover_image", "output_css", "newforanthology", "lastupdate", "subject_tags", "zchapters", "output_filename"),
    *("freefromtags", "collectionsUrl", "collectionsHTML", "groupsHTML", "groupsUrl", "sequelsHTML"),
    *("fileextension", "lastcheck", "authorLastLogin", "calibre_series", "newest_first"),
})  # fmt: skip
"""Keys that tell of the download, or that another key tells better: of no use once the file is read."""

OF_THE_READER = frozenset({
    *("bookmarked", "bookmarktags", "bookmarksummary", "bookmarkprivate", "bookmarkrec", "markedforlater"),
    "subscribed",
})  # fmt: skip
"""Keys that tell what the person who made the file did with the story: nobody else's business."""

STATS = {
    "kudos": ("kudos", "favs", "likes"),
    "comments": ("comments", "reviews", "comment_count"),
    "bookmarks": ("bookmarks", "follows"),
    "hits": ("hits", "total_views", "views"),
}
"""Our counters, and the keys that hold them at one site or another."""

AO3_SOFTWARE = frozenset(
    {"archiveofourown.org", "squidgeworld.org", "superlove.sayitditto.net", "cfaarchive.org", "ao3.org"}
)
"""Sites whose tags never hold a comma, and whose categories stand among the genres."""


_BY_NAME = {
    **{key.casefold(): key for key in READ | OF_THE_FILE | OF_THE_READER},  # a line without a label shows its key
    **{name: key for key, names in _RENAMED.items() for name in names.split(", ")},
    **LABELS,
}


def key_of(label: str) -> str | None:
    """The key of a label, with or without its colon; ``None`` for one that is not known."""
    name = " ".join(label.split()).rstrip(":").strip().casefold()
    if _SERIES.fullmatch(name):
        return name.replace(" ", "")
    return _BY_NAME.get(name) or _BY_NAME.get(name.replace("(s)", ""))
