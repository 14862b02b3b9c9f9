"""Which files of a folder belong together, told from their names: formats of one book, chapters, and what tells of it.

A name only proposes: whether the files are what their names say shows when they are read
(:mod:`app.formats.clusters`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from app.formats.numbered_names import Numbered, file_stem, numbered

OPF: Final = ".opf"
_BESIDE = frozenset({".json", ".yaml", ".yml", OPF})
_MAYBE_BESIDE = ".txt"
_OF_THE_FOLDER = frozenset({"metadata", "meta", "info", "details"})
_TEXTS = frozenset({".html", ".htm", ".xhtml", ".txt", ".text", ".md", ".markdown", ".docx", ".odt", ".rtf"})
_SAY_NOTHING = frozenset({
    *("", ".", "chapters", "chapter", "html", "text", "txt", "files", "md", "markdown", "docx", "odt", "oebps", "ops"),
    *("epub", "body"),
})  # fmt: skip
_MOST_BYTES = {**dict.fromkeys(_BESIDE, 1024 * 1024), _MAYBE_BESIDE: 16 * 1024}
"""What tells of a file is short: by its ending."""
MOST_CHAPTERS: Final = 3_000
_GAPS = 10
"""One in so many numbers may be missing."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Files that are read together, by their places among the names.

    ``beside`` are those that may tell of the others, the surest first. ``chapters`` are the parts of their names where
    ``files`` are chapters of one work, in order, and ``title`` is what the names call the work.
    """

    files: tuple[int, ...]
    beside: tuple[int, ...] = ()
    chapters: tuple[Numbered, ...] = ()
    title: str = ""

    @property
    def is_one(self) -> bool:
        """Whether it is a file by itself."""
        return len(self.files) == 1 and not self.beside

    @property
    def all(self) -> tuple[int, ...]:
        """All its files."""
        return (*self.files, *self.beside)


def plan(names: Sequence[str], size_of: Callable[[int], int], root: str = "") -> list[Cluster]:
    """The clusters of some files, in the order of their first ones; what tells of nothing that is there is in none.

    ``names`` have their folders before them, ``size_of`` tells the bytes of each, and ``root`` is what the folder that
    holds all of them is called.
    """
    folders: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        folders.setdefault(PurePosixPath(name).parent.as_posix(), []).append(index)
    limits = ((index, _MOST_BYTES.get(_ending(name))) for index, name in enumerate(names))
    sized = {index for index, most in limits if most is not None and size_of(index) <= most}
    found = [one for folder, here in folders.items() for one in _of_folder(names, here, sized, _called(folder, root))]
    return sorted(found, key=lambda one: min(one.all))


def _called(folder: str, root: str) -> str:
    """What a folder is called, or the one that it is in where its own name says nothing."""
    for part in reversed([root, *PurePosixPath(folder).parts]):
        if part.casefold() not in _SAY_NOTHING:
            return " ".join(part.replace("_", " ").split())
    return ""


def _of_folder(names: Sequence[str], here: Sequence[int], sized: set[int], folder: str) -> Iterator[Cluster]:
    """The clusters of one folder; ``sized`` are the files that are small enough to tell of others."""
    by_stem: dict[str, list[int]] = {}
    general: list[int] = []
    for index in here:
        path = PurePosixPath(names[index])
        if path.stem.casefold() in _OF_THE_FOLDER and _ending(path) in _BESIDE and index in sized:
            general.append(index)
        else:
            by_stem.setdefault(path.stem.casefold(), []).append(index)
    books = [_book(names, indexes, sized) for indexes in by_stem.values()]
    books = [one for one in books if one.files]
    left = {one.files[0]: names[one.files[0]] for one in books if one.is_one}
    joined = list(_chapters(left, folder, whole=len(left) == len(books)))
    taken = {index for one in joined for index in one.files}
    clusters = joined + [one for one in books if one.files[0] not in taken]
    if len(clusters) == 1:
        one = clusters[0]
        beside = (*sorted(general, key=lambda index: (_ending(names[index]) != OPF, index)), *one.beside)
        clusters, general = [Cluster(one.files, beside, one.chapters, one.title)], []
    for one in clusters:
        if one.beside or one.chapters:
            yield one
        else:  # formats of one name are met by what they hold
            yield from (Cluster((index,)) for index in one.files)
    yield from (Cluster((index,)) for index in general if _ending(names[index]) != OPF)


def _ending(name: str | PurePosixPath) -> str:
    return PurePosixPath(name).suffix.casefold()


def _book(names: Sequence[str], indexes: Sequence[int], sized: set[int]) -> Cluster:
    """The files of one name: what can be a work, and what may tell of it; what tells alone is a work as well."""
    beside = [index for index in indexes if _ending(names[index]) in _BESIDE and index in sized]
    files = [index for index in indexes if index not in beside]
    texts = [index for index in files if _ending(names[index]) == _MAYBE_BESIDE and index in sized]
    if len(texts) < len(files):
        files = [index for index in files if index not in texts]
        beside += texts
    if not files:
        files, beside = [index for index in beside if _ending(names[index]) != OPF], []
    return Cluster(tuple(files), tuple(sorted(beside, key=lambda index: _ending(names[index]) != OPF)))


def _chapters(names: Mapping[int, str], folder: str, *, whole: bool) -> Iterator[Cluster]:
    """Files that count: all of a folder, or those of one name."""
    parts = {index: _numbered(name) for index, name in names.items()}
    counted = {index: part for index, part in parts.items() if part is not None}
    sets: dict[tuple[str, str], list[int]] = {}
    for index, part in counted.items():
        sets.setdefault((part.key, _ending(names[index])), []).append(index)
    if whole and len(counted) == len(names) and folder:
        stems = {part.key: part.stem for part in counted.values() if part.key}
        joined = _joined(list(counted), counted, next(iter(stems.values()), "") or folder) if len(stems) < 2 else None  # noqa: PLR2004
        if joined is not None:
            yield joined
            return
    for (key, _), indexes in sets.items():
        joined = _joined(indexes, counted, counted[indexes[0]].stem) if key else None
        if joined is not None:
            yield joined


def _numbered(name: str) -> Numbered | None:
    return numbered(file_stem(name)) if _ending(name) in _TEXTS else None


def _joined(indexes: Sequence[int], parts: Mapping[int, Numbered], title: str) -> Cluster | None:
    """The cluster of some files that count up from the begin, hardly one missing; ``None`` for any others."""
    order = sorted(indexes, key=lambda index: parts[index].number)
    numbers = [parts[index].number for index in order if not parts[index].is_last]
    if not 1 < len(order) <= MOST_CHAPTERS or not numbers or numbers[0] > 1 or len(set(numbers)) < len(numbers):
        return None
    missing = numbers[-1] - numbers[0] + 1 - len(numbers)
    lasts = len(order) - len(numbers)
    if missing > len(numbers) // _GAPS or lasts > 1 or numbers[-1] == 0:
        return None
    return Cluster(tuple(order), (), tuple(parts[index] for index in order), title)
