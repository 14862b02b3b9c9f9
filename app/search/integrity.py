"""Whether the files of an index are still what was written: disks rot, and copies break off.

The engine puts a checksum at the end of every file of a segment and never looks at it again, so this does: when an
index is opened for writing, now and then while it is followed, and when somebody could not read it.
"""

from __future__ import annotations

import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from app.search.index import NAMES

CHECK_EVERY = 600.0
CHECK_SHARE = 100
"""Files are read that often, but in no more than a hundredth of the time."""
PARTS = ("idx", "pos", "term", "store", "fast", "fieldnorm")
"""What every segment has."""
SUSPECT = "suspect"
"""A file beside the indexes: somebody could not read them."""
_END = struct.Struct("<II")
_MAGIC = 1337
_LONGEST_FOOTER = 4_096
_PIECE = 1_048_576


def first_damage(generation: Path, stop: threading.Event | None = None) -> str | None:
    """What is wrong with the files of a generation; ``None`` where nothing is, or where told to stop."""
    for name in NAMES:
        checked: set[str] = set()
        while True:
            # A merge may take away what was just named: what is named now is looked at.
            found = _first_damage(generation / name, checked, stop)
            if found is None:
                break
            file, reason = found
            if file in _names(generation / name):
                return f"{name}/{file}: {reason}"
    return None


def _first_damage(folder: Path, checked: set[str], stop: threading.Event | None) -> tuple[str, str] | None:
    for file in _names(folder):
        if file in checked:
            continue
        if stop is not None and stop.is_set():
            return None
        reason = _damage(folder / file)
        if reason is not None:
            return file, reason
        checked.add(file)
    return None


def _names(folder: Path) -> list[str]:
    """The files of the last commit; the list of them, where it cannot be read."""
    try:
        return list(_named(orjson.loads((folder / "meta.json").read_bytes())))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ["meta.json"]


def _named(meta: Any) -> Iterator[str]:
    for segment in meta["segments"]:
        name = segment["segment_id"].replace("-", "")
        yield from (f"{name}.{part}" for part in PARTS)
        if segment["deletes"] is not None:
            yield f"{name}.{segment['deletes']['opstamp']}.del"


def _damage(path: Path) -> str | None:
    if path.name == "meta.json":
        return "it cannot be read"
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _LONGEST_FOOTER - _END.size))
            end = file.read()
            if len(end) < _END.size:
                return "it is cut short"
            length, magic = _END.unpack(end[-_END.size :])
            if magic != _MAGIC or length > len(end) - _END.size:
                return "its end is missing"
            said = orjson.loads(end[-_END.size - length : -_END.size])["crc"]
            file.seek(0)
            return None if _checksum(file, size - length - _END.size) == said else "its checksum is another"
    except FileNotFoundError:
        return "it is missing"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return str(error)


def _checksum(file: Any, left: int) -> int:
    value = 0
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            break
        value = zlib.crc32(piece, value)
        left -= len(piece)
    return value


def suspect(root: Path) -> None:
    """Ask whoever writes the index to look at it at once."""
    try:
        (root / SUSPECT).touch()
    except OSError:
        return  # a disk without room: it is looked at in its turn


class Checking:
    """Looks at the generation in use from a thread of its own; ``damage`` is what it has found."""

    def __init__(self, root: Path, generation: Path) -> None:
        self.damage: str | None = None
        self._root = root
        self._generation = generation
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="index-checking", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause = CHECK_EVERY
        while self._wait(pause):
            started = time.monotonic()
            self.damage = first_damage(self._generation, self._stop)
            if self.damage is not None:
                return
            pause = max(CHECK_EVERY, CHECK_SHARE * (time.monotonic() - started))

    def _wait(self, seconds: float) -> bool:
        """Wait for the next time, or until somebody suspects something; whether to look."""
        until = time.monotonic() + seconds
        while not self._stop.wait(0.25):
            if (self._root / SUSPECT).exists():
                (self._root / SUSPECT).unlink(missing_ok=True)
                return True
            if time.monotonic() > until:
                return True
        return False
