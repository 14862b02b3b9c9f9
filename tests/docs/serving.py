"""The demo archive behind a real ``fanarchive serve``, for the commands in the documents."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

START_SECONDS = 30


def environment_of(data_dir: Path) -> dict[str, str]:
    """As in a fresh shell, with our own commands first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FANARCHIVE_", "COV_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    # Coloured and wrapped output is for terminals.
    own = {"PATH": path, "COLUMNS": "200", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "FANARCHIVE_LOG_LEVEL": "error"}
    return kept | own | {"FANARCHIVE_DATA_DIR": str(data_dir)}


def make_demo(data_dir: Path) -> None:
    """Load the demo archive."""
    environment = environment_of(data_dir)
    subprocess.run(["fanarchive", "demo"], check=True, env=environment, capture_output=True, timeout=120)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(data_dir: Path) -> Iterator[int]:
    """The port of a server that is ready to answer; it is stopped at the end."""
    port = free_port()
    with (data_dir.parent / f"{data_dir.name}.log").open("wb") as log:
        command = ["fanarchive", "serve", "--port", str(port)]
        server = subprocess.Popen(command, env=environment_of(data_dir), stdout=log, stderr=log)
        try:
            _wait(server, port)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server has ended"
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as response:
                response.read()
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError("the server is not ready")
