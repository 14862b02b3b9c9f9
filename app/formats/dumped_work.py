"""A work as other programs dump it to JSON, by the names of its members.

Known are ``published``, ``endnotes``, ``chapters_total``, chapters of ``html``, authors as objects of ``pseud`` and
``user`` … and all that tables call their columns. A work without an address has a key made of what is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from app.formats.json_values import text, texts
from app.formats.manuscript import Manuscript, ManuscriptChapter, SourceRef
from app.formats.member_names import is_kept, place_of
from app.formats.numbers import planned, to_count
from app.formats.problems import Unreadable
from app.formats.record import manuscript_of
from app.formats.record_model import ImportRecord
from app.formats.tables import normalise
from app.formats.work_fields import made_key, series_of, understood
from app.kit.dates import parse_source_date
from app.kit.names import TokenKind, parse_ao3_token
from app.kit.urls import is_web_address, source_id

_OURS = frozenset(ImportRecord.model_fields)
_ALSO_TAKEN = frozenset({"language_code", "anonymous", "collections"})
_MOST_OTHERS, _LONGEST_OTHER = 40, 1_000
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_MOST_WORDS = 100
_SECONDS = range(10**8, 10**10)
"""A date as a number: seconds since 1970, from 1973 on."""
_STATS = ("kudos", "comments", "bookmarks", "hits")


def read_work(work: Any) -> Manuscript:
    """The work of an element; one in our own form is read as our own record."""
    if not isinstance(work, dict):
        raise Unreadable("not-an-object", "A work has to be a JSON object.", "")
    if not _is_foreign(work):
        return manuscript_of(work)
    said, others = _members(work)
    title, chapters = text(said.get("title")), work.get("chapters")
    has_chapters = (isinstance(chapters, list) and bool(chapters)) or bool(text(said.get("text")))
    if not title and not has_chapters:
        raise Unreadable("title-or-chapter-required", "A work needs a title or a chapter.", "/title")
    authors = list(_authors(said.get("authors")))
    manuscript = Manuscript(
        title=title or None,
        authors=list(dict.fromkeys(byline for byline, _ in authors if byline.casefold() != "anonymous")),
        summary=text(said.get("summary")),
        notes=text(said.get("notes")),
        end_notes=text(said.get("end_notes")),
        language=text(work.get("language_code")) or text(said.get("language")) or None,
        fandoms=_list(said.get("fandoms")),
        characters=_list(said.get("characters")),
        relationships=_list(said.get("relationships")),
        freeforms=[*_list(work.get("freeforms") or said.get("freeforms")), *_more_tags(work)],
        series=list(series_of(said.get("series"))),
        gifts=_list(said.get("gifts")),
        visibility="registered" if said.get("restricted") is True else "public",
        anonymous=work.get("anonymous") is True,
        extra=others,
    )
    _measure(manuscript, said)
    _read_tokens(manuscript, said)
    if isinstance(chapters, list):
        manuscript.chapters = _chapters(manuscript, chapters)
    elif text(said.get("text")):
        content = text(said["text"])
        manuscript.chapters = [ManuscriptChapter(content, "html" if "</" in content else "text")]
    collections = _list(work.get("collections"))
    if collections:
        manuscript.extra["collections"] = collections
    url = text(said.get("url"))
    if is_web_address(url):
        known = source_id(url)
        manuscript.source = SourceRef(known[0], known[1], url) if known else SourceRef(None, None, url)
    else:
        own = said.get("id")
        manuscript.key = made_key(
            manuscript, str(own) if isinstance(own, int | str) else "", [name for _, name in authors]
        )
    return manuscript


def _members(work: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members by what they say, the best known of several first, and those that no field is for."""
    places = {name: place for name in work if (place := place_of(normalise(name)))}
    said: dict[str, Any] = {}
    for name in sorted(places, key=lambda one: places[one][1], reverse=True):
        value = work[name]
        if value not in _NOTHING and not (places[name][0] == "chapters" and isinstance(value, list)):
            said[places[name][0]] = value
    flags = [value for name, value in work.items() if name in places and _is_flag(places[name], value)]
    if flags:
        said["status"] = flags[0]
    others = {
        name: work[name] for name in work if name not in places and name not in _ALSO_TAKEN and is_kept(normalise(name))
    }
    small = [(name[:100], value) for name, value in others.items() if value not in _NOTHING]
    kept = [(name, value) for name, value in small if len(orjson.dumps(value)) <= _LONGEST_OTHER]
    return said, dict(kept[:_MOST_OTHERS])


def _is_flag(place: tuple[str, int], value: Any) -> bool:
    """Whether it says by yes or no that a work is complete, which is surer than a word."""
    return place[0] == "status" and isinstance(value, bool)


def _more_tags(work: dict[str, Any]) -> list[str]:
    """Tags beside freeforms are freeforms, too."""
    return _list(work.get("tags")) if work.get("freeforms") else []


def foreign_members(work: dict[str, Any]) -> list[str]:
    """Members that our own records have not, and that are known."""
    return [name for name in work if name not in _OURS and (name in _ALSO_TAKEN or place_of(normalise(name)))]


def _is_foreign(work: dict[str, Any]) -> bool:
    """Whether it has members that our own records have not."""
    chapters = work.get("chapters")
    if isinstance(chapters, list) and any(isinstance(one, dict) and "html" in one for one in chapters[:1]):
        return True
    return bool(foreign_members(work))


def _authors(authors: Any) -> Iterator[tuple[str, str]]:
    """Authors as bylines, ``pseud (user)`` where the two differ, and by the name alone."""
    for one in authors if isinstance(authors, list) else [authors]:
        name, user = one, None
        if isinstance(one, dict):
            name = next((one[key] for key in ("name", "pseud", "byline", "user") if one.get(key)), None)
            user = one.get("user") if name == one.get("pseud") else None
        if not isinstance(name, str) or not name.strip():
            continue
        name = name.strip()
        tells_more = isinstance(user, str) and user.strip() and user.strip() != name
        yield f"{name} ({user.strip()})" if isinstance(user, str) and tells_more else name, name


def _list(value: Any) -> list[str]:
    """The strings of a list; a string is cut at its commas, which tags of Archive of Our Own never hold."""
    return list(texts(value.split(",") if isinstance(value, str) else value))


def _read_tokens(manuscript: Manuscript, said: dict[str, Any]) -> None:
    """Rating, warnings, categories and status; a word that is not known goes to ``extra``, with a notice."""
    if isinstance(said.get("status"), bool):
        manuscript.status = "complete" if said["status"] else "in_progress"
    else:
        manuscript.status = next(iter(_tokens(manuscript, "status", [text(said.get("status"))])), None)
    manuscript.rating = next(iter(_tokens(manuscript, "rating", [text(said.get("rating"))])), None)
    manuscript.warnings = _tokens(manuscript, "warning", _list(said.get("warnings")))
    categories = [one for one in _list(said.get("categories")) if one.casefold() != "no category"]
    manuscript.categories = _tokens(manuscript, "category", categories)


def _measure(manuscript: Manuscript, said: dict[str, Any]) -> None:
    """Numbers and dates."""
    manuscript.words = understood(manuscript, said, "words", to_count)
    posted, expected = understood(manuscript, said, "chapters", planned) or (None, None)
    manuscript.chapters_posted = posted
    manuscript.chapters_expected = expected or understood(manuscript, said, "expected", to_count) or None
    stats = {name: understood(manuscript, said, name, to_count) for name in _STATS}
    manuscript.stats = {name: number for name, number in stats.items() if number is not None}
    manuscript.published_at = understood(manuscript, said, "published", _date)
    manuscript.revised_at = understood(manuscript, said, "revised", _date)


def _tokens(manuscript: Manuscript, kind: TokenKind, words: list[str]) -> list[Any]:
    tokens: list[Any] = []
    for word in filter(None, words[:_MOST_WORDS]):
        token = parse_ao3_token(kind, word)
        if token is not None:
            tokens.append(token)
            continue
        manuscript.notices.append(f"The {kind} “{word[:60]}” is not known; it was kept in `extra`.")
        manuscript.extra.setdefault(kind, []).append(word[:200])
    return tokens


def _date(value: Any, name: str) -> datetime:
    if type(value) is int and value in _SECONDS:
        return datetime.fromtimestamp(value, UTC)
    date = parse_source_date(text(value))
    if date is None:
        raise Unreadable("bad-date", "The date is not understood.", f"/{name}")
    return date


def _chapters(manuscript: Manuscript, chapters: list[Any]) -> list[ManuscriptChapter]:
    """Chapters in the order of their numbers, where each has one of its own; else as they stand."""
    read = [_chapter(manuscript, one, index) for index, one in enumerate(chapters)]
    numbers = [number for one in chapters if type(number := one.get("n", one.get("number"))) is int]
    if len(set(numbers)) < len(read):
        return read
    return [read[index] for index in sorted(range(len(read)), key=numbers.__getitem__)]


def _chapter(manuscript: Manuscript, chapter: Any, index: int) -> ManuscriptChapter:
    pointer = f"/chapters/{index}"
    if not isinstance(chapter, dict):
        raise Unreadable("not-a-chapter", "A chapter has to be an object.", pointer)
    content = next((chapter[key] for key in ("html", "content") if isinstance(chapter.get(key), str)), None)
    plain = chapter.get("text")
    if content is None and not isinstance(plain, str):
        raise Unreadable("not-a-chapter", "A chapter has its text in html, content or text.", f"{pointer}/html")
    when = f"date of chapter {index + 1}"
    dated = {when: chapter.get("date") or chapter.get("published")}
    return ManuscriptChapter(
        content=content if content is not None else str(plain),
        content_format="html" if content is not None else "text",
        title=text(chapter.get("title")),
        summary=text(chapter.get("summary")),
        notes=text(chapter.get("notes")),
        end_notes=text(chapter.get("end_notes")) or text(chapter.get("endnotes")),
        published_at=understood(manuscript, dated, when, _date),
    )
