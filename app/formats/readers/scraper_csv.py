"""Tables of works as scrapers and download tools write them; columns are known by many names.

Lists are cut at commas, which the tags of Archive of Our Own never hold; a list may also be written as JSON, as a
Python list, with bars or semicolons. What no field is for, and what is not understood, is kept in ``extra``. A work
whose row names no address is known by a key made of what the row says.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson

from app.formats.calibre_rows import UNTYPED, is_calibre, renamed, row_of
from app.formats.ffn_info import genres_of, people_of, read_info
from app.formats.json_values import head_of
from app.formats.long_chapters import add_chapters
from app.formats.manuscript import Manuscript, ManuscriptChapter, ReadItem, SeriesRef, SourceRef
from app.formats.member_names import NOTHING, Layout
from app.formats.numbers import planned, to_count
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.formats.tables import Table, header_of, is_regular
from app.formats.work_fields import made_key, understood
from app.kit.dates import parse_source_date
from app.kit.names import TokenKind, parse_ao3_token
from app.kit.text import find_bad_character
from app.kit.urls import source_id

_SURE = 4
_LIKELY = 2
_ROWS_ARE_WORKS = 3
_BAR = re.compile(r"(?<! )\|(?! )")
_OF_FANFICTION_NET = re.compile(r"(?:^|[\s,])\[(?![\"'])[^\[\]\"]{1,200},[^\[\]\"]{1,200}\]")
"""A pairing among characters; a list in brackets has its values in quotes."""
_SECONDS = re.compile(r"[0-9]{9,10}(?:\.0)?|[0-9]{13}")
"""A date as a number: seconds since 1970, from 1973 on, or thousandths of them."""
_MARKUP = re.compile(r"</?(?:p|br|div|em|i|b|span)\b", re.IGNORECASE)
_LISTS = ("freeforms", "fandoms", "categories", "characters", "relationships")
_YES_AND_NO = frozenset({"true", "false", "yes", "no", "1", "0"})
_SERIES_PLACE = re.compile(r"\[([0-9]{1,6})\]$")
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ESCAPED = re.compile(r"\\(.)")
_MOST_WARNINGS = 100
_AO3_CATEGORIES = frozenset({"f/f", "f/m", "gen", "m/m", "multi", "other"})
"""As the site writes them: "General" is a genre of another."""


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """A header row with several columns that are known, or at least a table of whatever."""
    if b"\n" not in head or head_of(head).startswith((b"{", b"[", b"<")):
        return 0.0
    names, _ = header_of(head)
    known = Layout(names).known
    if (len(names) >= _SURE and known >= _LIKELY) or (known == len(names) >= _ROWS_ARE_WORKS):
        return 0.8 if known >= _SURE else 0.5
    return 0.4 if is_regular(head) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item a row; a bad row is a failed item and stops nothing. A table that is not of works is one failed item."""
    table = Table(stream)
    from_calibre = is_calibre(table.names)
    layout = Layout(renamed(table.names) if from_calibre else table.names)
    if not layout.has_titles and layout.known < _ROWS_ARE_WORKS:
        detail = f"The table does not describe works: its columns are {', '.join(table.names)[:200]}."
        yield ReadItem(name, problem=Unreadable("not-works", detail, "title").as_problem())
        return
    for number, row in table:
        where = f"{name} line {number}"
        try:
            if isinstance(row, Unreadable):
                raise row
            manuscript = _manuscript(row_of(row) if from_calibre else row, layout)
        except Unreadable as error:
            yield ReadItem(where, problem=error.as_problem())
            continue
        if table.notice is not None:
            manuscript.notices.append(table.notice)
            table.notice = None  # once for the whole table
        yield ReadItem(where, manuscript)


def _manuscript(row: Mapping[str, str], layout: Layout) -> Manuscript:
    fields = layout.fields_of(row)
    if not fields["title"]:
        if not layout.has_titles:
            detail = "The table has no column of titles: a work cannot be made of its rows."
            raise Unreadable("no-title-column", detail, "title")
        raise Unreadable("title-or-chapter-required", "The row has no title.", "title")
    manuscript = Manuscript(title=_unescaped(fields["title"]), extra=dict(layout.others_of(row, fields)))
    for field, value in (*fields.items(), *manuscript.extra.items()):
        bad = None if value.isascii() and value.isprintable() else find_bad_character(value)
        if bad is not None:
            raise Unreadable("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", field)
    manuscript.summary, manuscript.notes, manuscript.end_notes = (
        _prose(fields[name]) for name in ("summary", "notes", "end_notes")
    )
    manuscript.authors = [one for one in _list(manuscript, fields["authors"]) if one.lower() != "anonymous"]
    manuscript.gifts = _list(manuscript, fields["gifts"])
    if fields["restricted"].lower() in {"true", "yes", "1"}:
        manuscript.visibility = "registered"
    _tag(manuscript, fields, layout)
    _measure(manuscript, fields)
    if fields["info"]:
        read_info(manuscript, fields["info"])
    _identify(manuscript, fields, layout)
    if UNTYPED in manuscript.extra:
        manuscript.notices.append("The tags have no types; they were kept in `extra`.")
    _read_text(manuscript, fields["text"])
    return manuscript


def _read_text(manuscript: Manuscript, text: str) -> None:
    """The text, which tables hold in one piece whatever the number of its chapters."""
    if not text:
        return
    if _MARKUP.search(text):
        manuscript.chapters = [ManuscriptChapter(text)]
    else:
        paragraphs = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
        add_chapters(manuscript, "", [part for one in paragraphs if (part := one.strip())])
    told = manuscript.chapters_posted
    if told is not None and told > 1:
        manuscript.notices.append(f"The table tells of {told} chapters, and holds the text in one piece.")
        manuscript.chapters_posted = manuscript.chapters_expected = None


def _unescaped(text: str) -> str:
    """A text without its entities; an ampersand before a word is none without its semicolon (“Me&not you”)."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def _prose(text: str) -> str:
    """HTML: tables hold either that or plain text with entities."""
    return text if "<" in text and ">" in text else html.escape(_unescaped(text), quote=False)


def _list(manuscript: Manuscript, text: str, *, semicolons: bool = False) -> list[str]:
    """The values of a cell."""
    if not text:
        return []
    if text.startswith("[") and text.endswith("]"):
        return _values(_literal(text))
    if "," not in text and _BAR.search(text):
        return _values(_BAR.split(text))
    if semicolons and "; " in _unescaped(text):
        manuscript.notices.append(f"“{text[:80]}” was cut at its semicolons.")
        return _values(_unescaped(text).split("; "))
    return _values(text.split(","))


def _is_parted_by_semicolons(fields: Mapping[str, str]) -> bool:
    """Whether lists have semicolons between their values, which tags may hold as well: then no list has a comma."""
    return "; " in _unescaped(fields["characters"]) and not any("," in fields[name] for name in _LISTS)


def _values(parts: Any) -> list[str]:
    return [value for part in parts if (value := _unescaped(part).strip()).lower() not in NOTHING]


def _literal(text: str) -> list[str]:
    """A list as JSON, or as Python shows one of strings."""
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        return [_ESCAPED.sub(r"\1", single or double) for single, double in _QUOTED.findall(text)] or [text]
    return [one if isinstance(one, str) else str(one) for one in parsed if not isinstance(one, dict | list)]


def _identify(manuscript: Manuscript, fields: Mapping[str, str], layout: Layout) -> None:
    """A source where the row names one; else a key made of what it says."""
    url, own = fields["url"], fields["id"]
    number = own if own.isascii() and own.isdigit() else ""
    if url.startswith(("http://", "https://")):
        known = source_id(url)
        manuscript.source = SourceRef(known[0], known[1], url) if known else SourceRef(fields["site"] or None, own, url)
    elif number and layout.is_ao3_scraper:
        manuscript.source = SourceRef("archiveofourown.org", number, f"https://archiveofourown.org/works/{number}")
    elif number and fields["info"]:
        manuscript.source = SourceRef("fanfiction.net", number, f"https://www.fanfiction.net/s/{number}")
    else:
        manuscript.key = made_key(manuscript, own)


def _tag(manuscript: Manuscript, fields: Mapping[str, str], layout: Layout) -> None:
    parted = _is_parted_by_semicolons(fields)
    freeforms, fandoms, categories, characters, relationships = (
        _list(manuscript, fields[name], semicolons=parted) for name in _LISTS
    )
    if layout.is_fanficfare:
        # FanFicFare calls fandoms "Category" and puts M/M and the like among the genres.
        fandoms, categories = categories, [one for one in freeforms if one.lower() in _AO3_CATEGORIES]
        freeforms = [one for one in freeforms if one.lower() not in _AO3_CATEGORIES]
    if ">" in fields["fandoms"]:
        fandoms = [_unescaped(fields["fandoms"].rpartition(">")[2]).strip()]
    if _OF_FANFICTION_NET.search(fields["characters"]) and not layout.is_ao3_scraper:
        pairings, characters = people_of(_unescaped(fields["characters"]))
        relationships += [one for one in pairings if one not in relationships]
    manuscript.fandoms = fandoms
    # AO3's tables write "No category" where there is none.
    manuscript.categories = _tokens(manuscript, "category", [c for c in categories if c.lower() != "no category"])
    manuscript.characters = characters
    manuscript.relationships = relationships
    manuscript.freeforms = (len(freeforms) == 1 and genres_of(freeforms[0])) or freeforms
    manuscript.rating = next(iter(_tokens(manuscript, "rating", [fields["rating"]])), None)
    manuscript.warnings = _tokens(manuscript, "warning", _list(manuscript, fields["warnings"]))
    manuscript.language = fields["language"] or None
    if fields["series"]:
        manuscript.series = [_series(fields["series"], fields["place"])]


def _series(series: str, place: str) -> SeriesRef:
    found = _SERIES_PLACE.search(series[-8:])
    title = series[: -len(found[0])].rstrip() if found else series
    number = found[1] if found else place.removesuffix(".0")
    position = int(number) if number.isascii() and number.isdecimal() and len(number) <= 6 else 0  # noqa: PLR2004
    return SeriesRef(_unescaped(title or series), position or None)


def _tokens(manuscript: Manuscript, kind: TokenKind, words: list[str]) -> list[Any]:
    """Our words for those of a site; what is not known is kept and said, since the row is good without it."""
    tokens = []
    for word in words[:_MOST_WARNINGS]:
        if not word:
            continue
        token = parse_ao3_token(kind, word)
        if token is not None:
            tokens.append(token)
            continue
        manuscript.notices.append(f"The {kind} “{word[:60]}” is not known; it was kept in `extra`.")
        if kind in {"warning", "category"}:
            manuscript.extra.setdefault(kind, []).append(word[:200])
        else:
            manuscript.extra.setdefault(kind, word[:200])
    return list(dict.fromkeys(tokens))


def _measure(manuscript: Manuscript, fields: Mapping[str, str]) -> None:
    manuscript.words = understood(manuscript, fields, "words", to_count)
    planned_chapters = understood(manuscript, fields, "chapters", planned)
    manuscript.chapters_posted, expected = planned_chapters or (None, None)
    manuscript.chapters_expected = expected or understood(manuscript, fields, "expected", to_count) or None
    for name in ("kudos", "comments", "bookmarks", "hits"):
        number = understood(manuscript, fields, name, to_count)
        if number is not None:
            manuscript.stats[name] = number
    manuscript.published_at = understood(manuscript, fields, "published", _date)
    manuscript.revised_at = understood(manuscript, fields, "revised", _date) or manuscript.published_at
    manuscript.status = _status(manuscript, fields["status"])


def _date(text: str, column: str) -> datetime | None:
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    date = parse_source_date(text)
    if date is None:
        raise Unreadable("bad-date", "The date is not understood.", column)
    return date


def _status(manuscript: Manuscript, text: str) -> Any:
    if text.lower() in _YES_AND_NO:
        return "complete" if text.lower() in {"true", "yes", "1"} else "in_progress"
    return next(iter(_tokens(manuscript, "status", [text])), None)


READER = Reader("scraper-csv", score, read, streams=True)
