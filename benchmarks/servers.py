"""Starting what is asked: our server, the bare one and the plain one, each one process of the same kind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FANARCHIVE = str(Path(sys.executable).with_name("fanarchive"))
ROOT = str(Path(__file__).parent.parent)
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as response:
        body: bytes = response.read()
        return body


def fetch_json(port: int, path: str) -> Any:
    return json.loads(fetch(port, path))


def quoted(**params: Any) -> str:
    return urllib.parse.urlencode(params)


@dataclass(frozen=True)
class Running:
    """A server that answers, and the seconds from its start to its first answer."""

    port: int
    pid: int
    seconds: float


@contextmanager
def running(command: Sequence[str], port: int, path: str, folder: Path, **environment: str) -> Iterator[Running]:
    """A server, from its first answer on; what it writes (every request is logged) goes to a file."""
    log = (folder / f"{Path(command[0]).name}-{port}.log").open("wb")
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        while time.perf_counter() < started + PATIENCE:
            try:
                fetch(port, path)
                break
            except OSError:
                time.sleep(0.01)
        yield Running(port, process.pid, time.perf_counter() - started)
    except Exception:
        print(Path(log.name).read_text()[-2_000:], file=sys.stderr)
        raise
    finally:
        process.terminate()
        process.wait(60)
        log.close()
        Path(log.name).unlink()


@contextmanager
def ours(data_dir: Path, folder: Path, *, keeping: bool = True) -> Iterator[int]:
    """``fanarchive serve`` with logs, metrics and compression on, as by default; rate limits off.

    ``keeping``: whether answers are kept for guests who ask for the same again, as by default.
    """
    port = free_port()
    environment = {"FANARCHIVE_DATA_DIR": str(data_dir), "FANARCHIVE_RATE_LIMITS": "off"}
    if not keeping:
        environment["FANARCHIVE_KEPT_ANSWERS_MB"] = "0"
    with running([FANARCHIVE, "serve", "--port", str(port)], port, "/readyz", folder, **environment) as started:
        yield started.port


@contextmanager
def bare(bodies: Mapping[str, bytes], folder: Path) -> Iterator[int]:
    """The bare server, answering some bodies by name."""
    port = free_port()
    (folder / "bodies.json").write_text(json.dumps({name: body.decode("latin-1") for name, body in bodies.items()}))
    command = [sys.executable, "-m", "benchmarks.bare", str(port)]
    with running(command, port, f"/body/{next(iter(bodies))}", folder, PYTHONPATH=ROOT) as started:
        yield started.port


@contextmanager
def plain(database: Path, folder: Path) -> Iterator[int]:
    """The plain service."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.plain_service", str(port)]
    with running(command, port, "/works/1", folder, PYTHONPATH=ROOT, PLAIN_DB=str(database)) as started:
        yield started.port
