"""What stands beside a file and tells of it: it fills what the file itself does not say, and overrules nothing."""

from __future__ import annotations

from dataclasses import fields
from pathlib import PurePosixPath
from typing import Any

from app.formats.manuscript import Manuscript, ReadItem
from app.kit.urls import normalise_source_url

NO_TEXT = "The file has the story's metadata only, no text."
_NOT_TAKEN = frozenset({"notices", "extra", "chapters", "state", "visibility", "anonymous", "key", "source_urls"})


def is_metadata(item: ReadItem) -> bool:
    """Whether what was read tells of one work and has none of its text."""
    work = item.manuscript
    return work is not None and not work.chapters and bool(work.title or work.source)


def is_of(item: ReadItem, told: Manuscript) -> bool:
    """Whether metadata is that of a file which was read: nothing that both say differs in what identifies a work.

    A file that names its source needs no other that does: such metadata is an input like any other. One that names none
    has to have the file's title then.
    """
    work = item.manuscript
    if work is None or not item.alone or work.key is not None:
        return False
    same = bool(work.title) and _plain(work.title or "") == _plain(told.title or "")
    if work.source is not None or work.source_urls:
        if not same or told.source is not None or told.source_urls:
            return False
    elif work.title and told.title and not item.titled_by_name and not same:
        return False
    authors = {_plain(name) for name in work.authors}
    return not authors or not told.authors or not authors.isdisjoint(map(_plain, told.authors))


def is_of_book(item: ReadItem, told: Manuscript) -> bool:
    """The same of a library's own metadata, which tells of each file in its folder: one thing that agrees is enough."""
    work = item.manuscript
    if work is None or not item.alone:
        return False
    if not work.title or item.titled_by_name or not told.title or _plain(work.title) == _plain(told.title):
        return True
    if _plain(PurePosixPath(item.file).stem).startswith(_plain(told.title)):
        return True  # a library gives its files the titles that it has for them
    authors = {_plain(name) for name in work.authors}
    return not authors.isdisjoint(map(_plain, told.authors)) or not _addresses(work).isdisjoint(_addresses(told))


def fill(item: ReadItem, told: Manuscript, name: str) -> None:
    """Give a file's work what the metadata beside it says and it does not."""
    work = item.manuscript
    assert work is not None
    own = _addresses(work)
    if item.titled_by_name and told.title:
        work.title, item.titled_by_name = None, False
    taken = []
    for member in fields(Manuscript):
        value: Any = getattr(told, member.name)
        if member.name not in _NOT_TAKEN and value and not getattr(work, member.name):
            setattr(work, member.name, value)
            taken.append(member.name.replace("_", " "))
    if told.key is not None and work.key is None:
        work.key, item.known_beside = told.key, True
    item.known_beside |= not own and bool(_addresses(work))
    work.extra = {**told.extra, **work.extra}
    if told.visibility == "registered":
        work.visibility = "registered"
    work.notices += [one for one in told.notices if one not in work.notices and one != NO_TEXT]
    if taken:
        work.notices.append(f"{name[:100]} tells of the file, and what it does not say itself was taken from there: "
                            f"{', '.join(taken)}.")  # fmt: skip


def _addresses(work: Manuscript) -> set[str | None]:
    urls = [*work.source_urls, work.source.url if work.source is not None else None]
    return {normalise_source_url(url) or url for url in urls if url}


def _plain(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())
