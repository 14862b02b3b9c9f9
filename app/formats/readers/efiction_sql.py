"""SQL dumps of eFiction archives: stories with their chapters, from the ``INSERT`` statements of mysqldump.

Statements are taken apart and never executed. The address of the archive is not in a dump, so a story is known by its
number and title.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

from app.formats.efiction_spool import Spool, Values, spool, table_of
from app.formats.manuscript import Manuscript, ManuscriptChapter, ReadItem, SeriesRef
from app.formats.numbers import to_count
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.formats.sql_rows import rows_of
from app.formats.work_fields import made_key, understood
from app.kit.dates import parse_source_date
from app.kit.names import parse_ao3_token
from app.kit.text import find_bad_character

_PIECE: Final = 1024 * 1024
_SQL = re.compile(
    rb"(?:INSERT\s+INTO|CREATE\s+TABLE)[^;]{0,80}?(?:stories|chapters|authors|fanfiction_)", re.IGNORECASE
)
_DUMP = re.compile(rb"-- (?:MySQL|MariaDB) dump|-- phpMyAdmin SQL Dump|/\*!40101 SET", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|br|div)\b", re.IGNORECASE)
_SHOWN_BAD_ROWS: Final = 100
_SECONDS = re.compile(r"[0-9]{8,10}")
"""From 1973 on."""


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """A dump; more surely where it names eFiction's tables."""
    if _SQL.search(head):
        return 0.95 if _DUMP.search(head[:4_000]) or b"fanfiction_" in head else 0.6
    return 0.6 if _DUMP.match(head.lstrip()) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item a story, after the whole dump has been read; a row that cannot be read is an item that failed."""
    with spool() as rows:
        known = bad = 0
        notices: list[str] = []
        for row in rows_of(_decoded(stream, notices)):
            if isinstance(row, Unreadable):
                bad += 1
                if bad <= _SHOWN_BAD_ROWS:
                    yield ReadItem(name, problem=row.as_problem())
                continue
            known += table_of(row.table) is not None
            rows.add(row)
        rows.index()
        stories = 0
        for story in rows.stories():
            stories += 1
            yield _item(story, rows, name, notices)
        if not stories:
            detail = f"The SQL dump holds no stories of eFiction ({known} rows of its other tables)."
            yield ReadItem(name, problem={"code": "not-works", "detail": detail})


def _decoded(stream: BinaryIO, notices: list[str]) -> Iterator[str]:
    """The dump as text: UTF-8, and what is not is taken as the Windows-1252 of its time."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    while data := stream.read(_PIECE):
        yield _mended(decoder.decode(data), notices)
    yield _mended(decoder.decode(b"", final=True), notices)


def _mended(text: str, notices: list[str]) -> str:
    if not any("\udc80" <= character <= "\udcff" for character in text):
        return text
    if not notices:
        notices.append("Some letters of the dump are not UTF-8; they were taken as Windows-1252.")
    return re.sub("[\udc80-\udcff]", lambda one: bytes([ord(one[0]) - 0xDC00]).decode("cp1252", "replace"), text)


def _item(story: Values, rows: Spool, name: str, notices: list[str]) -> ReadItem:
    where = f"{name} story {(story.get('sid') or '?')[:20]}"
    try:
        work = _manuscript(story, rows)
    except Unreadable as error:
        return ReadItem(where, problem=error.as_problem())
    work.notices = [*notices, *work.notices]
    return ReadItem(where, work)


def _manuscript(story: Values, rows: Spool) -> Manuscript:
    sid = story.get("sid") or ""
    work = Manuscript(title=_text(story.get("title"), "title").strip() or None)
    work.summary = _html(_text(story.get("summary"), "summary"))
    work.notes = _html(_text(story.get("storynotes"), "storynotes"))
    uids = [story.get("uid"), *(uid for uid, _ in rows.links("coauthors", sid)), *_coauthors(story)]
    names = [_text(rows.name("authors", uid), "penname") for uid in dict.fromkeys(uids)]
    work.authors = [one for one in names if one]
    _tag(work, story, rows)
    work.series = [
        SeriesRef(title, int(place) if place and place.isdecimal() and int(place[:7]) > 0 else None)
        for number, place in rows.links("inseries", sid)
        if (title := _text(rows.name("series", number), "series"))
    ]
    work.status = "complete" if story.get("completed") == "1" else "in_progress"
    stats = {"comments": story.get("reviews") or story.get("numreviews"), "hits": story.get("count")}
    counted = {name: understood(work, stats, name, to_count) for name in stats}
    work.stats = {name: number for name, number in counted.items() if number is not None}
    work.published_at = _date(work, story, "date")
    work.revised_at = _date(work, story, "updated") or work.published_at
    work.chapters = [_chapter(chapter, rows, work) for chapter in rows.chapters(sid)]
    if not work.chapters:
        work.words = to_count(story.get("wordcount"), "wordcount")
        work.notices.append("The dump holds no chapters of the story.")
    elif all(chapter.state == "draft" for chapter in work.chapters) or story.get("validated") == "0":
        work.state = "draft"
        work.notices.append("The story was not validated at its archive; it is a draft here.")
    work.key = made_key(work, f"efiction {sid}")
    return work


def _coauthors(story: Values) -> list[str]:
    """Numbers of other authors; newer versions only mark here that there are some."""
    said = [one.strip() for one in (story.get("coauthors") or "").split(",")]
    return [one for one in said if one.isdecimal()] if len(said) > 1 or said[0] not in {"0", "1"} else []


def _date(work: Manuscript, story: Values, column: str) -> datetime | None:
    """A date and time, or, in dumps of old versions, seconds since 1970; of zeros there is none."""
    value = (story.get(column) or "").strip()
    if not value.strip("0-: ."):
        return None
    if _SECONDS.fullmatch(value):
        return datetime.fromtimestamp(int(value), UTC)
    found = parse_source_date(value)
    if found is None:
        work.notices.append(f"The date “{value[:40]}” ({column}) is not understood; it was left out.")
    return found


def _tag(work: Manuscript, story: Values, rows: Spool) -> None:
    work.fandoms = _named(work, rows, "categories", story.get("catid"))
    work.characters = _named(work, rows, "characters", story.get("charid"))
    words = _named(work, rows, "classes", story.get("classes"))
    words += _named(work, rows, "genres" if rows.has("genres") else "classes", story.get("gid"))
    for one in dict.fromkeys(words + _named(work, rows, "warnings", story.get("wid"))):
        warning: Any = parse_ao3_token("warning", one)
        if warning is not None:
            work.warnings.append(warning)
        else:
            work.freeforms.append(one)
    said = _text(rows.name("ratings", story.get("rid")) or story.get("rid"), "rating")
    rating: Any = parse_ao3_token("rating", said) if said else None
    work.rating = rating
    if said and rating is None:
        work.extra["rating"] = said[:200]
        work.notices.append(f"The rating “{said[:60]}” is not known; it was kept in `extra`.")


def _named(work: Manuscript, rows: Spool, kind: str, numbers: str | None) -> list[str]:
    """What the numbers of a list stand for; older archives wrote the names themselves."""
    found, nameless = [], []
    for one in (part.strip() for part in (numbers or "").split(",")):
        name = rows.name(kind, one) if one.isdecimal() else one
        if name and name != "0":
            found.append(_text(name, kind))
        elif one.strip("0"):
            nameless.append(one)
    if nameless:
        work.notices.append(f"The dump does not name {', '.join(nameless)[:80]} of its {kind}; they were left out.")
    return list(dict.fromkeys(found))


def _chapter(chapter: Values, rows: Spool, work: Manuscript) -> ManuscriptChapter:
    content = _text(chapter.get("storytext"), "storytext")
    if not content.strip():
        work.notices.append("A chapter has no text in the dump: some archives keep it in files beside it.")
    plain = not _MARKUP.search(content[:20_000])
    guest = rows.name("authors", chapter.get("uid"))
    if guest and guest not in work.authors:
        work.authors.append(_text(guest, "penname"))
    return ManuscriptChapter(
        content,
        "text" if plain and "<" not in content else "html",
        title=_text(chapter.get("title"), "title").strip(),
        notes=_html(_text(chapter.get("notes"), "notes")),
        end_notes=_html(_text(chapter.get("endnotes"), "endnotes")),
        state="draft" if chapter.get("validated") == "0" else None,
    )


def _text(value: str | None, column: str) -> str:
    text = (value or "").replace("\r\n", "\n").replace("\r", "\n")
    bad = find_bad_character(text)
    if bad is not None:
        raise Unreadable("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", column)
    return text


def _html(text: str) -> str:
    """What eFiction shows with its line breaks."""
    return text if _MARKUP.search(text) else text.strip().replace("\n", "<br>")


READER = Reader("efiction-sql", score, read, streams=True)
