"""Import workers as separate processes, beside a server or by themselves."""

from __future__ import annotations

import gc
from multiprocessing.connection import Connection

from app.config import Settings
from app.db.engine import Database
from app.imports.work import Worker
from app.jobs.children import Child, stop_with
from app.tracing import spans
from app.web.logs import configure_logs

CONNECTIONS = 3
"""What a worker needs: one for its work, one for the heartbeat, one for reading what came in."""


def work(settings: Settings, parent: Connection) -> None:
    """The child's whole life: work on imports until the parent is gone."""
    configure_logs(settings)
    spans.start(settings.otel_endpoint, settings.otel_share)
    # Millions of small objects that live a batch long: the collector would look through the caches again and again.
    gc.set_threshold(200_000, 20, 100)
    stop = stop_with(parent)
    database = Database(settings.model_copy(update={"threads": CONNECTIONS}))
    try:
        Worker(database, settings).run(stop)
    finally:
        database.dispose()
        spans.stop()


class WorkerProcess(Child):
    """One worker, for the life of a server or a command."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("worker", work, settings)
