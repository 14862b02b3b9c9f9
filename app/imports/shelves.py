"""Folders as they lie on a disk: their files, without what is no work, and what each folder is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from app.formats.containers import is_beside, is_passed_over

STDIN = Path("-")
_LOOKED_AT = 16
_PACKAGE = "metadata.opf"


@dataclass(slots=True)
class Shelf:
    """Files of one folder. ``folder`` is where they lie below what was asked for; empty for files that were named."""

    files: list[Path]
    called: str = ""
    folder: str = ""
    beside: frozenset[str] = field(default_factory=frozenset)
    """Names of those that only tell of others."""
    passed: int = 0
    """How many files of the folder are none that could be works."""

    def size_of(self, index: int) -> int:
        """The bytes of a file; what cannot be looked at is read, and says why."""
        try:
            return self.files[index].stat().st_size
        except OSError:
            return 0

    @property
    def works(self) -> list[Path]:
        """The files that are inputs by themselves."""
        return [path for path in self.files if path.name not in self.beside]


def shelves(paths: Iterable[Path]) -> Iterator[Shelf]:
    """The files of some paths by their folders, in the order of names; hidden ones are left out.

    Files that are named stand together where they lie in one folder, with the package of a book that lies beside them.
    """
    for (is_folder, parent, is_stdin), group in groupby(paths, lambda one: (one.is_dir(), one.parent, one == STDIN)):
        if is_folder:
            for path in group:
                yield from _below(path, path.resolve().name, frozenset())
            continue
        named = list(group)
        package = parent / _PACKAGE
        beside = [package] if not is_stdin and package not in named and package.is_file() else []
        called = parent.resolve().name if len(named) > 1 and _are_all(named, parent) else ""
        yield Shelf([*named, *beside], called, "", frozenset(path.name for path in beside))


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of some paths that are inputs, in the order in which they are read."""
    for shelf in shelves(paths):
        yield from shelf.works


def _below(folder: Path, name: str, above: frozenset[Path]) -> Iterator[Shelf]:
    """A folder, then those in it; one that leads back to where it is in is left out."""
    place = folder.resolve()
    if place in above:
        return
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError:
        yield Shelf([folder], "", name)  # reading it says why
        return
    folders = [entry for entry in entries if entry.is_dir()]
    inner = set(folders)
    files = [entry for entry in entries if entry not in inner]
    kept = [path for path in files if not _is_passed(path, name)]
    beside = frozenset(path.name for path in kept if is_beside(path.name))
    if files:
        yield Shelf(kept, place.name, name, beside, len(files) - len(kept) + len(beside))
    for entry in folders:
        yield from _below(entry, f"{name}/{entry.name}", above | {place})


def _are_all(named: list[Path], parent: Path) -> bool:
    """Whether a folder has no other files than those that were named, but for what is no work."""
    try:
        left = {path for path in parent.iterdir() if not path.name.startswith(".")}.difference(named)
    except OSError:
        return False
    return all(path.is_dir() or is_beside(path.name) or _is_passed(path, "") for path in left)


def _is_passed(path: Path, folder: str) -> bool:
    if is_beside(path.name):
        return False
    head = b""
    if not path.suffix:
        try:
            with path.open("rb") as file:
                head = file.read(_LOOKED_AT)
        except OSError:
            return False
    return is_passed_over(f"{folder}/{path.name}", head)
