"""Archives of one size each: made, imported by the command, served, and how much room they take."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from app.config import Settings
from app.db.engine import Database
from app.demo.made import write_made
from app.demo.made_tags import write_tags
from benchmarks.bulk import raw_build
from benchmarks.servers import FANARCHIVE, Running, free_port, running

CHAPTERS = 20
"""Works of one chapter of 5,000 words, beside those of metadata."""
TOLERATED = 1.1
"""How much larger than said an archive may be that is used again: later steps add works."""


@dataclass(frozen=True)
class Timed:
    """What a command took: seconds, and the megabytes of its process at the most, mapped files with them."""

    seconds: float
    peak: float
    out: str


@dataclass(frozen=True)
class Archive:
    """An archive in a folder, with its database there or on a PostgreSQL server."""

    size: int
    folder: Path
    url: str = ""

    @property
    def data(self) -> Path:
        return self.folder / "archive"

    @property
    def environment(self) -> dict[str, str]:
        found = {
            "FANARCHIVE_DATA_DIR": str(self.data),
            "FANARCHIVE_RATE_LIMITS": "off",
            "FANARCHIVE_IMPORT_WORKERS": "0",
        }
        return found | ({"FANARCHIVE_DATABASE_URL": self.url} if self.url else {})

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command of the archive."""
        environment = {**os.environ, **self.environment, "FANARCHIVE_LOG_LEVEL": "error"}
        return subprocess.Popen([FANARCHIVE, *arguments], env=environment, stdout=subprocess.PIPE, text=True)

    def command(self, *arguments: str) -> Timed:
        """The same, to its end."""
        started = time.perf_counter()
        process = self.start(*arguments)
        assert process.stdout is not None
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}.")
        return Timed(time.perf_counter() - started, usage.ru_maxrss / 1024, out)

    @contextmanager
    def served(self, *, keeping: bool = True) -> Iterator[Running]:
        """``fanarchive serve``, from its first list on; ``keeping``: answers for those who ask again, as by default."""
        port = free_port()
        more = {} if keeping else {"FANARCHIVE_KEPT_ANSWERS_MB": "0"}
        serve = [FANARCHIVE, "serve", "--port", str(port)]
        with running(serve, port, "/v1/works?limit=1", self.folder, **self.environment, **more) as started:
            yield started

    def count(self) -> int:
        """How many works it has; 0 where there is no archive yet."""
        if not (self.data / "index" / "current").exists():
            return 0
        first = self.command("index", "status").out.partition("\n")[0]
        return int(first.split()[1].replace(",", ""))

    def room(self) -> dict[str, int]:
        """Bytes of the index and of the database."""
        index = sum(path.stat().st_size for path in (self.data / "index").rglob("*") if path.is_file())
        if not self.url:
            return {"index": index, "database": sum(path.stat().st_size for path in self.data.glob("fanarchive.db*"))}
        plain = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain) as connection:
            found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert found is not None
        return {"index": index, "database": int(found[0])}


def made(archive: Archive, *, wrangled: bool) -> dict[str, Any]:
    """Import what the archive is to have; what it took. One that is there is used as it is."""
    archive.folder.mkdir(parents=True, exist_ok=True)
    kept = archive.folder / "made.json"
    if kept.exists() and archive.size <= archive.count() <= max(archive.size * TOLERATED, archive.size + CHAPTERS):
        found: dict[str, Any] = json.loads(kept.read_text())
        return found
    shutil.rmtree(archive.data, ignore_errors=True)
    result: dict[str, Any] = {}
    if wrangled:
        with (table := archive.folder / "tags.ndjson").open("wb") as out:
            rows = write_tags(out)
        result["tags"] = rows / archive.command("tags", "import", str(table)).seconds
    if archive.size:
        done = add(archive, archive.size, 1, wrangled=wrangled, chapters=CHAPTERS)
        result["imported"], result["import_peak"] = archive.size / done.seconds, done.peak
    else:
        archive.command("index", "rebuild")
    kept.write_text(json.dumps(result))
    return result


def add(archive: Archive, count: int, seed: int, *, wrangled: bool = False, chapters: int = 0) -> Timed:
    """Import more made works, and some that have a chapter."""
    works, texts = archive.folder / "more.ndjson", archive.folder / "texts.ndjson"
    with works.open("wb") as out, texts.open("wb") as bodies:
        write_made(count, seed, out, wrangled=wrangled)
        write_made(chapters, 3, bodies, body_words=5_000, chapters_each=1)
    files = (works, texts) if chapters else (works,)
    done = archive.command("import", *map(str, files))
    works.unlink()
    texts.unlink()
    return done


def raw_rate(archive: Archive, scratch: Path) -> float:
    """Works a second that the bare engine takes, as documents made in advance, without tags and chapters."""
    database = Database(Settings(data_dir=archive.data, database_url=archive.url))
    try:
        return archive.count() / raw_build(database, scratch, ("works",))
    finally:
        database.dispose()
        shutil.rmtree(scratch)


def memory(pid: int) -> dict[str, float]:
    """Megabytes of a process: its own, and those of files that it maps (which the system takes back when it needs)."""
    said = dict(line.split(":\t") for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    own, mapped = (int(said[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile"))
    return {"own": round(own, 1), "mapped": round(mapped, 1)}


def indexer(archive: Archive, server: int) -> int:
    """The process that indexes beside a server, once it has started."""
    status = archive.data / "index" / "status.json"
    while True:
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        pid: int = json.loads(status.read_bytes())["pid"]
        if str(pid) in children:
            return pid
        time.sleep(0.05)


def say(what: str) -> None:
    """Where the run is."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
