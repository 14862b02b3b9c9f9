"""A real server: the command itself, on a free port, with its own data folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

FANARCHIVE = str(Path(sys.executable).with_name("fanarchive"))
PATIENCE = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """``fanarchive serve``; ``get`` asks it, ``command`` runs another command on the same archive."""

    def __init__(self, data_dir: Path, host: str = "127.0.0.1") -> None:
        self.data_dir = data_dir
        self.host = host
        self.patience = PATIENCE
        self.port = free_port()
        self.environment = {**os.environ, "FANARCHIVE_DATA_DIR": str(data_dir)}
        self.log = (data_dir.parent / "server.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str, wait: bool = True) -> None:
        self.process = subprocess.Popen(
            [FANARCHIVE, "serve", "--host", self.host, "--port", str(self.port), *options],
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )
        if wait:
            self.wait_for("/readyz", 200)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        self.log.close()
        return code

    def command(self, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [FANARCHIVE, *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )

    def ask(self, path: str, **params: Any) -> tuple[int, Any]:
        query = f"?{urllib.parse.urlencode(params, doseq=True)}" if params else ""
        try:
            with urllib.request.urlopen(f"http://{self.host}:{self.port}{path}{query}", timeout=10) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def get(self, path: str, **params: Any) -> Any:
        status, body = self.ask(path, **params)
        assert status == 200, body
        return body

    def wait_for(self, path: str, status: int) -> None:
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            try:
                if self.ask(path)[0] == status:
                    return
            except OSError:
                assert self.process is not None
                assert self.process.poll() is None, "the server ended"
            time.sleep(0.05)
        raise AssertionError(f"{path} did not answer {status}")

    def indexer_pid(self) -> int:
        status = json.loads((self.data_dir / "index" / "status.json").read_bytes())
        pid: int = status["pid"]
        return pid
