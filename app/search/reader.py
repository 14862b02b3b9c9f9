"""The searching side of an index: what is visible now, how far it has come, and waiting for it.

A :class:`Snapshot` is one consistent set of searchers; whatever is cached for an index generation hangs
on it and goes away with it. Snapshots are replaced when the pointer or a commit changes, checked on a timer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, cast

import tantivy
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import Database
from app.errors import IndexUnavailable
from app.jobs.changes import START, Position, newest_position
from app.search.flights import Flights
from app.search.index import (
    Checkpoint,
    Generation,
    IndexMissing,
    current_path,
    open_generation,
    read_checkpoint,
)
from app.search.integrity import suspect
from app.search.settling import Settling
from app.search.watched import Watched, is_engine_failure
from app.tracing.spans import TracedSearcher, is_on

REFRESH_SECONDS = 0.25
_NUMBERS = count(1)


@dataclass(slots=True)
class Snapshot:
    """Searchers of one moment, with what was computed on them."""

    works: Watched
    passages: Watched
    tags: Watched
    schemas: dict[str, tantivy.Schema]
    position: Position
    positions: Mapping[str, Position]
    """How far each index has come by itself; ``position`` is how far all have."""
    seen: Mapping[str, tuple[Position, Position]]
    """The last change in it that guests could see something of, and the last that readers with an account could."""
    works_count: int
    settling: Sequence[Settling] = ()
    database: Database | None = None
    cache: dict[Any, Any] = field(default_factory=dict)
    flights: Flights = field(default_factory=Flights)
    suggestions: dict[Any, bytes] = field(default_factory=dict)
    """Answers of autocomplete, by what was asked."""
    number: int = field(default_factory=lambda: next(_NUMBERS))
    """Unlike that of any other of this process."""

    def is_settling(self, tag_id: int) -> bool:
        """Whether works that a filter on the tag should find, or should find no more, are still to be indexed."""
        return any(one.concerns(tag_id) for one in self.settling)

    def has_settled(self, position: Position) -> bool:
        """Whether an act on tags at a position has been carried to all works."""
        return self.position >= position and all(one.position > position for one in self.settling)

    def shows(self, position: Position) -> bool:
        """Whether filters, totals and facets are as an act on tags at a position has left them, settled or not."""
        return self.position >= position and all(one.position > position or one.shows_at_once for one in self.settling)


class SearchIndex:
    """How this process sees the index of its host. Safe to use from any thread."""

    def __init__(
        self, root: Path, database: Database | None = None, is_ending: Callable[[], bool] = lambda: False
    ) -> None:
        """``database``: where filters on tags that are being settled are looked up.

        ``is_ending`` tells when nobody shall wait for the index any more.
        """
        self.root = root
        self._is_ending = is_ending
        self._database = database
        self._generation: Generation | None = None
        self._stamp: tuple[Any, ...] = ()
        self._snapshot: Snapshot | None = None
        self._reason = "the index is not open yet"
        self._goal: Position | None = None
        self._caught_up = database is None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Open what is there and keep following commits in the background."""
        self.refresh()
        self._look_at_goal()
        self._thread = threading.Thread(target=self._follow, name="index-reader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _follow(self) -> None:
        while not self._stop.wait(REFRESH_SECONDS):
            self.refresh()
            self._look_at_goal()

    def _look_at_goal(self) -> None:
        """A host that is new, or was away, is ready once its index has come where the database was at its start."""
        if self._caught_up or self._database is None:
            return
        if self._goal is None:
            try:
                with self._database.reading() as connection:
                    self._goal = newest_position(connection)
            except SQLAlchemyError:
                return
        snapshot = self._snapshot
        self._caught_up = snapshot is not None and snapshot.position >= self._goal

    def snapshot(self) -> Snapshot:
        """The newest searchers; raises :class:`IndexUnavailable` while there is no usable index."""
        snapshot = self._snapshot
        if snapshot is None:
            raise IndexUnavailable(f"Search is not ready: {self._reason}.")
        return snapshot

    def ready(self) -> tuple[bool, str]:
        """Whether searches can be answered, and as well as by any other host; if not, why."""
        if self._snapshot is None:
            return False, self._reason
        return (True, "") if self._caught_up else (False, "the index is catching up with the database")

    def refresh(self) -> None:
        """Look whether a newer commit or generation is there, and show it."""
        with self._lock:
            try:
                path = current_path(self.root)
                stamp = (path.name, *(_stamp(path / name) for name in ("works", "passages", "tags")))
                if stamp == self._stamp:
                    return
                if self._generation is None or self._generation.path != path:
                    self._generation = open_generation(path)
                self._generation.reload()
                snapshot = _snapshot_of(self._generation, self._database)
                if self._database is not None:
                    # Another process of this host may have followed the primary further than the replica has come.
                    self._database.require(snapshot.position.xid)
                self._snapshot = snapshot
                self._stamp = stamp
            except BaseException as error:
                if not isinstance(error, IndexMissing) and not is_engine_failure(error):
                    raise
                self._snapshot, self._generation, self._stamp = None, None, ()
                self._reason = str(error)

    def check_archive(self, archive: str) -> None:
        """Raise :class:`~app.search.index.IndexMissing` where the open index was made of another archive."""
        with self._lock:
            if self._generation is not None:
                self._generation.checkpoint(archive)

    def works_count(self) -> int:
        """How many works the index holds; 0 where there is none."""
        snapshot = self._snapshot
        return snapshot.works_count if snapshot else 0

    @property
    def position(self) -> Position:
        """How far what is searched has come; the start where there is no index."""
        snapshot = self._snapshot
        return snapshot.position if snapshot else START

    def is_settling(self) -> bool:
        """Whether acts on tags are still being carried to their works."""
        snapshot = self._snapshot
        return bool(snapshot and snapshot.settling)

    def wait_for(self, position: Position, seconds: float, *, settled: bool = False) -> bool:
        """Wait until a position is applied, and ``settled`` where it is an act on tags; whether it was in time.

        Blocks: call it off the event loop.
        """
        return self._wait_until(
            lambda found: found.has_settled(position) if settled else found.position >= position, seconds
        )

    def wait_to_show(self, position: Position, seconds: float) -> bool:
        """The same for an act on tags that only has to show in filters, totals and facets."""
        return self._wait_until(lambda found: found.shows(position), seconds)

    def wait_for_index(self, name: str, position: Position, seconds: float) -> bool:
        """The same for one index alone."""
        return self._wait_until(lambda found: found.positions[name] >= position, seconds)

    def _wait_until(self, has_come: Callable[[Snapshot], bool], seconds: float) -> bool:
        def is_so() -> bool:
            snapshot = self._snapshot
            return snapshot is not None and has_come(snapshot)

        deadline = time.monotonic() + seconds
        while not is_so():
            self.refresh()  # it may be there, and not be seen yet
            if is_so():
                break
            if time.monotonic() > deadline or self._is_ending():
                return False
            self._stop.wait(0.02)
        return True


def _stamp(folder: Path) -> int:
    return (folder / "meta.json").stat().st_mtime_ns


def _snapshot_of(generation: Generation, database: Database | None) -> Snapshot:
    root = generation.path.parent

    def searcher(name: str) -> Watched:
        found = generation.indexes[name].searcher()
        traced = cast("tantivy.Searcher", TracedSearcher(found, name)) if is_on() else found
        return Watched(traced, lambda: suspect(root))

    works = searcher("works")
    checkpoints = {name: read_checkpoint(index, generation.schemas[name]) for name, index in generation.indexes.items()}
    # The tags index is committed last, so its checkpoint is never ahead of what the other two hold; their own ones stay
    # where they are while there is nothing for them.
    checkpoint = checkpoints["tags"]
    position = min(checkpoint.position, checkpoint.counted or checkpoint.position)
    positions = {name: max(found.position, checkpoint.position) for name, found in checkpoints.items()}
    positions["tags"] = position
    return Snapshot(
        works=works,
        works_count=works.num_docs,
        passages=searcher("passages"),
        tags=searcher("tags"),
        schemas=generation.schemas,
        # A name is found, and a tag exists for readers, once the works that carry it are counted.
        position=position,
        positions=positions,
        seen={name: _seen(checkpoints[name], checkpoint, most) for name, most in positions.items()},
        settling=checkpoint.settling,
        database=database,
    )


def _seen(own: Checkpoint, newest: Checkpoint, most: Position) -> tuple[Position, Position]:
    """What readers could see of an index; ``newest`` is the checkpoint that is written at every commit."""
    first, second = (found.seen or (found.position, found.position) for found in (own, newest))
    return min(most, max(first[0], second[0])), min(most, max(first[1], second[1]))
