"""Spans of requests, statements, searches and batches, and whether there are any.

The framework's own telemetry is off: it names spans by routes that our quick way around the router does not pass, and
knows nothing of our threads. Nothing here is global but the tracer, which :func:`start` sets once a process.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from opentelemetry import context, propagate
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, get_current_span, set_span_in_context
from sqlalchemy import Engine, event

T = TypeVar("T")
_SERVER_ERROR = 500


@dataclass(slots=True)
class _Tracing:
    tracer: Tracer | None = None
    stop: Callable[[], None] | None = None


_state = _Tracing()


def start(endpoint: str, share: float) -> None:
    """Send a share of all traces to a collector (OTLP over HTTP); nothing where none is named."""
    if endpoint:
        begin(*import_module("app.tracing.exporting").tracer_of(endpoint, share))


def begin(tracer: Tracer, stop: Callable[[], None]) -> None:
    """Make spans with this tracer from now on; ``stop`` sends what is left."""
    _state.tracer, _state.stop = tracer, stop


def stop() -> None:
    """Send what is left, and make no more."""
    stopping, _state.tracer, _state.stop = _state.stop, None, None
    if stopping is not None:
        stopping()


def is_on() -> bool:
    """Whether there are spans at all: asked before anything else is done for one."""
    return _state.tracer is not None


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """Something that takes time; below whatever is going on here."""
    if _state.tracer is None:
        yield
        return
    with _state.tracer.start_as_current_span(name, attributes=attributes):
        yield


class RequestSpan:
    """The span of a request. A caller's own trace (``traceparent``) goes on in it."""

    def __init__(self, scope: Any) -> None:
        assert _state.tracer is not None
        carried = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._span = _state.tracer.start_span(scope["method"], propagate.extract(carried), SpanKind.SERVER)
        self._token = context.attach(set_span_in_context(self._span))

    def end(self, operation: str, method: str, status: int, request_id: str) -> None:
        """Say what it was. Paths and queries are left out: what somebody reads is nobody's business."""
        self._span.update_name(operation)
        self._span.set_attributes(
            {
                "http.request.method": method,
                "http.response.status_code": status,
                "fanarchive.operation": operation,
                "fanarchive.request_id": request_id,
            }
        )
        if status >= _SERVER_ERROR:
            self._span.set_status(Status(StatusCode.ERROR))
        context.detach(self._token)
        self._span.end()


def carried(function: Callable[..., T]) -> Callable[..., T]:
    """The function with what is going on here, for another thread."""
    if _state.tracer is None:
        return function
    here = contextvars.copy_context()

    def run(*args: object) -> T:
        return here.run(function, *args)

    return run


def trace_statements(engine: Engine) -> None:
    """A span for each statement of a request or batch that is traced. Values are never in it."""
    system = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"

    @event.listens_for(engine, "before_cursor_execute")
    def _before(connection: Any, *_of: Any) -> None:
        connection.info["statement_began"] = time.time_ns()

    @event.listens_for(engine, "after_cursor_execute")
    def _after(connection: Any, _cursor: Any, statement: str, *_of: Any) -> None:
        began = connection.info.pop("statement_began", None)
        if _state.tracer is None or began is None or not get_current_span().is_recording():
            return
        verb = statement.lstrip().partition(" ")[0].upper()
        said = {"db.system.name": system, "db.operation.name": verb, "db.query.text": statement}
        _state.tracer.start_span(f"SQL {verb}", kind=SpanKind.CLIENT, start_time=began, attributes=said).end()


class TracedSearcher:
    """A searcher of the index with a span for each search."""

    def __init__(self, searcher: Any, index: str) -> None:
        self._searcher = searcher
        self._index = index

    def __getattr__(self, name: str) -> Any:
        """What takes no time worth a span."""
        return getattr(self._searcher, name)

    def search(self, *args: Any, **options: Any) -> Any:
        """Look for documents."""
        with span("search", **{"fanarchive.index": self._index}):
            return self._searcher.search(*args, **options)

    def aggregate(self, *args: Any, **options: Any) -> Any:
        """Count for facets."""
        with span("aggregate", **{"fanarchive.index": self._index}):
            return self._searcher.aggregate(*args, **options)
