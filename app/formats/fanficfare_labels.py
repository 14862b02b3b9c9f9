"""What FanFicFare calls what it knows of a story: its keys, and the labels it prints for them.

Labels are those of its defaults, and what people commonly rename them to.
"""

from __future__ import annotations

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

READ = frozenset(LABELS.values()) - {"short_description"}
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


def key_of(label: str) -> str | None:
    """The key of a label, with or without its colon; ``None`` for one that is not known."""
    return LABELS.get(" ".join(label.split()).rstrip(":").strip().casefold())
