"""Filling a new generation from the database.

Making documents takes longer than taking them in, and a process makes one at a time. So where there are many, each of
the three indexes is filled by a process of its own. All begin at the same position of the changes log; what they read
may be newer than that, and changes are applied again from there.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import select

from app.config import Settings
from app.db.engine import Database
from app.jobs.changes import Position
from app.jobs.children import end_with_parent
from app.models import Chapter, Work
from app.search.index import NAMES, Checkpoint, open_generation
from app.search.loading import load_graph, tags_after, works_after
from app.search.used_rows import Used, used_by_rows
from app.search.uses import Uses
from app.search.writing import GenerationWriter

BATCH = 1_000
MANY = 5_000
"""With fewer works a second process takes longer to start than it saves."""
MANY_CHAPTERS = 1_000

Progress = Callable[[str, int], None]


class FillingFailed(Exception):
    """A process that filled an index ended before it was done."""


@dataclass(frozen=True, slots=True)
class Filling:
    """A generation to be filled: where it lies, of which archive, and from which position changes follow."""

    path: Path
    archive: str
    position: Position


@dataclass(frozen=True, slots=True)
class Filled:
    """How many works or tags an index has taken in by now, and, of the last tags, how they were counted."""

    name: str
    count: int
    used: Used | None = None


def fill(database: Database, filling: Filling, progress: Progress) -> set[int]:
    """Fill and commit the three indexes of a generation that was created empty.

    Returns the tags to be counted again: works changed between the reading of works and that of tags. ``progress`` is
    told an index and how many works or tags it has. Raises :class:`FillingFailed`, and
    :class:`~sqlalchemy.exc.SQLAlchemyError` where the database is away.
    """
    uses = Uses()

    def note(filled: Filled) -> None:
        if filled.used is not None:
            uses.take(filled.used)
        progress(filled.name, filled.count)

    apart = _worth_a_process(database)
    with _processes(database.settings, filling, apart) as running:
        for name in NAMES:
            if name not in apart:
                for filled in fill_index(database, filling, name, uses if name == "works" else None):
                    note(filled)
                    _hear(running, note, timeout=0)
        _hear(running, note, timeout=None)
    return uses.left()


def _worth_a_process(database: Database) -> list[str]:
    """The indexes, beside that of works, that have so much to take in that a process of their own saves time."""
    with database.reading() as connection:
        newest = connection.execute(select(Work.id).order_by(Work.id.desc()).limit(1)).scalar() or 0
        if newest < MANY:
            return []
        chapters = connection.execute(select(Chapter.id).order_by(Chapter.id.desc()).limit(1)).scalar() or 0
    return ["passages", "tags"] if chapters >= MANY_CHAPTERS else ["tags"]


def fill_index(database: Database, filling: Filling, name: str, uses: Uses | None = None) -> Iterator[Filled]:
    """Fill and commit one index; works are counted in ``uses``.

    Each batch is read in a transaction of its own: none lasts as long as this does.
    """
    with database.reading() as connection:
        graph = load_graph(connection)
    writer = GenerationWriter(open_generation(filling.path), graph, filling.archive, [name])
    writer.uses = uses
    yield from _put_tags(database, writer) if name == "tags" else _put_works(database, writer, name)
    writer.commit(name, Checkpoint(filling.position))
    writer.close()


def _put_works(database: Database, writer: GenerationWriter, name: str) -> Iterator[Filled]:
    """The works, or their chapters."""
    after = done = 0
    while True:
        with database.reading() as connection:
            rows = works_after(connection, after, BATCH, with_text=name == "passages")
            if not rows:
                return
            writer.put_works(connection, rows, [row.id for row in rows])
        writer.let_no_tag_wait()
        after = rows[-1].id
        done += len(rows)
        yield Filled(name, done)


def _put_tags(database: Database, writer: GenerationWriter) -> Iterator[Filled]:
    after = done = 0
    while True:
        with database.reading() as connection:
            rows = tags_after(connection, after, BATCH)
            used = used_by_rows(connection, rows, writer.graph)
        if not rows:
            return
        writer.put_tags(rows, [row.id for row in rows], used)
        after = rows[-1].id
        done += len(rows)
        yield Filled("tags", done, used)


Running = dict[Connection, BaseProcess]


@contextlib.contextmanager
def _processes(settings: Settings, filling: Filling, names: Sequence[str]) -> Iterator[Running]:
    """A process for each of some indexes, by the pipe on which it tells what it does; none outlives the block."""
    context = multiprocessing.get_context("spawn")
    running: Running = {}
    try:
        for name in names:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_fill_alone, args=(settings, filling, name, theirs), name=name)
            process.start()
            theirs.close()
            running[ours] = process
        yield running
    finally:
        for left in running.values():
            left.kill()
            left.join()


def _hear(running: Running, note: Callable[[Filled], None], timeout: float | None) -> None:
    """Take all that processes have told; those that have ended are left out from then on."""
    while running and (ready := wait(list(running), timeout)):
        for pipe in ready:
            assert isinstance(pipe, Connection)
            try:
                note(pipe.recv())
            except EOFError:
                _part_with(running.pop(pipe))


def _part_with(process: BaseProcess) -> None:
    process.join()
    if process.exitcode:
        raise FillingFailed(f"{process.name}: the process ended with {process.exitcode}")


def _fill_alone(settings: Settings, filling: Filling, name: str, parent: Connection) -> None:
    """The whole life of a process that fills one index."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    gc.set_threshold(200_000, 20, 100)
    database = Database(settings).replicated
    # Not from a replica that lags behind where changes are applied again.
    database.require(filling.position.xid)
    try:
        for filled in fill_index(database, filling, name):
            parent.send(filled)
    finally:
        database.latest.dispose()
