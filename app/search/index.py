"""Where the indexes lie on disk, who may write them, and how far they have come.

``<data dir>/index/current`` names the generation in use (``<fingerprint>-<number>``), a folder with one tantivy
index each for works, passages and tags. A rebuild fills a new generation and then renames a new pointer over the
old one, so readers see one or the other. Another fingerprint (fields, analysis, engine) than this program's means
that the generation cannot be used.

The checkpoint is a document rewritten in the same commit as the changes it covers: what a crash leaves
is always a state and the position that belongs to it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import tantivy

from app.jobs.changes import START, Position
from app.search.engine import stored
from app.search.schema import GRAM, SCHEMAS, TRIGRAMS, WHITESPACE, fingerprint
from app.search.settling import Settling

CHECKPOINT = "position"
NAMES = ("passages", "works", "tags")
"""In the order of their commits: the position that the tags index shows, the others have reached."""


class IndexMissing(Exception):
    """There is no usable generation: it has to be built."""


@dataclass(slots=True)
class Checkpoint:
    """How far an index has come, and which acts on tags it has not carried to all works yet.

    ``seen`` are the last changes that guests and that readers with an account could see something of (``None``: the
    last of all).

    ``counted`` is how far the tags of the works have been counted too (``None``: as far as ``position``). During a
    long import it lies behind, and which tags wait is known in memory alone.
    """

    position: Position
    settling: list[Settling] = field(default_factory=list)
    counted: Position | None = None
    seen: tuple[Position, Position] | None = None


@dataclass(slots=True)
class Generation:
    """One complete set of indexes, open."""

    path: Path
    schemas: dict[str, tantivy.Schema] = field(default_factory=dict)
    indexes: dict[str, tantivy.Index] = field(default_factory=dict)

    def checkpoint(self, archive: str) -> Checkpoint:
        """The earliest of the three checkpoints: from there on, changes are applied again.

        What is being settled is as the tags index says, which is committed last. Raises :class:`IndexMissing` where
        the index was made of another archive.
        """
        found = {name: read_checkpoint(index, self.schemas[name], archive) for name, index in self.indexes.items()}
        tags = found["tags"]
        positions = [one.position for one in found.values()]
        return Checkpoint(min(*positions, tags.counted or tags.position), tags.settling, seen=tags.seen)

    def reload(self) -> None:
        """Make the newest commit visible to new searchers."""
        for index in self.indexes.values():
            index.reload()


def read_checkpoint(index: tantivy.Index, schema: tantivy.Schema, archive: str | None = None) -> Checkpoint:
    """The checkpoint of one index; the start where there is none."""
    searcher = index.searcher()
    hits = searcher.search(tantivy.Query.term_query(schema, "checkpoint", CHECKPOINT), 1, count=False).hits
    if not hits:
        return Checkpoint(START)
    found: Any = orjson.loads(stored(searcher, hits[0][1]))
    if archive is not None and found["archive"] != archive:
        raise IndexMissing("the index was made of another archive")
    settling = [Settling.from_json(one) for one in found.get("settling", ())]
    counted, seen = found.get("counted"), found.get("seen")
    return Checkpoint(
        Position(found["xid"], found["seq"]),
        settling,
        Position(*counted) if counted else None,
        (Position(*seen[0]), Position(*seen[1])) if seen else None,
    )


def write_checkpoint(writer: tantivy.IndexWriter, schema: tantivy.Schema, checkpoint: Checkpoint, archive: str) -> None:
    """Replace the checkpoint document; it counts with the writer's next commit."""
    writer.delete_documents_by_term("checkpoint", CHECKPOINT)
    position = checkpoint.position
    settling = [one.as_json() for one in checkpoint.settling]
    counted = None if checkpoint.counted is None else (checkpoint.counted.xid, checkpoint.counted.seq)
    seen = None if checkpoint.seen is None else [(one.xid, one.seq) for one in checkpoint.seen]
    said = orjson.dumps(
        {
            "xid": position.xid,
            "seq": position.seq,
            "archive": archive,
            "settling": settling,
            "counted": counted,
            "seen": seen,
        }
    )
    writer.add_document(tantivy.Document.from_dict({"checkpoint": CHECKPOINT, "stored": said}, schema))


def open_generation(path: Path, *, create: bool = False) -> Generation:
    """Open, or make, the three indexes of a generation and register what analyses their text."""
    generation = Generation(path)
    for name in NAMES:
        schema = SCHEMAS[name]()
        folder = path / name
        if create:
            folder.mkdir(parents=True)
            index = tantivy.Index(schema, path=str(folder))
        else:
            try:
                index = tantivy.Index.open(str(folder))
            except (ValueError, OSError) as error:
                raise IndexMissing(f"{folder.name}: {error}") from error
        trigrams = tantivy.Tokenizer.ngram(GRAM, GRAM, prefix_only=False)
        for tokenizer, made in ((WHITESPACE, tantivy.Tokenizer.whitespace()), (TRIGRAMS, trigrams)):
            index.register_tokenizer(tokenizer, tantivy.TextAnalyzerBuilder(made).build())
        index.config_reader("Manual")
        generation.indexes[name] = index
        generation.schemas[name] = schema
    return generation


def current_path(root: Path) -> Path:
    """The folder of the generation in use; raises :class:`IndexMissing` where none can be used."""
    try:
        name = (root / "current").read_text().strip()
    except FileNotFoundError as error:
        raise IndexMissing("there is no index yet") from error
    path = root / name
    if name.partition("-")[0] != fingerprint():
        raise IndexMissing("the index was made by another version")
    if "/" in name or not path.is_dir():
        raise IndexMissing("the index is gone")
    return path


def new_path(root: Path) -> Path:
    """A folder for a new generation."""
    root.mkdir(parents=True, exist_ok=True)
    numbers = [
        int(entry.name.rpartition("-")[2]) for entry in root.glob("*-*") if entry.name.rpartition("-")[2].isdigit()
    ]
    return root / f"{fingerprint()}-{max(numbers, default=0) + 1}"


def publish(root: Path, path: Path) -> None:
    """Make a complete generation the one in use, and remove the others."""
    pointer = root / "current.new"
    with pointer.open("w") as file:
        file.write(path.name)
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(root / "current")
    sweep(root, path)


def withdraw(root: Path) -> None:
    """Let no index be in use: readers say that search is not ready, and whoever writes builds another one."""
    (root / "current").unlink(missing_ok=True)


def pointed_at(root: Path) -> Path | None:
    """The generation in use, whatever state it is in."""
    try:
        return root / (root / "current").read_text().strip()
    except OSError:
        return None


def sweep(root: Path, keep: Path | None) -> None:
    """Remove generations that are not in use; open readers keep what they have mapped."""
    for entry in root.glob("*-*"):
        if entry.is_dir() and entry != keep:
            shutil.rmtree(entry, ignore_errors=True)


def is_written(root: Path) -> bool:
    """Whether a process of this host holds the writer's lock."""
    try:
        file = os.open(_lock_path(root), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _lock_path(root: Path) -> Path:
    # Beside the folder, not in it: who removes the index must not let a second writer in.
    return root.with_name(f"{root.name}.lock")


class WriterLock:
    """Held by the one process of a host that writes its index (``flock``: freed by any death)."""

    def __init__(self, root: Path) -> None:
        self._path = _lock_path(root)
        self._file: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
