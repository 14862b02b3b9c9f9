"""The state of the archive, read when it is asked for: the same answer from every process of a host."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.db.engine import Database
from app.db.types import from_stored
from app.jobs.changes import Position
from app.models import ImportJob, ImportUnit
from app.search.archive import Archive
from app.search.index import is_written

MOST_COUNTED = 100_000
"""An index that is further behind is behind by this many."""
TRIED_OFTEN = 3
JOBS = ("receiving", "queued", "running", "paused", "cancelled", "succeeded", "failed")
_LAG = {
    "sqlite": "SELECT count(*), min(at) FROM (SELECT at FROM changes WHERE seq > :seq ORDER BY seq LIMIT :most)",
    "postgresql": "SELECT count(*), min(at) FROM"
    " (SELECT at FROM changes WHERE (xid, seq) > (:xid, :seq)"
    " AND xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint ORDER BY xid, seq LIMIT :most) AS behind",
}


class State(Collector):
    """Collects once, for one answer."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def collect(self) -> Iterable[Metric]:
        """Everything; what only the database knows is left out while it is away."""
        settings, index = self._archive.settings, self._archive.index
        yield self._info()
        usable, _ = index.ready()
        yield _gauge("index_usable", "Whether searches can be answered.", usable)
        yield _gauge("index_works", "Works in the index.", max(0, index.works_count() - 1))
        yield _gauge("index_settling", "Whether acts on tags are being carried to works.", index.is_settling())
        yield _gauge("indexer_up", "Whether a process of this host writes its index.", is_written(settings.index_dir))
        usage = shutil.disk_usage(settings.data_dir)
        yield _gauge("disk_free_bytes", "Free bytes where the data folder lies.", usage.free)
        yield _gauge("disk_size_bytes", "Size of that disk.", usage.total)
        yield from self._of_database()

    def _info(self) -> Metric:
        database = self._archive.database
        labels = {
            "version": __version__,
            "python": platform.python_version(),
            "database": "sqlite" if database.is_sqlite else "postgresql",
            "sqlite": sqlite3.sqlite_version,
        }
        info = GaugeMetricFamily("fanarchive_build_info", "What runs.", labels=list(labels))
        info.add_metric(list(labels.values()), 1)
        return info

    def _of_database(self) -> Iterator[Metric]:
        database = self._archive.database
        started = time.perf_counter()
        try:
            with database.current() as connection:
                families = [*_index_lag(connection, self._archive.index.position), *_imports(connection)]
        except SQLAlchemyError:
            families = []
        yield _gauge("database_up", "Whether the database answers.", bool(families))
        yield _gauge("database_seconds", "How long this look into it took.", time.perf_counter() - started)
        yield from families
        if database.is_sqlite:
            yield _gauge("sqlite_wal_bytes", "Bytes of SQLite's log.", _wal_size(database))


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"fanarchive_{name}", text, value=float(value))


def _index_lag(connection: Connection, position: Position) -> Iterator[Metric]:
    values: dict[str, Any] = {"xid": position.xid, "seq": position.seq, "most": MOST_COUNTED}
    if connection.dialect.name == "sqlite":
        del values["xid"]
    count, oldest = connection.execute(text(_LAG[connection.dialect.name]), values).one()
    seconds = (datetime.now(UTC) - from_stored(oldest)).total_seconds() if oldest is not None else 0.0
    yield _gauge("index_lag_changes", "Changes that the index has not applied.", count)
    yield _gauge("index_lag_seconds", "Age of the oldest of them.", max(0.0, seconds))


def _imports(connection: Connection) -> Iterator[Metric]:
    jobs = dict.fromkeys(JOBS, 0)
    jobs |= {row[0]: row[1] for row in connection.execute(_JOBS)}
    family = GaugeMetricFamily("fanarchive_import_jobs", "Imports by state.", labels=["state"])
    for state, count in jobs.items():
        family.add_metric([state], count)
    yield family
    oldest = connection.execute(_OLDEST).scalar()
    waits = (datetime.now(UTC) - oldest).total_seconds() if oldest is not None else 0.0
    yield _gauge("import_waiting_seconds", "How long the oldest import waits that nobody has begun.", max(0.0, waits))
    tried = connection.execute(_TRIED).scalar_one()
    yield _gauge("import_units_stuck", f"Parts of imports that failed {TRIED_OFTEN} times and are tried again.", tried)


_JOBS = select(ImportJob.state, func.count(ImportJob.id)).group_by(ImportJob.state)
_OLDEST = select(func.min(ImportJob.created_at)).where(ImportJob.state == "queued", ImportJob.claimed_at.is_(None))
_RUNNING = select(ImportJob.id).where(ImportJob.state.in_(("queued", "running")))
_TRIED = select(func.count(ImportUnit.number)).where(
    ImportUnit.job_id.in_(_RUNNING), ~ImportUnit.finished, ImportUnit.attempts >= TRIED_OFTEN
)


def _wal_size(database: Database) -> int:
    try:
        return Path(f"{database.url.database}-wal").stat().st_size
    except OSError:
        return 0
