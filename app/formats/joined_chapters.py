"""Files that are chapters of one work, joined: only where what they hold agrees with what their names say.

A file that names an author and a title of its own, tags that others do not have, or several chapters, is a work by
itself, and then none of them is joined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.formats.headings import chapter_heading
from app.formats.manuscript import Manuscript, ManuscriptChapter, ReadItem
from app.formats.numbered_names import Numbered, numbered
from app.formats.page_meta import OF_THE_PAGE

_LOOSE = frozenset({"plain-text", "html", "markdown", "docx", "odt", "rtf", "mail", "journal"})
_OF_THE_WORK = (
    "fandoms", "characters", "relationships", "freeforms", "warnings", "categories", "rating", "series", "summary",
    "gifts",
)  # fmt: skip
_LONGEST_TITLE = 250
_MOST_NOTICES = 100


@dataclass(frozen=True, slots=True)
class Joined:
    """A work made of files: what it is known by where nothing names its source, and whether names gave it its title."""

    work: Manuscript
    key: str
    titled_by_name: bool


def join(items: Sequence[ReadItem], parts: Sequence[Numbered], title: str) -> Joined | None:
    """The work whose chapters some items are, in order; ``None`` where one of them is a work by itself.

    ``parts`` are those of their files' names, and ``title`` is what the names call the work.
    """
    works = [item.manuscript for item in items if item.manuscript is not None]
    if len(works) < len(items) or any(item.format not in _LOOSE for item in items):
        return None
    titles = ["" if item.titled_by_name else _plain(work.title) for item, work in zip(items, works, strict=True)]
    texts = {chapter.content for work in works for chapter in work.chapters}
    if len(texts) < len(works) or any(_is_whole(work, works, titles, at) for at, work in enumerate(works)):
        return None
    name, said = _title(works[0], titles, title)
    chapters = [
        _chapter(work, own, part, name, first=work is works[0])
        for work, own, part in zip(works, titles, parts, strict=True)
    ]
    begin = f"{name}\x1f{chapters[0].content}".encode("utf-8", "surrogatepass")
    key = f"made:{hashlib.blake2b(begin, digest_size=12).hexdigest()}"
    return Joined(_joined(works, chapters, name), key, not said)


def _is_whole(work: Manuscript, works: Sequence[Manuscript], titles: Sequence[str], at: int) -> bool:
    """Whether a file says by what it holds that it is no chapter of the others."""
    first = works[0]
    if len(work.chapters) != 1 or work.key is not None or work.source_urls:
        return True
    if work.status == "complete" and at + 1 < len(works) and (at or not _is_headed(work)):
        return True
    if any(getattr(work, name) and getattr(work, name) != getattr(first, name) for name in _OF_THE_WORK):
        return True
    if work.authors and work.authors != first.authors:
        return True
    if work.source is not None and work.source.id is not None and work.source != first.source:
        return True
    others = {one for one in titles if one}
    tells_who = bool(work.authors) or work.source is not None
    return tells_who and len(others) > 1 and bool(titles[at]) and numbered(titles[at]) is None and at > 0


def _is_headed(work: Manuscript) -> bool:
    """Whether there is a head over the text that tells of a work."""
    return bool(work.fandoms or work.rating or work.summary or work.relationships)


def _title(first: Manuscript, titles: Sequence[str], named: str) -> tuple[str, bool]:
    """What the work is called, and whether the files say it themselves."""
    told = [one for one in titles if one]
    if told and len(set(told)) == 1 and len(told) == len(titles) and numbered(told[0]) is None:
        return told[0], True
    stems = {part.key: part.stem for one in told if (part := numbered(one)) is not None and part.key}
    if len(stems) == 1:
        return next(iter(stems.values())), True
    if titles[0] and (first.authors or _is_headed(first)) and numbered(titles[0]) is None:
        return titles[0], True
    return named, False


def _chapter(work: Manuscript, own: str, part: Numbered, name: str, *, first: bool) -> ManuscriptChapter:
    """A file as a chapter: its title from its text, else from the title of its page, else from its name."""
    (chapter,) = work.chapters
    told = numbered(own)
    own = told.title if told is not None else own
    titles = (chapter.title, own if own != name else "", part.title)
    chapter.title = next((one for one in titles if one and not _is_number(one, part.number)), "")[:_LONGEST_TITLE]
    chapter.published_at = chapter.published_at or work.published_at
    if work.source is not None and work.source.id is None:
        chapter.source_url = chapter.source_url or work.source.url
    if not first:
        chapter.notes = chapter.notes or work.notes
        chapter.end_notes = chapter.end_notes or work.end_notes
    return chapter


def _is_number(title: str, number: int) -> bool:
    """Whether a title says nothing but which chapter it is, and it is that."""
    heading = chapter_heading(title)
    return heading is not None and heading.number == number and not heading.title


def _joined(works: Sequence[Manuscript], chapters: list[ManuscriptChapter], name: str) -> Manuscript:
    """The first file's work with all the chapters."""
    whole, last = works[0], works[-1]
    whole.title, whole.chapters, whole.status = name, chapters, last.status
    dates = [date for work in works for date in (work.published_at, work.revised_at) if date is not None]
    whole.revised_at = max(dates, default=None)
    if whole.source is not None and whole.source.id is None:
        whole.source = None  # the address of its first chapter
    for work in works[1:]:
        whole.extra = {**work.extra, **whole.extra}
        whole.language = whole.language or work.language
        whole.notices += [one for one in work.notices if one not in whole.notices]
    whole.notices = [one for one in whole.notices if one != OF_THE_PAGE][:_MOST_NOTICES]
    return whole


def _plain(title: str | None) -> str:
    return " ".join((title or "").split())
