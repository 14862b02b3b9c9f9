"""The indexer as a process of its own, so that analysing text never holds up a request.

The child lives as long as its parent: it ends when the pipe between them closes, however the parent died.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import threading
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import structlog

from app.config import Settings
from app.db.engine import Database
from app.search.index import WriterLock
from app.search.indexer import Indexer
from app.web.logs import configure_logs

log = structlog.get_logger("fanarchive.indexer")

LOCK_POLL = 0.5
RESTART_SECONDS = 2.0
STOP_SECONDS = 60.0


def follow(settings: Settings, parent: Connection) -> None:
    """The child's whole life: wait for the writer's lock, then index until the parent is gone."""
    configure_logs(settings)
    # Documents come and go by the thousand, in batches: the collector would look through the caches again and again.
    gc.set_threshold(200_000, 20, 100)
    stop = threading.Event()
    threading.Thread(target=_until_closed, args=(parent, stop), daemon=True).start()
    database = Database(settings)
    lock = WriterLock(settings.index_dir)
    while not lock.acquire():
        if stop.wait(LOCK_POLL):
            return
    try:
        Indexer(database, settings.index_dir).run(stop)
    finally:
        database.dispose()
        lock.release()


def _until_closed(parent: Connection, stop: threading.Event) -> None:
    with contextlib.suppress(EOFError):
        parent.recv()
    stop.set()


class IndexerProcess:
    """Starts the child and, until stopped, starts it again whenever it dies."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = multiprocessing.get_context("spawn")
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Start the child and watch it."""
        self._launch()
        self._watcher = threading.Thread(target=self._watch, name="indexer-watcher", daemon=True)
        self._watcher.start()

    def _launch(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=follow, args=(self._settings, theirs), name="indexer")
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours

    def _watch(self) -> None:
        while not self._stopping.is_set():
            assert self._process is not None
            self._process.join(0.5)
            if self._process.exitcode is not None and not self._stopping.is_set():
                log.error("indexer.died", exitcode=self._process.exitcode, pid=self._process.pid, by=os.getpid())
                if self._stopping.wait(RESTART_SECONDS):
                    return
                self._launch()

    def stop(self) -> None:
        """Let the child commit and end."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join(STOP_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
