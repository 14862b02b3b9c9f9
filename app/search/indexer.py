"""The indexer: follows the changes log and keeps this host's index up to date.

One process of a host holds the writer's lock and runs this; see :mod:`app.search.reader` for the others.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Event

import orjson
import structlog
from sqlalchemy import Connection, select

from app.db.engine import Database
from app.db.replica import ReplicaLost
from app.jobs.changes import TAG, WRANGLED, LoggedChange, Position, newest_position, read_changes, works_changed
from app.models import ArchiveFact
from app.search.filling import Filling, Progress, fill
from app.search.index import (
    NAMES,
    Checkpoint,
    Generation,
    IndexMissing,
    current_path,
    new_path,
    open_generation,
    pointed_at,
    publish,
    sweep,
    withdraw,
)
from app.search.integrity import Checking, first_damage
from app.search.loading import (
    load_graph,
    load_works,
    refresh_graph,
    relationships_naming,
)
from app.search.pacing import Pace
from app.search.schema import VIS_PUBLIC
from app.search.settling import Settling, new_settling
from app.search.writing import GenerationWriter

log = structlog.get_logger("fanarchive.indexer")

BATCH = 1_000
SETTLE_AT_ONCE = 1_000
"""An act that reaches no more works is settled with the changes it came with."""
SETTLE_SLICE = 2_000
"""Of one that reaches more, so many are taken between later changes."""
LAG_SECONDS = 10.0
"""An index without changes of its own still gets its checkpoint moved this often."""


def archive_id(connection: Connection) -> str:
    """Which archive this database is."""
    return connection.execute(select(ArchiveFact.value).where(ArchiveFact.name == "archive_id")).scalar_one()


class Indexer:
    """Needs the :class:`~app.search.index.WriterLock` of its folder to be held by its process."""

    def __init__(
        self, database: Database, root: Path, progress: Progress | None = None, hurry: Event | None = None
    ) -> None:
        """``hurry``: as :class:`~app.search.pacing.Pace` says."""
        self.pace = Pace(hurry or Event())
        # What the index is made of has to be in the database that is read beside it.
        self.database = database.replicated
        self.root = root
        self.progress = progress or (lambda _what, _count: None)
        self.position = Position()
        self.settling: list[Settling] = []
        self.counted = Position()
        self.seen = (Position(), Position())
        self._writer: GenerationWriter | None = None
        self._last_idle = time.monotonic()

    @property
    def writer(self) -> GenerationWriter:
        """The open generation's writer; only after :meth:`open`."""
        assert self._writer is not None
        return self._writer

    def open(self) -> None:
        """Open the generation in use, or build one where none can be used."""
        with self.database.reading() as connection:
            archive = archive_id(connection)
        try:
            path = current_path(self.root)
            self._refuse_damaged(path)
            generation = open_generation(path)
            checkpoint = generation.checkpoint(archive)
            self.database.require(checkpoint.position.xid)
            with self.database.reading() as connection:
                if checkpoint.position > newest_position(connection):
                    raise IndexMissing("the index is ahead of the database")  # noqa: TRY301
                graph = load_graph(connection)
        except (IndexMissing, ValueError, OSError) as reason:
            log.info("index.rebuild", reason=str(reason))
            self.rebuild()
            return
        self.position, self.settling = checkpoint.position, checkpoint.settling
        self.counted = self.position
        self.seen = checkpoint.seen or (self.position, self.position)
        sweep(self.root, path)
        self._writer = GenerationWriter(generation, graph, archive)
        self._status("following")

    def _refuse_damaged(self, path: Path) -> None:
        """Files that are not what was written are read by nobody any more: searches wait for the next generation."""
        damage = first_damage(path)
        if damage is not None:
            withdraw(self.root)
            raise IndexMissing(f"the index is damaged: {damage}")

    def rebuild(self) -> None:
        """Build a new generation from the database beside the old one, then switch to it."""
        self.close()
        self.database.require(0)
        path = new_path(self.root)
        sweep(self.root, pointed_at(self.root))  # what was begun before and not ended would fill the disk
        with self.database.reading() as connection:
            archive = archive_id(connection)
            position = newest_position(connection)
            graph = load_graph(connection)
        self.database.require(position.xid, read_here=True)
        open_generation(path, create=True)
        miscounted = fill(self.database, Filling(path, archive, position), self._tell)
        self._writer = writer = GenerationWriter(open_generation(path), graph, archive)
        if miscounted:
            writer.dirty_tags = miscounted
            with self.database.reading() as connection:
                writer.settle_tags(connection)
            writer.commit("tags", Checkpoint(position))
        publish(self.root, path)
        self.position, self.settling, self.counted, self.seen = position, [], position, (position, position)
        self._status("following")

    def _tell(self, what: str, count: int) -> None:
        if what == "works":
            self._status("rebuilding", works=count)
        self.progress(what, count)

    def step(self) -> bool:
        """Apply the next changes, and a slice of what is being settled; whether there was any of either."""
        with self.database.reading() as connection:
            changes = read_changes(connection, self.position, BATCH)
            if changes:
                self._apply(connection, changes)
                self.position = changes[-1].position
                self.database.require(self.position.xid, read_here=True)
            busy = bool(changes or self.settling)
            if self.settling and len(changes) < BATCH:
                self._settle_slice(connection)
            drained = len(changes) < BATCH
            self.pace.read(len(changes), whole_batch=not drained)
            waiting = len(self.writer.dirty_tags)
            settle = self.pace.tags_due(waiting, drained=drained)
            if self.pace.commit_due(drained=drained, settling=bool(self.settling), tags=bool(settle and waiting)):
                self._commit(connection, settle=settle)
            elif drained and not changes:
                busy = self.writer.settle_ripe(connection) or busy
        if not busy and time.monotonic() - self._last_idle > LAG_SECONDS:
            self._commit_lagging()
        return busy

    def _apply(self, connection: Connection, changes: list[LoggedChange]) -> None:
        tags = {change.tag_id for change in changes if change.kind in {TAG, WRANGLED} and change.tag_id}
        wrangled = {change.tag_id for change in changes if change.kind == WRANGLED and change.tag_id}
        works = {change.work_id for change in changes if change.work_id}
        if tags:
            graph = self.writer.graph
            filters = graph.filters_of(wrangled)
            refresh_graph(connection, graph, tags)
            self.writer.dirty_tags |= graph.spellings(tags) | relationships_naming(connection, graph.spellings(tags))
            if wrangled:
                first = next(change.position for change in changes if change.kind == WRANGLED)
                filters |= graph.filters_of(wrangled)
                self._settle_or_leave(connection, new_settling(first, graph.reach(wrangled), filters), works)
        seen = self.writer.put_works(connection, load_works(connection, list(works)), works) if works else {}
        self._note_seen(changes, seen)

    def _note_seen(self, changes: list[LoggedChange], works: dict[int, int]) -> None:
        """Remember the last changes that readers could see something of.

        A cursor tells it: how much is done to what is kept from its reader is nothing that they may count.
        """
        public, registered = self.seen
        for change in changes:
            vis = VIS_PUBLIC if change.work_id is None else works.get(change.work_id)
            if vis == VIS_PUBLIC:
                public = max(public, change.position)
            if vis is not None:
                registered = max(registered, change.position)
        self.seen = public, registered

    def _settle_or_leave(self, connection: Connection, settling: Settling, works: set[int]) -> None:
        """Index the works that acts on tags reach, but for ``works``; where they are many, leave them to be settled."""
        if self.writer.pending["works"]:
            # Works that are not committed yet were made with the graph as it was, and cannot be found.
            self._commit(connection, settle=False, position=self.position)
        if settling.reach is not None and settling.filters is not None:
            found = self.writer.works_bearing(settling.reach, 0, SETTLE_AT_ONCE + 1)
            if len(found) <= SETTLE_AT_ONCE:
                self._put_settled(connection, settling, [one for one in found if one not in works])
                self.writer.dirty_tags |= settling.filters
                return
        if self.settling and not self.settling[-1].started:
            self.settling[-1].join(settling)
        else:
            self.settling.append(settling)

    def _put_settled(self, connection: Connection, settling: Settling, ids: list[int]) -> None:
        """Index works anew because of acts on their tags.

        An act changes what tags mean, not which of them a work bears, so that these need not be counted. Works that
        changed since, which the log will come to, may have lost some.
        """
        rows = load_works(connection, ids)
        changed = works_changed(connection, self.position, ids)  # after the rows: none of them is newer than this
        if changed:
            self.writer.put_works(connection, [row for row in rows if row.id in changed], changed)
            rows, ids = [row for row in rows if row.id not in changed], [one for one in ids if one not in changed]
        self.writer.put_works(connection, rows, ids, settling=settling)

    def _settle_slice(self, connection: Connection) -> None:
        """Index the next works of the first act that is being settled."""
        settling = self.settling[0]
        settling.started = True
        ids = self.writer.works_bearing(settling.reach, settling.after, SETTLE_SLICE)
        for start in range(0, len(ids), BATCH):
            self._put_settled(connection, settling, ids[start : start + BATCH])
        self.pace.written += max(1, len(ids))
        if ids:
            settling.after = ids[-1]
        if len(ids) < SETTLE_SLICE:
            self.settling.pop(0)
            self.writer.dirty_tags |= self.writer.settled_tags | (settling.filters or set())
            self.writer.settled_tags.clear()

    def _commit(self, connection: Connection, *, settle: bool, position: Position | None = None) -> None:
        """Commit what has changed, the tags last: readers judge by their checkpoint how far the index is.

        During a long import tags are settled now and then only, at its end always.
        """
        writer = self.writer
        checkpoint = Checkpoint(position or self.position, self.settling, self.counted, self.seen)
        for name in ("passages", "works"):
            if writer.pending[name]:
                writer.commit(name, checkpoint)
        if settle:
            started = time.monotonic()
            writer.settle_tags(connection)
            self.pace.wrote_tags(started)
            self.counted = checkpoint.counted = checkpoint.position
        writer.commit("tags", checkpoint)
        self.pace.committed()

    def _commit_lagging(self) -> None:
        """Move the checkpoint of an index that had no changes of its own, so that a restart repeats little."""
        self._last_idle = time.monotonic()
        for name in NAMES:
            if self.writer.checkpoint(name).position < self.position:
                self.writer.commit(name, Checkpoint(self.position, self.settling, self.counted, self.seen))

    def catch_up(self) -> None:
        """Apply all that is in the log now, and commit."""
        while self.step():
            pass
        if self.pace.written or self.writer.dirty_tags:
            with self.database.reading() as connection:
                self._commit(connection, settle=True)

    def run(self, stop: Event, poll: float = 0.1) -> None:
        """Follow the log until told to stop."""
        self.open()
        while not stop.is_set():
            checking = Checking(self.root, self.writer.generation.path)
            try:
                self._follow(stop, poll, checking)
            finally:
                checking.stop()
            if not stop.is_set():
                log.warning("index.gone", path=str(self.writer.generation.path))
                self._writer = None
                self.open()
        self.close()

    def _follow(self, stop: Event, poll: float, checking: Checking) -> None:
        """Apply changes until told to stop, or until the index is gone or has to go."""
        while not stop.is_set() and not self._is_gone():
            if checking.damage is not None:
                log.error("index.damaged", reason=checking.damage)
                withdraw(self.root)
                return
            try:
                busy = self.step()
            except ReplicaLost as error:
                # What was half done is done again: the position has not moved.
                log.warning("index.replica_lost", error=str(error.orig))
                busy = False
            if not busy:
                stop.wait(poll)

    def abandon(self) -> None:
        """Let go of what is not committed: whoever opens the index next applies it again."""
        self._writer = None

    def _is_gone(self) -> bool:
        """Whether someone removed the index, or put another in its place, while we were writing it."""
        try:
            return current_path(self.root) != self.writer.generation.path
        except IndexMissing:
            return True

    def close(self) -> None:
        """Commit what is pending and give the writers back."""
        if self._writer is not None:
            if self.pace.written or self._writer.dirty_tags:
                with self.database.reading() as connection:
                    self._commit(connection, settle=True)
            self._commit_lagging()
            self._writer.close()
            self._writer = None

    def _status(self, state: str, works: int = 0) -> None:
        """Tell others what the indexer is doing (``fanarchive index status``, ``/readyz``)."""
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / "status.new"
        temporary.write_bytes(orjson.dumps({"state": state, "works": works, "pid": os.getpid()}))
        temporary.replace(self.root / "status.json")


def generation_of(root: Path) -> Generation:
    """The generation in use, opened for reading."""
    return open_generation(current_path(root))
