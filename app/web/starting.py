"""Starting without the database: it may be away while a worker is started again, which must not end the others."""

from __future__ import annotations

import os
import signal
import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import Database
from app.db.migrate import check_schema
from app.errors import SchemaOutdated

LOOK_SECONDS = 1.0
log = structlog.get_logger("fanarchive.serve")


class SchemaCheck:
    """Compares the schema with what this program needs, as soon as there is a database to ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Raise :class:`~app.errors.SchemaOutdated` now, or where the database is away, end this process then.

        Until it answers, requests are told 503 and ``/readyz`` says no, as when it goes away later.
        """
        try:
            check_schema(self._database)
        except SQLAlchemyError as error:
            log.warning("serve.database_away", error=type(error).__name__)
            self._thread = threading.Thread(target=self._follow, name="schema-check", daemon=True)
            self._thread.start()

    def _follow(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                check_schema(self._database)
            except SQLAlchemyError:
                continue
            except SchemaOutdated as error:
                log.error("serve.schema", error=error.detail)  # noqa: TRY400  there is nothing to trace
                os.kill(os.getpid(), signal.SIGTERM)
            return

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
