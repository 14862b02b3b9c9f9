"""Three API hosts over a primary and a replica, behind HAProxy with the configuration of ``deploy/hosts``."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.running import Server, free_port
from tests.hosts.client import Client, sign_up
from tests.hosts.postgres import DEPLOY, Postgres, make_primary, make_replica, wait_until_replayed

HOSTS = 3
PATIENCE = 120.0
"""Three hosts start at once, and what tests is rarely alone on its machine."""
SETTINGS = {
    "FANARCHIVE_SECRET_KEY": "the same key on all hosts",
    "FANARCHIVE_RATE_LIMITS": "off",
    "FANARCHIVE_IMPORT_WORKERS": "0",
    "FANARCHIVE_DRAIN_SECONDS": "3",
}
lacking = None if shutil.which("haproxy") else "haproxy is not installed"
"""Why there can be no fleet here."""


@dataclass
class Fleet:
    """All servers of an archive, an operator's token for everything, and one of somebody who writes."""

    folder: Path
    primary: Postgres
    replica: Postgres
    hosts: list[Server]
    proxy: subprocess.Popen[bytes]
    port: int
    token: str
    writer: str
    clients: list[Client] = field(default_factory=list)

    def client(self, host: int | None = None, token: str | None = None) -> Client:
        """For one host, or through the proxy; a guest unless there is a token."""
        address = ("127.0.0.1", self.port) if host is None else (self.hosts[host].host, self.hosts[host].port)
        self.clients.append(Client(*address, token))
        return self.clients[-1]

    def settle(self) -> None:
        """All that was written is at the replica and in every index."""
        newest = self.primary.ask("SELECT coalesce(max(seq), 0) FROM changes")
        wait_until_replayed(self.primary, self.replica)
        for number in range(len(self.hosts)):
            self.until_applied(number, newest)

    def until_applied(self, number: int, change: int) -> None:
        """A host's index has come to a change, however long that takes here."""
        client, deadline = self.client(number), time.monotonic() + PATIENCE
        while (answer := client.get("/v1/works", limit=1, after_change=change)).status != 200:
            assert (answer.status, answer.body["code"]) == (503, "change-not-applied"), answer
            assert time.monotonic() < deadline

    def restart(self, number: int) -> float:
        """Stop a host as an operator does, and start it; the seconds until the proxy sends it requests again."""
        started = time.monotonic()
        host = self.hosts[number]
        assert host.process is not None
        host.process.terminate()
        host.process.wait(host.patience)
        host.start()
        return time.monotonic() - started


def make_hosts(folder: Path, primary: Postgres, replica: Postgres, count: int, **settings: str) -> list[Server]:
    """Hosts with folders and addresses of their own; not started."""
    hosts = []
    for number in range(1, count + 1):
        data_dir = folder / f"host-{number}" / "data"
        data_dir.mkdir(parents=True)
        host = Server(data_dir, f"127.0.0.{number + 1}")
        host.environment |= SETTINGS | {
            "FANARCHIVE_DATABASE_URL": primary.url(),
            "FANARCHIVE_READ_DATABASE_URL": replica.url(),
            **settings,
        }
        host.patience = PATIENCE
        hosts.append(host)
    return hosts


def start_proxy(folder: Path, hosts: list[Server]) -> tuple[subprocess.Popen[bytes], int]:
    """HAProxy in front of up to three hosts; where there are fewer, the last addresses answer nobody."""
    port = free_port()
    environment = {**os.environ, "PROXY_LISTEN": f"127.0.0.1:{port}"}
    for number in range(1, HOSTS + 1):
        address = f"{hosts[number - 1].host}:{hosts[number - 1].port}" if number <= len(hosts) else "127.0.0.9:9"
        environment[f"PROXY_HOST_{number}"] = address
    with (folder / "proxy.log").open("ab") as log:
        proxy = subprocess.Popen(
            ["haproxy", "-db", "-f", str(DEPLOY / "haproxy.cfg")], env=environment, stdout=log, stderr=log
        )
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return proxy, port
        assert time.monotonic() < deadline
        assert proxy.poll() is None, (folder / "proxy.log").read_text()
        time.sleep(0.05)


@contextlib.contextmanager
def fleet(folder: Path, count: int = HOSTS, **settings: str) -> Iterator[Fleet]:
    """Everything started, every host ready."""
    database = folder / "postgres"
    database.mkdir()
    with contextlib.ExitStack() as stack:
        primary = make_primary(database)
        stack.callback(primary.stop)
        replica = make_replica(primary, database)
        stack.callback(replica.stop)
        hosts = make_hosts(folder, primary, replica, count, **settings)
        for host in hosts:
            stack.callback(end, host)
        token = make_token(hosts[0])
        wait_until_replayed(primary, replica)
        for host in hosts:
            host.start(wait=False)
        for host in hosts:
            host.wait_for("/readyz", 200)
        proxy, port = start_proxy(folder, hosts)
        stack.callback(proxy.wait)
        stack.callback(proxy.terminate)
        guest = Client(hosts[0].host, hosts[0].port)
        found = Fleet(folder, primary, replica, hosts, proxy, port, token, sign_up(guest), [guest])
        yield found
        for client in found.clients:
            client.close()


def make_token(host: Server) -> str:
    """An operator's token for everything; the first command of an archive also makes its tables."""
    scopes = ("read", "write", "wrangle", "moderate", "admin", "import")
    made = host.command("token", "create", *(part for scope in scopes for part in ("--scope", scope)))
    assert made.returncode == 0, made.stderr
    return made.stdout.split()[-1].decode()


def end(host: Server) -> None:
    """SIGKILL; its children go with it."""
    if host.process is not None and host.process.poll() is None:
        host.kill()
    host.log.close()


def requests_in(log: Path, after: int = 0) -> list[dict[str, object]]:
    """The requests that a host has noted, behind a place in its log."""
    lines = log.read_bytes()[after:].splitlines()
    noted = [json.loads(line) for line in lines if line.startswith(b"{")]
    return [line for line in noted if "operation" in line]


def uses_replica(hosts: Fleet, number: int) -> bool:
    """Whether a host reads from its replica, as it says itself."""
    metrics = hosts.client(number, hosts.token).get("/metrics").body.decode()
    used = next(line for line in metrics.splitlines() if line.startswith("fanarchive_replica_used{"))
    return used.endswith(" 1.0")
