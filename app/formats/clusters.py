"""Files that belong together, read: each file with what tells of it beside it, chapters as one work.

What the files hold decides. Where it does not agree with what their names say, each is an input by itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from app.formats.beside import fill, is_metadata, is_of, is_of_book
from app.formats.folder_plan import OPF, Cluster
from app.formats.joined_chapters import join
from app.formats.manuscript import Manuscript, ReadItem
from app.formats.numbered_names import Numbered
from app.formats.options import ReadOptions
from app.formats.problems import Unreadable
from app.formats.reading import fill_gaps

LARGEST_BESIDE: Final = 1024 * 1024
LARGEST_WORK: Final = 64 * 1024 * 1024
"""Of the text of chapters in files of their own, in characters."""
_SHOWN = 3
_FORMS: dict[str, tuple[str | None, ...]] = {
    **dict.fromkeys((".txt", ".yaml", ".yml"), ("metadata-text",)),
    OPF: ("opf",),
}
"""The formats of what tells of others, by endings; any other is read as what it is, else as members of works."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its name, what it is called where its items are told of, and how it is opened."""

    name: str
    shown: str
    open: Callable[[], AbstractContextManager[BinaryIO]]


Read = Callable[[BinaryIO, str, ReadOptions, str | None], Iterable[ReadItem]]
"""Reads one input; the last is its format, where that is known."""
_Told = list[tuple[Found, Manuscript]]


def read_cluster(
    files: Sequence[Found], cluster: Cluster, options: ReadOptions, read: Read
) -> Iterator[tuple[Found, ReadItem]]:
    """The items of files that belong together, each with the file that it stands by."""
    told: _Told = []
    forms: dict[str, str | None] = {}
    texts: list[Found] = []
    for found in (files[index] for index in cluster.beside):
        work, form = _metadata(found, read)
        if work is not None:
            told.append((found, work))
            forms[found.name] = form
        elif not _is_package(found):
            texts.append(found)
    mains = [files[index] for index in cluster.files]
    used: set[str] = set()
    if cluster.chapters:
        yield from _chapters(mains, cluster, options, read, told, used)
    else:
        texts = sorted([*mains, *texts], key=files.index)
    for found in texts:
        for item in _items(found, read):
            yield found, _finished(item, options, told, used)
    # What tells of none of these is an input like any other.
    for found, _ in told:
        if found.name not in used and not _is_package(found):
            for item in _items(found, read, forms[found.name]):
                yield found, _finished(item, options, [], used)


def _is_package(found: Found) -> bool:
    return found.name.casefold().endswith(OPF)


def _items(found: Found, read: Read, form: str | None = None) -> Iterator[ReadItem]:
    try:
        with found.open() as stream:
            yield from read(stream, found.shown, ReadOptions(), form)
    except OSError as error:
        yield ReadItem(found.shown, problem={"code": "unreadable", "detail": str(error.strerror or error)})


def _finished(item: ReadItem, options: ReadOptions, told: _Told, used: set[str]) -> ReadItem:
    """An item with what is told beside its file, and then with what was given for all."""
    work = item.manuscript
    if work is None:
        return item
    for found, manuscript in told:
        if is_of_book(item, manuscript) if _is_package(found) else is_of(item, manuscript):
            fill(item, manuscript, PurePosixPath(found.name).name)
            used.add(found.name)
    if item.titled_by_name and options.title:
        work.title = options.title
    fill_gaps(work, options)
    return item


def _metadata(found: Found, read: Read) -> tuple[Manuscript | None, str | None]:
    """What a small file tells of another, and the format in which it does; ``None`` where it is something else."""
    path = PurePosixPath(found.name)
    try:
        with found.open() as stream:
            data = stream.read(LARGEST_BESIDE + 1)
    except (OSError, Unreadable):
        return None, None
    if data.strip() and len(data) <= LARGEST_BESIDE:
        for form in _FORMS.get(path.suffix.casefold(), (None, "works-json")):
            items = list(islice(read(io.BytesIO(data), path.name, ReadOptions(), form), 2))
            if len(items) == 1 and is_metadata(items[0]):
                return items[0].manuscript, form
            if len(items) != 1 or items[0].manuscript is not None:
                break  # it is a work, or several
    return None, None


def _chapters(
    mains: Sequence[Found], cluster: Cluster, options: ReadOptions, read: Read, told: _Told, used: set[str]
) -> Iterator[tuple[Found, ReadItem]]:
    """The one work whose chapters the files are, else the items of each; a file that cannot be read fails alone."""
    items: list[tuple[Found, ReadItem, Numbered]] = []
    failed: list[tuple[Found, ReadItem]] = []
    size = 0
    for place, (found, part) in enumerate(zip(mains, cluster.chapters, strict=True)):
        first = list(islice(read_items := iter(_items(found, read)), 2))
        if all(item.problem is not None for item in first[:1]) and len(first) < 2:  # noqa: PLR2004
            failed += [(found, item) for item in first]
            continue
        size += sum(len(one.content) for item in first if item.manuscript for one in item.manuscript.chapters)
        if len(first) > 1 or size > LARGEST_WORK or first[0].manuscript is None:
            # Too much, or several works in one file: what was read is given, and the rest by itself.
            yield from ((one, _finished(item, options, told, used)) for one, item, _ in items)
            yield from failed
            yield from ((found, _finished(item, options, told, used)) for item in chain(first, read_items))
            for other in mains[place + 1 :]:
                yield from ((other, _finished(item, options, told, used)) for item in _items(other, read))
            return
        items.append((found, first[0], part))
    yield from _joined(items, cluster.title, options, told, used)
    yield from failed


def _joined(
    items: Sequence[tuple[Found, ReadItem, Numbered]], title: str, options: ReadOptions, told: _Told, used: set[str]
) -> Iterator[tuple[Found, ReadItem]]:
    whole = join([item for _, item, _ in items], [part for *_, part in items], title) if len(items) > 1 else None
    if whole is None:
        yield from ((found, _finished(item, options, told, used)) for found, item, _ in items)
        return
    (first, item, _), (last, *_) = items[0], items[-1]
    work = whole.work
    names = [PurePosixPath(found.name).name for found, *_ in items]
    shown = ", ".join(names[:_SHOWN]) + (f" … {names[-1]}" if len(names) > _SHOWN else "")
    work.notices.append(f"{len(items)} files are its chapters, in the order of the numbers in their names: {shown}.")
    numbers = [part.number for *_, part in items if not part.is_last]
    missing = sorted({*range(numbers[0], numbers[-1] + 1)}.difference(numbers))
    if missing:
        work.notices.append(f"There is no file of the numbers {', '.join(map(str, missing[:20]))}.")
    item.manuscript, item.titled_by_name, item.known_beside = work, whole.titled_by_name, True
    item.input = f"{item.input} … {PurePosixPath(last.name).name}"
    item.file = f"{title}/"
    own = work.source
    item = _finished(item, options, told, used)
    if item.titled_by_name:
        work.notices.append(f"The title “{title[:80]}” is that of the files' names or of their folder.")
    if own is None:
        work.key = work.key or whole.key
    yield first, item
