"""Metadata of Archive of Our Own listings: JSON lines with the fields of a work's blurb, as scrapers keep them.

A blurb tells one date, that of the last update: it is taken for both dates. No authors means that the work is
anonymous there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from app.formats.ao3_rows import read_token
from app.formats.json_values import head_of, load_object, text, texts
from app.formats.lines import LineTooLong, read_lines
from app.formats.manuscript import Manuscript, ReadItem, SourceRef, Status
from app.formats.numbers import count, planned, to_count
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.formats.work_fields import series_of, understood
from app.kit.dates import parse_source_date
from app.kit.names import TokenKind

SITE = "archiveofourown.org"
_STATUS: dict[Any, Status] = {True: "complete", False: "in_progress"}
_TOKENS: dict[TokenKind, str] = {"warning": "warnings", "category": "categories"}
_STATS = ("kudos", "comments", "bookmarks", "hits")
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
    manuscript = Manuscript(
        title=blurb["title"],
        authors=list(texts(blurb.get("authors"))),
        summary=text(blurb.get("summary_html")),
        language=text(blurb.get("language")) or None,
        fandoms=list(texts(blurb.get("fandoms"))),
        characters=list(texts(blurb.get("characters"))),
        relationships=list(texts(blurb.get("relationships"))),
        freeforms=list(texts(blurb.get("freeforms"))),
        series=list(series_of(blurb.get("series"))),
        status=_STATUS.get(blurb.get("complete")) if isinstance(blurb.get("complete"), bool) else None,
        source=SourceRef(SITE, str(work_id), f"https://{SITE}/works/{work_id}"),
        visibility="registered" if blurb.get("restricted") is True else "public",
        gifts=list(texts(blurb.get("gift_to"))),
    )
    read_token("rating", text(blurb.get("rating")), manuscript)
    for kind, member in _TOKENS.items():
        for word in texts(blurb.get(member)):
            read_token(kind, word, manuscript)
    manuscript.words = understood(manuscript, blurb, "words", to_count)
    manuscript.stats = {name: understood(manuscript, blurb, name, to_count) or 0 for name in _STATS}
    manuscript.chapters_posted, manuscript.chapters_expected = understood(manuscript, blurb, "chapters", planned) or (
        None,
        None,
    )
    manuscript.published_at = manuscript.revised_at = understood(manuscript, blurb, "date_updated", _date)
    return manuscript


def _date(value: Any, name: str) -> datetime:
    date = parse_source_date(text(value))
    if date is None:
        raise Unreadable("bad-date", "The date is not understood.", f"/{name}")
    return date


READER = Reader("ao3-listing", score, read, streams=True, by_line=True)
