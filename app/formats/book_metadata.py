"""What the package of any book says of it: title, people, dates, series, and where it is from.

What no field is for (subjects without types, rights, other titles, a library's own columns) is kept in ``extra``.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

import orjson

from app.formats.epub_book import Meta, Package
from app.formats.manuscript import Manuscript, SeriesRef, SourceRef
from app.formats.markup import first, inner_html, parse_html
from app.kit.dates import parse_source_date
from app.kit.urls import is_web_address, source_id

_MOST_SUBJECTS = 200
_MOST, _LONGEST = 50, 1_000
_DAY = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}.*)?)?")
_COLUMN = "calibre:user_metadata:#"
_AUTHORS = frozenset({None, "aut"})


def read_metadata(work: Manuscript, book: Package) -> None:
    """Fill a manuscript from the package."""
    titles = [meta for meta in book.metadata if meta.name == "dc:title" and meta.value]
    main = next((meta for meta in titles if meta.refines.get("title-type") == "main"), titles[0] if titles else None)
    work.title = main.value if main is not None else None
    people = [meta for meta in book.metadata if meta.name == "dc:creator" and meta.value]
    authors = [meta.value for meta in people if meta.role in _AUTHORS] or [meta.value for meta in people]
    work.authors = list(dict.fromkeys(authors))[:200]
    work.language = next((value for value in book.values("dc:language") if value not in {"", "und", "zxx"}), None)
    work.summary = _html_of(next(iter(book.values("dc:description")), ""))
    _dates(work, book)
    _series(work, book)
    _sources(work, book)
    subjects = [value for value in book.values("dc:subject") if value]
    if subjects:
        work.extra["subjects"] = [subject[:200] for subject in subjects[:_MOST_SUBJECTS]]
        work.notices.append(
            f"The book has {len(subjects)} subjects that say not of which type they are; they were kept in `extra`."
        )
    publisher = next(iter(book.values("dc:publisher")), "")
    if publisher:
        work.extra["publisher"] = publisher[:200]
    _keep(work, book)


def _keep(work: Manuscript, book: Package) -> None:
    """What no field is for."""
    helpers = [
        f"{meta.value} ({meta.role})" if meta.role else meta.value
        for meta in book.metadata
        if meta.value
        and (meta.name == "dc:contributor" or (meta.name == "dc:creator" and meta.value not in work.authors))
    ]
    for name, values in (
        ("other titles", [value for value in book.values("dc:title") if value not in {"", work.title}]),
        ("contributors", [one for one in helpers if not one.startswith("calibre (")]),
        ("rights", book.values("dc:rights")[:1]),
    ):
        if values:
            work.extra[name] = [value[:_LONGEST] for value in dict.fromkeys(values)][:_MOST]
    columns = dict(filter(None, (_column(meta) for meta in book.metadata[:1_000] if meta.name.startswith(_COLUMN))))
    if columns:
        work.extra["columns"] = dict(list(columns.items())[:_MOST])


def _column(meta: Meta) -> tuple[str, Any] | None:
    """A column that the owner of a library added to it: its name and its value; ``None`` where it is empty."""
    try:
        told = orjson.loads(meta.value)
    except orjson.JSONDecodeError:
        return None
    value = told.get("#value#") if isinstance(told, dict) else None
    small = value not in (None, "", [], {}) and len(orjson.dumps(value)) <= _LONGEST
    return (str(told.get("name") or meta.name.removeprefix(_COLUMN))[:100], value) if small else None


def _html_of(text: str) -> str:
    """A description: HTML where it was written as such, else text."""
    if "<" in text and ">" in text:
        return inner_html(first(parse_html(text), ".//body"))
    return f"<p>{escape(text, quote=False)}</p>" if text else ""


def _dates(work: Manuscript, book: Package) -> None:
    """The date of publication; that of the file's making is none."""
    for meta in book.metadata:
        if meta.name != "dc:date" or not _DAY.fullmatch(meta.value):
            continue
        event = meta.attributes.get("event", "publication").lower()
        value = meta.value
        whole = f"{value}-01-01" if len(value) == 4 else f"{value}-01" if len(value) == 7 else value  # noqa: PLR2004
        date = parse_source_date(whole)
        if date is None or date.year < 1000 or value.startswith("0101"):  # noqa: PLR2004  calibre's “no date”
            continue
        if event in {"publication", "original-publication", "published"}:
            if work.published_at is None and whole != value:
                work.notices.append(f"The date of publication is {value} alone: its first day was taken.")
            work.published_at = work.published_at or date
        elif event == "modification":
            work.revised_at = work.revised_at or date


def _series(work: Manuscript, book: Package) -> None:
    """Series as calibre writes them, or collections of EPUB 3."""
    name = next(iter(book.values("calibre:series")), "")
    index = next(iter(book.values("calibre:series_index")), "")
    if name:
        _add_series(work, name, index)
        return
    for meta in book.metadata:
        if meta.name == "belongs-to-collection" and meta.value and _is_series(meta):
            _add_series(work, meta.value, meta.refines.get("group-position", ""))


def _add_series(work: Manuscript, title: str, place: str) -> None:
    """A series and the place in it; one between two works is none that we have."""
    found = re.fullmatch(r"([0-9]{1,6})(?:\.0*)?", place.strip())
    work.series.append(SeriesRef(title, (int(found[1]) or None) if found is not None else None))
    if place and found is None:
        work.notices.append(f"The place in the series “{title[:60]}” is {place[:20]}: it was left out.")


def _is_series(meta: Meta) -> bool:
    return meta.refines.get("collection-type", "series") == "series"


def _sources(work: Manuscript, book: Package) -> None:
    """Where the book says that the work is from; else its ISBN or UUID."""
    said = [*book.values("dc:source"), *book.values("dc:identifier")]
    for value in said:
        url = value.removeprefix("URL:").strip()
        if is_web_address(url):
            known = source_id(url)
            work.source = SourceRef(known[0], known[1], url) if known else SourceRef(url=url)
            return
    identifiers = [value for value in book.values("dc:identifier") if value]
    if identifiers:
        work.extra["identifier"] = identifiers[0][:200]
