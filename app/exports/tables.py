"""Works as CSV (RFC 4180), for spreadsheets: no text, and lists as JSON, since names may hold any separator."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import orjson

Work = dict[str, Any]


def _names(member: str) -> Callable[[Work], str]:
    return lambda work: orjson.dumps([one["name"] for one in work.get(member, ())]).decode()


def _list(member: str) -> Callable[[Work], str]:
    return lambda work: orjson.dumps(work.get(member, [])).decode()


def _plain(member: str) -> Callable[[Work], Any]:
    return lambda work: work.get(member, "")


def _stat(member: str) -> Callable[[Work], Any]:
    return lambda work: work["stats"][member]


COLUMNS: dict[str, Callable[[Work], Any]] = {
    "id": _plain("id"),
    "title": _plain("title"),
    "authors": _names("authors"),
    "url": lambda work: work.get("source", {}).get("url") or "",
    "fandoms": _names("fandoms"),
    "categories": _list("categories"),
    "characters": _names("characters"),
    "relationships": _names("relationships"),
    "freeforms": _names("freeforms"),
    "rating": _plain("rating"),
    "warnings": _list("warnings"),
    "language": _plain("language"),
    "published": _plain("published_at"),
    "updated": _plain("revised_at"),
    "status": _plain("status"),
    "words": _plain("words"),
    "chapters": _plain("chapters_posted"),
    "chapters expected": _plain("chapters_expected"),
    "summary": _plain("summary"),
    "kudos": _stat("kudos"),
    "comments": _stat("comments"),
    "bookmarks": _stat("bookmarks"),
    "hits": _stat("hits"),
}


def csv_lines(works: Iterator[Work]) -> Iterator[bytes]:
    """A whole table of records, with the names of its columns; what a work does not say is empty."""
    yield _line(list(COLUMNS))
    for work in works:
        values = (column(work) for column in COLUMNS.values())
        yield _line(["" if value is None else value for value in values])


def _line(values: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue().encode()
