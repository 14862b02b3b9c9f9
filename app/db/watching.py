"""What is counted of the database: connections in use, and statements that it refused."""

from __future__ import annotations

from typing import Any

from prometheus_client import Counter, Gauge
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError

from app.tracing import spans

ERRORS = Counter(
    "fanarchive_database_errors_total", "Statements and connections that failed, but for broken constraints.", ["kind"]
)
IN_USE = Gauge(
    "fanarchive_database_connections", "Connections that are being used.", ["pool"], multiprocess_mode="livesum"
)
MOST = Gauge("fanarchive_database_connections_max", "Connections that can be.", ["pool"], multiprocess_mode="livesum")


def watch(engine: Engine, pool: str) -> None:
    """Count what an engine does, from now on."""
    in_use = IN_USE.labels(pool)
    if spans.is_on():
        spans.trace_statements(engine)

    @event.listens_for(engine, "checkout")
    def _checkout(*_of: Any) -> None:
        in_use.inc()

    @event.listens_for(engine, "checkin")
    def _checkin(*_of: Any) -> None:
        in_use.dec()

    @event.listens_for(engine, "handle_error")
    def _error(context: ExceptionContext) -> None:
        # A constraint that is broken is how two who want the same thing are told apart.
        error = context.sqlalchemy_exception
        if not isinstance(error, IntegrityError):
            ERRORS.labels(type(error or context.original_exception).__name__).inc()
