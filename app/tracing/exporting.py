"""Where spans go: this alone needs the extra ``otel``, and is imported only where a collector is named."""

from __future__ import annotations

from collections.abc import Callable

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Tracer

from app import __version__


def tracer_of(endpoint: str, share: float) -> tuple[Tracer, Callable[[], None]]:
    """A tracer that sends in the background, and what sends the rest and ends it."""
    resource = Resource.create({"service.name": "fanarchive", "service.version": __version__})
    chance = TraceIdRatioBased(share)
    # What a stranger says of a trace must not make us trace every request: the share holds for theirs, too.
    sampler = ParentBased(chance, remote_parent_sampled=chance)
    provider = TracerProvider(resource=resource, sampler=sampler)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer("fanarchive"), provider.shutdown
