"""From what FanFicFare prints of a story (labels and values) to a manuscript's fields.

It calls fandoms "Category", puts freeforms and the categories of Archive of Our Own together under "Genre", and joins
lists with commas. Labels decide what a value is; what no label tells is kept under its own label in ``extra``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.formats.fanficfare_dates import Order, order_of, read_date
from app.formats.fanficfare_labels import AO3_SOFTWARE, OF_THE_FILE, OF_THE_READER, READ, STATS, key_of
from app.formats.joined_lists import cut
from app.formats.manuscript import Manuscript, SeriesRef, SourceRef
from app.formats.numbers import planned, to_count
from app.formats.problems import Unreadable
from app.kit.names import TokenKind, parse_ao3_token
from app.kit.urls import is_web_address, source_id, source_site

_AO3_CATEGORIES = frozenset({"gen", "multi", "other", "f/f", "f/m", "m/m"})
_PAIR = re.compile(r"[fm]/[fm]", re.IGNORECASE)
_ARCHIVED = re.compile(r"\s*\[archived by [^\]]*\]$")
_PLACE = re.compile(r"\s*\[([0-9]{1,6})(\.[0-9]{1,3})?\]$")
_MOST_EXTRA = 100
_LONGEST_EXTRA = 4_000
_MOST_SERIES = 200
_FANFICTION = "fanfiction"


@dataclass(slots=True)
class Entry:
    """One line of a title page: its label, its value as text and as HTML, and its single values where they are told."""

    label: str
    text: str
    html: str = ""
    items: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Fields:
    """All lines of a title page by key; ``known`` are single values that the file tells without their types."""

    known: Collection[str] = ()
    dates: dict[str, datetime] = field(default_factory=dict)
    """Dates by key that the file tells in one form besides, whatever its reader set for the title page."""
    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry: Entry, key: str | None = None) -> None:
        """Take a line; what comes twice is as it was first, but series are all kept."""
        label = " ".join(entry.label.split()).rstrip(":").strip()
        name = key or key_of(label) or label
        if name == "more_series" or (name == "series" and name in self.entries and self.text("series") != entry.text):
            name = f"series{len(self.entries):05}"
        if name and (entry.text or entry.html):
            self.entries.setdefault(name, Entry(label, entry.text.strip(), entry.html, entry.items))

    def text(self, key: str) -> str:
        """A value as text; empty where there is none."""
        entry = self.entries.get(key)
        return entry.text if entry else ""

    @property
    def is_whole(self) -> bool:
        """Whether what the title page always tells is there: the summary, by default the last line, may be it now."""
        return "status" in self.entries and "datePublished" in self.entries

    @property
    def site(self) -> str:
        """The site's host."""
        url = self.text("storyUrl")
        named = (self.text("site") or self.text("publisher")).lower().removeprefix("www.")
        return (source_site(url) if url else None) or named

    @property
    def is_ao3(self) -> bool:
        """Whether the site runs the software of Archive of Our Own."""
        return self.site in AO3_SOFTWARE


def fill(work: Manuscript, fields: Fields) -> None:
    """Give a manuscript what the fields say."""
    _identify(work, fields)
    _name(work, fields)
    _tag(work, fields)
    _series(work, fields)
    _measure(work, fields)
    _date(work, fields)
    _keep(work, fields)


def _identify(work: Manuscript, fields: Fields) -> None:
    url, site, own = fields.text("storyUrl"), fields.site, fields.text("storyId")
    if url and is_web_address(url):
        known = source_id(url)
        named = known or ((site, own) if site and own else (site or None, None))
        work.source = SourceRef(named[0], named[1], url)
    elif site and own:
        work.source = SourceRef(site, own)


def _name(work: Manuscript, fields: Fields) -> None:
    work.title = work.title or fields.text("title") or None
    authors = work.authors or _values(work, fields, "author")
    if fields.is_ao3 and fields.text("byline"):  # FanFicFare passes over some links to authors, never over this
        authors = [name for one in fields.text("byline").split(",") if (name := _ARCHIVED.sub("", one).strip())]
    work.authors = [name for name in authors if name.lower() != "anonymous"]
    summary = fields.entries.get("description") or fields.entries.get("short_description")
    if summary is not None:
        work.summary = summary.html or f"<p>{html.escape(summary.text, quote=False)}</p>"
    work.language = fields.text("language") or None
    if fields.text("restricted").lower() not in {"", "false", "no"}:
        work.visibility = "registered"


def _values(work: Manuscript, fields: Fields, key: str) -> list[str]:
    """The values of a list: as the file tells them one by one, else cut at commas."""
    entry = fields.entries.get(key)
    if entry is None:
        return []
    if entry.items:
        return entry.items
    values, doubtful = cut(entry.text, fields.known, plain=fields.is_ao3)
    if doubtful:
        shown = ", ".join(f"“{one[:40]}”" for one in values[:12])
        work.notices.append(
            f"{entry.label} is joined by commas, and some may be part of a value; it was read as {shown}."
        )
    return values


def _tag(work: Manuscript, fields: Fields) -> None:
    fandoms, kinds = _fandoms(work, fields)
    work.fandoms = fandoms
    work.characters = _values(work, fields, "characters")
    work.relationships = _values(work, fields, "ships")
    genres = _values(work, fields, "genre") + _values(work, fields, "freeformtags") + _values(work, fields, "tags")
    told = _values(work, fields, "ao3categories") or kinds
    if not told:
        words = _AO3_CATEGORIES if fields.is_ao3 else frozenset()
        told = [one for one in genres if one.lower() in words or _PAIR.fullmatch(one)]
    work.categories = _tokens(work, "category", "AO3 Categories", told)
    freeforms = set(_values(work, fields, "freeformtags"))
    left = [one for one in genres if one not in told or one in freeforms]
    tags = [one for one in _values(work, fields, "extratags") if one.lower() != _FANFICTION]
    if tags:
        work.extra["Extra Tags"] = tags
    work.freeforms = _unique(left)
    work.rating = next(iter(_tokens(work, "rating", "Rating", [fields.text("rating")])), None)
    work.warnings = _unique(_tokens(work, "warning", "Warnings", _values(work, fields, "warnings")))
    if work.warnings and not fields.is_ao3:
        work.notices.append("The site's own words for warnings were read as the nearest of the archive's.")
    work.status = next(iter(_tokens(work, "status", "Status", [fields.text("status")])), None)


def _fandoms(work: Manuscript, fields: Fields) -> tuple[list[str], list[str]]:
    """Fandoms, and the categories that a setting gave the label which otherwise is theirs."""
    named, other = _values(work, fields, "fandoms"), _values(work, fields, "category")
    kinds = [one for one in other if one.lower() in _AO3_CATEGORIES]
    if len(kinds) < len(other) or not (named or any(map(_PAIR.fullmatch, kinds))):
        kinds = [one for one in kinds if _PAIR.fullmatch(one)]
    return _unique(named + [one for one in other if one not in kinds]), kinds


def _unique(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _tokens(work: Manuscript, kind: TokenKind, label: str, words: list[str]) -> list[Any]:
    """Our words for those of a site; those that are not known are kept, and said."""
    tokens: list[Any] = []
    unknown: list[str] = []
    for word in filter(None, words):
        token = parse_ao3_token(kind, word)
        (unknown if token is None else tokens).append(token or word)
    if unknown:
        shown = ", ".join(f"“{word[:60]}”" for word in unknown[:10])
        work.notices.append(f"{label}: {shown} is none of the archive's words; it was kept in `extra`.")
        kept = [word[:200] for word in unknown[:_MOST_EXTRA]]
        work.extra[label] = kept if kind in {"warning", "category"} else kept[0]
    return tokens


def _series(work: Manuscript, fields: Fields) -> None:
    found: dict[str, SeriesRef] = {}
    for key in sorted(key for key in fields.entries if re.fullmatch(r"series[0-9]*", key)):
        for text in fields.entries[key].items or [fields.text(key)]:
            one = _series_of(work, text)
            if one.title:
                found.setdefault(one.title, one)
    work.series = list(found.values())[:_MOST_SERIES]


def _series_of(work: Manuscript, text: str) -> SeriesRef:
    """A series and the place in it: ``Name [3]``."""
    place = _PLACE.search(text)
    title = text[: place.start()].strip() if place else text.strip()
    if place and place[2] and place[2].strip(".0"):
        work.notices.append(f"The place in the series “{title[:60]}” is {place[0].strip(' []')}: it was left out.")
        place = None
    return SeriesRef(title, (int(place[1]) or None) if place else None)


def _measure(work: Manuscript, fields: Fields) -> None:
    work.words = _number(work, fields, "numWords")
    work.chapters_posted = _number(work, fields, "numChapters")
    for key in ("chapterslashtotal", "chapterstotal"):
        if fields.text(key):
            try:
                posted, expected = planned(fields.text(key), key)
            except Unreadable:
                continue
            total = expected if "/" in fields.text(key) else posted
            work.chapters_expected = work.chapters_expected or total
    for name, keys in STATS.items():
        for key in keys:
            number = _number(work, fields, key)
            if number is not None:
                work.stats.setdefault(name, number)


def _number(work: Manuscript, fields: Fields, key: str) -> int | None:
    text = fields.text(key)
    if not text:
        return None
    try:
        return to_count(text, key)
    except Unreadable:
        label = fields.entries[key].label
        work.notices.append(f"{label}: “{text[:40]}” is no number; it was kept in `extra`.")
        work.extra[label] = text[:200]
        return None


def _date(work: Manuscript, fields: Fields) -> None:
    order = order_of(fields.text(key) for key in ("datePublished", "dateUpdated", "dateCreated"))
    work.published_at = _moment(work, fields, "datePublished", order)
    work.revised_at = _moment(work, fields, "dateUpdated", order) or work.published_at


def _moment(work: Manuscript, fields: Fields, key: str, order: Order | None) -> datetime | None:
    """A date as the title page has it, in a form that a setting may have changed; that of the package decides."""
    text, sure = fields.text(key), fields.dates.get(key)
    read, doubt = read_date(text, order)
    if sure is not None:
        return read if read is not None and read.date() == sure.date() else sure
    if not text:
        return None
    label = fields.entries[key].label
    if read is None:
        work.notices.append(f"{label}: “{text[:40]}” is no date that is understood; it was kept in `extra`.")
        work.extra[label] = text[:200]
    elif doubt:
        work.notices.append(f"{label}: “{text[:40]}” was read {doubt}.")
    return read


def _keep(work: Manuscript, fields: Fields) -> None:
    """What no field is for stays under its label."""
    left_out = 0
    for key, entry in fields.entries.items():
        if key in OF_THE_READER:
            work.notices.append(f"{entry.label}: what a reader marked was left out.")
        elif key == "collections":
            work.extra[entry.label] = _values(work, fields, key)[:_MOST_EXTRA]
        elif key not in READ and key not in OF_THE_FILE and not re.fullmatch(r"series[0-9]*(?:Url|HTML)?", key):
            if len(work.extra) >= _MOST_EXTRA or len(entry.text) > _LONGEST_EXTRA:
                left_out += 1
                continue
            work.extra[entry.label[:200]] = entry.text
    if left_out:
        work.notices.append(f"{left_out} lines of the title page are too long or too many to be kept.")
