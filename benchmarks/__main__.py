"""``python -m benchmarks``: makes works, measures, and writes ``results.json`` and the table of the documentation."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.demo.made import write_made
from benchmarks.books import book_rows
from benchmarks.bulk import bulk_rows, command, fill_plain, text_rows
from benchmarks.searching import searching_rows
from benchmarks.serving import Measuring, serving_rows
from benchmarks.table import Row, machine, read, show, write, write_markdown
from benchmarks.tagging import tagging_rows

RESULTS = Path(__file__).with_name("results.json")
DOCUMENT = Path(__file__).parent.parent / "docs" / "performance" / "README.md"


def main() -> None:
    """Parse the options and run everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, as ratios.")
    parser.add_argument("--works", type=int, default=100_000, help="works of metadata (default 100,000)")
    parser.add_argument("--bodies", type=int, default=20_000, help="works of one chapter of 2,000 words (20,000)")
    parser.add_argument("--tags", type=int, default=400_000, help="tags for autocomplete (400,000)")
    parser.add_argument("--imported", type=int, default=30_000, help="works of each import and rebuild (30,000)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="5,000 works, 1,000 bodies, 2 rounds: to try it out")
    parser.add_argument("--folder", type=Path, help="keep what was made here, and use what is here already")
    parser.add_argument(
        "--only", help="some of serving, searching, tagging, bulk, texts, books, with commas; nothing is written"
    )
    options = parser.parse_args()
    if options.quick:
        options.works, options.bodies, options.tags, options.rounds = 5_000, 1_000, 20_000, 2
        options.imported = 5_000
    on = machine()
    with tempfile.TemporaryDirectory(prefix="fanarchive-bench-") as name:
        rows = run(options.folder or Path(name), options)
    on["load_after"] = round(os.getloadavg()[0], 2)
    show(rows)
    if options.only or options.quick:
        return
    chosen = {name: getattr(options, name) for name in ("works", "bodies", "tags", "imported", "rounds", "seconds")}
    write(rows, RESULTS, chosen, on)
    write_markdown(DOCUMENT, read(RESULTS))


def run(folder: Path, options: argparse.Namespace) -> list[Row]:
    """The chosen measurements, in a folder of their own."""
    how = Measuring(options.rounds, options.seconds)
    groups: dict[str, Callable[[], list[Row]]] = {
        "serving": lambda: serving_rows(folder, how),
        "searching": lambda: searching_rows(folder, how),
        "tagging": lambda: tagging_rows(folder, options.tags, how),
        "bulk": lambda: bulk_rows(folder, options.imported, options.rounds),
        "texts": lambda: text_rows(folder, options.bodies * 3 // 4, options.rounds),
        "books": lambda: book_rows(how),
    }
    chosen = options.only.split(",") if options.only else list(groups)
    if not {"books", "texts"}.issuperset(chosen):
        _make(folder, options)
    rows = []
    for name in chosen:
        print(f"{name} …", file=sys.stderr)
        rows += groups[name]()
    return rows


def _make(folder: Path, options: argparse.Namespace) -> None:
    """Works, texts, our archive of them and the plain service's; what a folder holds already is of the same numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    made, wanted = folder / "made.json", {"works": options.works, "bodies": options.bodies}
    if made.exists():
        if json.loads(made.read_text()) != wanted:
            raise SystemExit(f"{folder} holds other numbers of works.")
        return
    wanted_files = (("works", options.works, 1, 0), ("chapters", 20, 3, 5_000), ("bodies", options.bodies, 2, 2_000))
    for name, count, seed, words in wanted_files:
        with (folder / f"{name}.ndjson").open("wb") as out:
            write_made(count, seed, out, body_words=words, chapters_each=1 if words else None)
    files = [folder / f"{name}.ndjson" for name, *_ in wanted_files]
    for path in files:
        command(folder / "archive", "import", str(path))
    fill_plain(folder / "plain.db", files)
    made.write_text(json.dumps(wanted))


if __name__ == "__main__":
    main()
