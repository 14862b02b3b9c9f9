"""Tables of works as scrapers and download tools write them; columns are known by many names.

Lists are cut at commas, which the tags of Archive of Our Own never hold; a list may also be written as JSON, as a
Python list, or with bars.
"""

from __future__ import annotations

import ast
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson

from app.formats.manuscript import Manuscript, ReadItem, SeriesRef, SourceRef
from app.formats.numbers import planned, to_count
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.formats.tables import header_of, read_rows
from app.kit.dates import parse_source_date
from app.kit.names import parse_ao3_token
from app.kit.text import find_bad_character
from app.kit.urls import source_id

COLUMNS: dict[str, tuple[str, ...]] = {
    "title": ("title", "names", "name"),
    "authors": ("author", "authors"),
    "id": ("work id", "id", "story id", "storyid"),
    "url": ("storyurl", "url", "story url", "link"),
    "site": ("publisher", "site"),
    "fandoms": ("fandom", "fandoms", "category path"),
    "categories": ("category", "categories", "reltype"),
    "characters": ("character", "characters"),
    "relationships": ("relationship", "relationships", "ships", "pairings"),
    "freeforms": ("additional tags", "freeforms", "freeform", "genre", "tags"),
    "rating": ("rating", "ratings"),
    "warnings": ("warnings", "warning", "archive warnings"),
    "language": ("language", "languageid", "language code"),
    "published": ("published", "datetime", "date published", "published at"),
    "revised": ("status date", "updated", "date updated", "revised at"),
    "status": ("status", "complete"),
    "words": ("words", "word count"),
    "chapters": ("chapters", "chapters posted"),
    "expected": ("chapters total", "chapters expected"),
    "summary": ("summary", "description"),
    "series": ("series",),
    "kudos": ("kudos", "favs"),
    "comments": ("comments", "reviews"),
    "bookmarks": ("bookmarks", "follows"),
    "hits": ("hits",),
    "info": ("info line",),
}
_TITLE = set(COLUMNS["title"])
_SIGNS = {name for names in COLUMNS.values() for name in names}
_ENOUGH = 4
_AO3_SHAPE = {"additional tags", "kudos", "hits", "freeforms"}
_SERIES = re.compile(r"(.*?)(?:\s*\[(\d{1,6})\])?\s*")
_INFO = re.compile(r"(Words|Chapters|Reviews|Favs|Follows|Published|Updated|Status|id): ?([^ ]+)")


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """A header row with several columns that are known."""
    if b"\n" not in head or head.lstrip().startswith((b"{", b"<")):
        return 0.0
    names, _ = header_of(head)
    known = len(set(names) & _SIGNS)
    return 0.8 if known >= _ENOUGH and len(names) >= _ENOUGH else 0.5 if known >= 2 and len(names) >= 4 else 0.0  # noqa: PLR2004


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item a row; a bad row is a failed item and stops nothing."""
    for number, row in read_rows(stream):
        where = f"{name} line {number}"
        try:
            if isinstance(row, Unreadable):
                raise row
            yield ReadItem(where, _manuscript(row))
        except Unreadable as error:
            yield ReadItem(where, problem=error.as_problem())


def _manuscript(row: Mapping[str, str]) -> Manuscript:
    if not _TITLE & row.keys():
        raise Unreadable("no-title-column", "The table has no column of titles: it does not describe works.", "title")
    fields = {field: next((row[name] for name in names if row.get(name)), "") for field, names in COLUMNS.items()}
    _check(fields)
    if fields["title"].lower() in {"", "null"}:
        raise Unreadable("title-or-chapter-required", "The row has no title.", "title")
    manuscript = Manuscript(title=html.unescape(fields["title"]), summary=_summary(fields["summary"]))
    fanficfare = "genre" in row and "category" in row
    _identify(manuscript, fields, row)
    _tag(manuscript, fields, fanficfare=fanficfare)
    _measure(manuscript, fields)
    if fields["info"]:
        _read_info(manuscript, fields["info"])
    return manuscript


def _check(fields: Mapping[str, str]) -> None:
    for field, value in fields.items():
        bad = None if value.isascii() and value.isprintable() else find_bad_character(value)
        if bad is not None:
            raise Unreadable("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", field)


def _summary(text: str) -> str:
    if not text or text.lower() == "null":
        return ""
    return text if "<" in text else html.escape(html.unescape(text), quote=False)


def _list(text: str) -> list[str]:
    """The values of a cell; empty for ``null``."""
    if not text or text.lower() in {"null", "none", "[]"}:
        return []
    if text.startswith("["):
        parsed = _literal(text)
        if isinstance(parsed, list):
            return [html.unescape(str(one)).strip() for one in parsed if str(one).strip()]
    parts = text.split("|") if " | " not in text and "|" in text and "," not in text else text.split(",")
    return [html.unescape(part).strip() for part in parts if part.strip()]


def _literal(text: str) -> Any:
    if len(text) > 10_000:  # noqa: PLR2004  no byline is this long
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _identify(manuscript: Manuscript, fields: Mapping[str, str], row: Mapping[str, str]) -> None:
    """A source where the row names one; else a key made of what it says."""
    authors = _list(fields["authors"]) if fields["authors"].startswith("[") else None
    if authors is None:
        authors = _list(fields["authors"])
    manuscript.authors = [one for one in authors if one.lower() != "anonymous"]
    url, own = fields["url"], fields["id"]
    if url.startswith(("http://", "https://")):
        known = source_id(url)
        site = known[0] if known else fields["site"] or None
        manuscript.source = SourceRef(site, known[1] if known else own or None, url)
    elif own.isdigit() and {"additional tags", "work id"} <= row.keys():
        manuscript.source = SourceRef("archiveofourown.org", own, f"https://archiveofourown.org/works/{own}")
    elif own.isdigit() and "info line" in row:
        manuscript.source = SourceRef("fanfiction.net", own, f"https://www.fanfiction.net/s/{own}")
    else:
        said = [fields[name] for name in ("fandoms", "relationships", "title", "published", "authors", "words")]
        digest = hashlib.blake2b("\x1f".join(said).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
        manuscript.key = f"row:{digest}"


def _tag(manuscript: Manuscript, fields: Mapping[str, str], *, fanficfare: bool) -> None:
    freeforms = _list(fields["freeforms"])
    fandoms, categories = _list(fields["fandoms"]), _list(fields["categories"])
    if fanficfare:
        # FanFicFare calls fandoms "Category" and puts M/M and the like among the genres.
        fandoms, categories = categories, [one for one in freeforms if parse_ao3_token("category", one)]
        freeforms = [one for one in freeforms if not parse_ao3_token("category", one)]
    if ">" in fields["fandoms"]:
        fandoms = [fields["fandoms"].rpartition(">")[2].strip()]
    manuscript.fandoms = fandoms
    manuscript.categories = [token for one in categories if (token := parse_ao3_token("category", one))]
    manuscript.characters = _list(fields["characters"])
    manuscript.relationships = _list(fields["relationships"])
    manuscript.freeforms = freeforms
    manuscript.rating = _token(manuscript, "rating", fields["rating"])
    manuscript.warnings = [
        token for one in _list(fields["warnings"]) if (token := _token(manuscript, "warning", one)) is not None
    ]
    manuscript.language = fields["language"] if fields["language"].lower() not in {"", "null"} else None
    match = _SERIES.fullmatch(fields["series"]) if fields["series"].lower() not in {"", "null"} else None
    if match and match[1]:
        manuscript.series = [SeriesRef(match[1], int(match[2]) if match[2] else None)]


def _token(manuscript: Manuscript, kind: Any, value: str) -> Any:
    if not value or value.lower() in {"null", "none"}:
        return None
    token = parse_ao3_token(kind, value)
    if token is None:
        manuscript.notices.append(f"The {kind} “{value[:60]}” is not known; it was kept in `extra`.")
        manuscript.extra.setdefault(kind, value[:200])
    return token


def _measure(manuscript: Manuscript, fields: Mapping[str, str]) -> None:
    manuscript.words = to_count(fields["words"], "words")
    posted, expected = planned(fields["chapters"] or None, "chapters")
    manuscript.chapters_posted = posted
    manuscript.chapters_expected = expected or to_count(fields["expected"] or None, "expected") or None
    for name in ("kudos", "comments", "bookmarks", "hits"):
        number = to_count(fields[name] or None, name)
        if number is not None:
            manuscript.stats[name] = number
    manuscript.published_at = _date(fields["published"], "published")
    manuscript.revised_at = _date(fields["revised"], "updated") or manuscript.published_at
    manuscript.status = _status(fields["status"])


def _date(text: str, column: str) -> Any:
    if text.lower() in {"", "null", "none"}:
        return None
    date = parse_source_date(text)
    if date is None:
        raise Unreadable("bad-date", "The date is not understood.", column)
    return date


def _status(text: str) -> Any:
    if text.lower() in {"true", "false"}:
        return "complete" if text.lower() == "true" else "in_progress"
    return parse_ao3_token("status", text) if text else None


def _read_info(manuscript: Manuscript, info: str) -> None:
    """FanFiction.net's header line: rating, language, genres, then labelled numbers and dates."""
    free = info.split("Words:", maxsplit=1)[0].split("Chapters:", maxsplit=1)[0].removeprefix("Rated:").strip(" -")
    parts = [part.strip() for part in free.split(" - ") if part.strip()]
    manuscript.rating = _token(manuscript, "rating", parts[0].removeprefix("Fiction").strip()) if parts else None
    manuscript.language = parts[1] if len(parts) > 1 else None
    if len(parts) > 2 and "," not in parts[2]:  # noqa: PLR2004  rating, language, genres, characters
        manuscript.freeforms = [
            genre for genre in parts[2].replace("Hurt/Comfort", "Hurt\x00Comfort").split("/") if genre
        ]
        manuscript.freeforms = [genre.replace("\x00", "/") for genre in manuscript.freeforms]
    labelled = dict(_INFO.findall(info))
    manuscript.words = to_count(labelled.get("Words"), "info_line")
    manuscript.chapters_posted = to_count(labelled.get("Chapters", "1"), "info_line")
    manuscript.stats = {
        name: number
        for name, label in (("kudos", "Favs"), ("comments", "Reviews"), ("bookmarks", "Follows"))
        if (number := to_count(labelled.get(label), "info_line")) is not None
    }
    manuscript.status = "complete" if labelled.get("Status") == "Complete" else "in_progress"
    manuscript.published_at = parse_source_date(labelled.get("Published"))
    manuscript.revised_at = parse_source_date(labelled.get("Updated")) or manuscript.published_at


READER = Reader("scraper-csv", score, read)
