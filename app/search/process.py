"""The indexer as a process of its own, so that analysing text never holds up a request."""

from __future__ import annotations

import gc
from multiprocessing.connection import Connection
from threading import Event

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.db.engine import Database
from app.jobs.children import Child, stop_with
from app.search.filling import FillingFailed
from app.search.index import WriterLock
from app.search.indexer import Indexer
from app.web.logs import configure_logs

LOCK_POLL = 0.5
DATABASE_POLL = 1.0
"""Seconds between two looks whether a database that was away is back."""
log = structlog.get_logger("fanarchive.indexer")


def follow(settings: Settings, parent: Connection) -> None:
    """The child's whole life: wait for the writer's lock, then index until the parent is gone."""
    configure_logs(settings)
    # Documents come and go by the thousand, in batches: the collector would look through the caches again and again.
    gc.set_threshold(200_000, 20, 100)
    hurry = Event()
    stop = stop_with(parent, hurry)
    database = Database(settings)
    lock = WriterLock(settings.index_dir)
    while not lock.acquire():
        if stop.wait(LOCK_POLL):
            return
    try:
        while not stop.is_set():
            _follow_once(Indexer(database, settings.index_dir, hurry=hurry), stop)
    finally:
        database.dispose()
        lock.release()


def _follow_once(indexer: Indexer, stop: Event) -> None:
    """Until told to stop, or until the database or a process beside is away: what is not committed is begun again."""
    try:
        indexer.run(stop)
    except (SQLAlchemyError, FillingFailed) as error:
        log.warning("indexer.begins_again", error=type(error).__name__, reason=str(error).partition("\n")[0])
        indexer.abandon()
    else:
        return
    gc.collect()  # what the error held on to holds the lock of the index
    stop.wait(DATABASE_POLL)


class IndexerProcess(Child):
    """The indexer of a host, for the life of a server or a command."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("indexer", follow, settings)

    def hurry(self) -> None:
        """Nothing more comes soon: what is there is made searchable without waiting for more."""
        self.tell()
