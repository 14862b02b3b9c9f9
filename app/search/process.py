"""The indexer as a process of its own, so that analysing text never holds up a request."""

from __future__ import annotations

import gc
from multiprocessing.connection import Connection
from threading import Event

from app.config import Settings
from app.db.engine import Database
from app.jobs.children import Child, stop_with
from app.search.index import WriterLock
from app.search.indexer import Indexer
from app.web.logs import configure_logs

LOCK_POLL = 0.5


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
        Indexer(database, settings.index_dir, hurry=hurry).run(stop)
    finally:
        database.dispose()
        lock.release()


class IndexerProcess(Child):
    """The indexer of a host, for the life of a server or a command."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("indexer", follow, settings)

    def hurry(self) -> None:
        """Nothing more comes soon: what is there is made searchable without waiting for more."""
        self.tell()
