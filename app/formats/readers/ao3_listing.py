"""Metadata of Archive of Our Own listings: JSON lines with the fields of a work's blurb, as scrapers keep them.

A blurb tells one date, that of the last update: it is taken for both dates. No authors means that the work is
anonymous there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from app.formats.json_values import head_of, load_object, text, texts
from app.formats.lines import LineTooLong, read_lines
from app.formats.manuscript import Manuscript, ReadItem, SourceRef, Status
from app.formats.numbers import count, planned
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.formats.work_fields import series_of, token_of
from app.kit.dates import parse_source_date

SITE = "archiveofourown.org"
_STATUS: dict[Any, Status] = {True: "complete", False: "in_progress"}
_KNOWN_BY = (b'"freeforms"', b'"summary_html"', b'"date_updated"')


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by the names of its members."""
    return 0.95 if head_of(head).startswith(b"{") and all(member in head for member in _KNOWN_BY) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item a line."""
    for number, line in read_lines(stream):
        where = f"{name} line {number}"
        if isinstance(line, LineTooLong):
            yield ReadItem(where, problem=line.as_problem())
            continue
        try:
            yield ReadItem(where, _manuscript(load_object(line)))
        except Unreadable as error:
            yield ReadItem(where, problem=error.as_problem())


def _manuscript(blurb: dict[str, Any]) -> Manuscript:
    work_id = count(blurb, "id")
    if not work_id or not isinstance(blurb.get("title"), str):
        raise Unreadable("not-a-blurb", "A blurb has an id and a title.", "/id")
    posted, expected = planned(blurb.get("chapters"), "/chapters")
    updated = parse_source_date(text(blurb.get("date_updated")))
    if updated is None and blurb.get("date_updated"):
        raise Unreadable("bad-date", "The date is not understood.", "/date_updated")
    return Manuscript(
        title=blurb["title"],
        authors=list(texts(blurb.get("authors"))),
        summary=text(blurb.get("summary_html")),
        language=text(blurb.get("language")) or None,
        rating=token_of("rating", blurb.get("rating"), "/rating"),
        warnings=[token_of("warning", one, "/warnings") for one in texts(blurb.get("warnings"))],
        categories=[
            token_of("category", one, "/categories")
            for one in texts(blurb.get("categories"))
            if one.lower() != "no category"
        ],
        fandoms=list(texts(blurb.get("fandoms"))),
        characters=list(texts(blurb.get("characters"))),
        relationships=list(texts(blurb.get("relationships"))),
        freeforms=list(texts(blurb.get("freeforms"))),
        series=list(series_of(blurb.get("series"))),
        status=_STATUS.get(blurb.get("complete")) if isinstance(blurb.get("complete"), bool) else None,
        words=count(blurb, "words"),
        chapters_posted=posted,
        chapters_expected=expected,
        published_at=updated,
        revised_at=updated,
        stats={name: count(blurb, name) or 0 for name in ("kudos", "comments", "bookmarks", "hits")},
        source=SourceRef(SITE, str(work_id), f"https://{SITE}/works/{work_id}"),
        visibility="registered" if blurb.get("restricted") is True else "public",
        gifts=list(texts(blurb.get("gift_to"))),
    )


READER = Reader("ao3-listing", score, read, streams=True, by_line=True)
