"""``fanarchive serve`` and ``work``, and what looks at a server: ``health`` and ``openapi``."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NoReturn
from urllib.error import URLError
from urllib.request import urlopen

import orjson
import typer
import uvicorn

from app.cli.opening import open_archive
from app.cli.output import errors
from app.config import Settings
from app.imports.process import WorkerProcess
from app.jobs.children import stop_all
from app.main import create_app
from app.monitoring.metrics import SHARED
from app.search.process import IndexerProcess
from app.web.connections import PatientProtocol, raise_file_limit
from app.web.workers import WorkerConfig, run_workers

APPLICATION = "app.main:create_app"
KEEP_ALIVE_SECONDS = 65
"""Longer than proxies keep connections: a request must not meet one that is just being closed."""
WORKER_SECONDS = 60
"""A worker that says nothing for so long is replaced. On a busy machine it takes some seconds to start."""


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; one is right for SQLite.")] = 1,
) -> None:
    """Serve the API; an empty database is migrated first, an old one is refused."""
    settings = Settings()
    with open_archive(settings):
        pass
    raise_file_limit()
    children = [IndexerProcess(settings), *(WorkerProcess(settings) for _ in range(settings.import_workers))]
    signal.signal(signal.SIGTERM, _leave)
    counters = _share_counters() if workers > 1 else None
    for child in children:
        child.start()
    try:
        _run(host, port, workers)
    finally:
        stop_all(children)
        if counters is not None:
            counters.cleanup()


def _run(host: str, port: int, workers: int) -> None:
    """Serve until told to stop."""
    options: dict[str, Any] = {
        "factory": True,
        "http": PatientProtocol,
        "host": host,
        "port": port,
        "workers": workers,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": 10,
        "timeout_worker_healthcheck": WORKER_SECONDS,
    }
    if workers > 1:
        run_workers(WorkerConfig(APPLICATION, **options))
    else:
        uvicorn.run(APPLICATION, **options)


def _share_counters() -> TemporaryDirectory[str]:
    """Have the processes keep their counters together: whichever is asked for metrics tells those of all."""
    folder = TemporaryDirectory(prefix="fanarchive-metrics-")
    os.environ[SHARED] = folder.name
    return folder


def _leave(_number: int, _frame: object) -> NoReturn:
    """The server, having ended, hands its signal on: without us that would kill us before our children have ended."""
    raise SystemExit(0)


def work(processes: Annotated[int, typer.Option(min=1, help="Workers on this host.")] = 1) -> None:
    """Work on imports, beside servers or on a host of its own, until interrupted; any number may share the work."""
    settings = Settings()
    with open_archive(settings):
        pass
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    workers = [WorkerProcess(settings) for _ in range(processes)]
    for worker in workers:
        worker.start()
    stop.wait()
    stop_all(workers)


def health(port: int = 8000, host: str = "127.0.0.1") -> None:
    """Exit with 0 when the server on this port answers."""
    try:
        with urlopen(f"http://{host}:{port}/healthz", timeout=3) as response:
            response.read()
    except (URLError, TimeoutError) as error:
        errors.print(f"No answer: {error}")
        raise typer.Exit(1) from error


def openapi(
    *,
    out: Annotated[Path, typer.Option(help="Where the document is kept.")] = Path("docs/openapi.json"),
    check: Annotated[bool, typer.Option(help="Write nothing; fail where the document differs.")] = False,
) -> None:
    """Write the OpenAPI document, or check that the kept one is what the server says."""
    document = orjson.dumps(create_app().openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    if not check:
        out.write_bytes(document)
        return
    if not out.exists() or out.read_bytes() != document:
        errors.print(f"{out} is not what the server says: run `fanarchive openapi`.")
        sys.exit(1)
