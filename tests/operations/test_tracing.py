"""Traces: off by default; where a collector is named, requests, statements, searches and batches have spans."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import ValidationError
from starlette.testclient import TestClient

from app import config
from app.config import Settings
from app.main import create_app
from app.tracing import spans
from tests.conftest import TestArchive, works

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def made() -> Iterator[InMemorySpanExporter]:
    """What is traced, from before the archive is opened."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans.begin(provider.get_tracer("tests"), provider.shutdown)
    yield exporter
    spans.stop()


def below(all_spans: tuple[ReadableSpan, ...], name: str) -> list[str]:
    """The names of the spans right below the last one of a name."""
    (*_, parent) = (one for one in all_spans if one.name == name)
    return [one.name for one in all_spans if one.parent and one.parent.span_id == parent.context.span_id]


def test_a_request_has_its_searches_and_statements_below_it(made: InMemorySpanExporter, archive: TestArchive) -> None:
    archive.add(*works("a", "b"))
    assert "SQL SELECT" in below(made.get_finished_spans(), "import batch")
    made.clear()
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    assert archive.client.get("/v1/works?q=a&facets=fandom", headers=headers).status_code == 200
    found = made.get_finished_spans()
    children = below(found, "listWorks")
    assert {"search", "aggregate", "SQL SELECT"} <= set(children)
    (request,) = (one for one in found if one.name == "listWorks")
    assert request.context.trace_id == int(TRACE, 16)
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 200
    said = " ".join(str(value) for one in found for value in (one.attributes or {}).values())
    assert "/v1/works" not in said
    assert "facets" not in said


def test_nothing_is_made_without_a_collector(archive: TestArchive) -> None:
    assert not spans.is_on()
    assert spans.carried(len) is len
    searcher = archive.client.app_state["index"].snapshot().works
    assert not isinstance(searcher._searcher, spans.TracedSearcher)


class Collector(HTTPServer):
    """Takes what is sent as OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.names: list[str] = []


class Taker(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
        assert self.path == "/v1/traces"
        assert isinstance(self.server, Collector)
        self.server.names += [
            one.name for resource in body.resource_spans for scope in resource.scope_spans for one in scope.spans
        ]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_of: object) -> None:
        pass


def test_spans_are_sent_to_a_collector(settings: Settings) -> None:
    collector = Collector()
    thread = threading.Thread(target=collector.serve_forever)
    thread.start()
    endpoint = f"http://127.0.0.1:{collector.server_port}"
    try:
        chosen = settings.model_copy(update={"otel_endpoint": endpoint, "otel_share": 1.0})
        with TestClient(create_app(chosen)) as client:
            assert client.get("/healthz").status_code == 200
            assert client.get("/v1/works/1").status_code == 404
        assert {"getHealth", "getWork"} <= set(collector.names)
        assert not spans.is_on()
    finally:
        collector.shutdown()
        thread.join()
        collector.server_close()


def test_without_the_extra_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda _name: None)
    with pytest.raises(ValidationError, match="needs the extra `otel`"):
        Settings(otel_endpoint="http://collector:4318")
