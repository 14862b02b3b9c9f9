"""``python -m benchmarks.peers``: fills all with the same works, measures, writes ``docs/performance/peers.md``."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import orjson

from app.demo.made import write_made
from benchmarks import servers
from benchmarks.bulk import command, fill_plain
from benchmarks.peers import calibre, datasette
from benchmarks.peers.measuring import How, compare, filesystem, size_mb
from benchmarks.peers.page import FULL, PAGE, RESULTS, page
from benchmarks.peers.questions import of_books, of_services, of_texts
from benchmarks.peers.steps import Absent, Steps
from benchmarks.table import machine

COUNTED = {
    "works": "works of metadata",
    "books": "works of one chapter of 2,000 words, as books, too",
    "texts": "of those, in calibre's full-text index",
}


def main() -> None:
    """Parse the options and run everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="Side by side with others.")
    for name, what in COUNTED.items():
        parser.add_argument(f"--{name}", type=int, default=FULL[name], help=f"{what} (default {FULL[name]:,})")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--folder", type=Path, help="keep what was made here, and use what is here already")
    parser.add_argument("--make", action="store_true", help="only fill the folder")
    parser.add_argument("--quick", action="store_true", help="300 works, 60 books, 1 round; nothing is written")
    given = parser.parse_args()
    if given.quick:
        given.works, given.books, given.texts, given.rounds = 300, 60, 20, 1
    with tempfile.TemporaryDirectory(prefix="fanarchive-peers-") as name:
        results = run(given.folder or Path(name), given)
    if results is None:
        return
    print(page(results))
    if not given.quick:
        RESULTS.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2) + b"\n")
        PAGE.write_text(page(results))


def run(folder: Path, given: argparse.Namespace) -> dict[str, Any] | None:
    """Both comparisons; a peer that is not here is left out with the reason."""
    on = machine()
    steps = Steps(folder, {name: getattr(given, name) for name in COUNTED})
    absent = make(steps, folder, given)
    if given.make:
        return None
    how = How(given.rounds, given.seconds)
    results = {"services": services(folder, given, how, absent), "books": books(folder, given, how, absent)}
    options = {name: getattr(given, name) for name in (*COUNTED, "rounds", "seconds")}
    on["files"] = filesystem(folder)
    on["load_after"] = round(os.getloadavg()[0], 2)
    versions = {
        "calibre": None if "calibre" in absent else calibre.version(),
        "datasette": " with ".join(datasette.PINNED),
    }
    return {
        "how": options,
        "on": on,
        "versions": versions,
        "absent": absent,
        "seconds": steps.seconds,
        "loads": steps.loads,
        **results,
    }


def make(steps: Steps, folder: Path, given: argparse.Namespace) -> dict[str, str]:
    """The works, and everybody filled with them; who is absent, and why."""
    works, bodies = folder / "works.ndjson", folder / "bodies.ndjson"
    archive = folder / "archive"
    steps.once("works", lambda: _write(works, given.works, 1, 0))
    steps.once("bodies", lambda: _write(bodies, given.books, 2, 2_000))
    steps.once("ours: bodies", lambda: _import(archive, bodies, anew=True))
    steps.once("plain: bodies", lambda: fill_plain(folder / "plain.db", [bodies]))
    steps.once("ours: works", lambda: _import(archive, works))
    steps.once("plain: works", lambda: fill_plain(folder / "plain.db", [works], anew=False))
    steps.once("books", lambda: _export(archive, folder / "books"))
    steps.once("ours: books", lambda: _import(folder / "archive-of-books", folder / "books", anew=True))
    steps.once("some books", lambda: _some(folder / "books", folder / "some-books", given.texts))
    steps.once("ours: texts", lambda: _import(folder / "archive-of-texts", folder / "some-books", anew=True))
    absent = {}
    for name, fill in (("datasette", datasette.fill), ("calibre", calibre.fill)):
        try:
            fill(steps, folder)
        except Absent as reason:
            absent[name] = str(reason)
    return absent


def _write(path: Path, count: int, seed: int, words: int) -> None:
    with path.open("wb") as out:
        write_made(count, seed, out, body_words=words, chapters_each=1 if words else None)


def _import(archive: Path, works: Path, *, anew: bool = False) -> None:
    if anew:
        shutil.rmtree(archive, ignore_errors=True)
    command(archive, "import", str(works))


def _export(archive: Path, books: Path) -> None:
    """The works with text as EPUBs, by our own export."""
    shutil.rmtree(books, ignore_errors=True)
    packed = books.with_suffix(".zip")
    command(archive, "export", "--to", str(packed), "--format", "epub", "has_text=true")
    with zipfile.ZipFile(packed) as files:
        files.extractall(books, [name for name in files.namelist() if name.endswith(".epub")])
    packed.unlink()


def _some(books: Path, some: Path, count: int) -> None:
    shutil.rmtree(some, ignore_errors=True)
    some.mkdir()
    for book in sorted(books.iterdir())[:count]:
        shutil.copy(book, some)


def services(folder: Path, given: argparse.Namespace, how: How, absent: dict[str, str]) -> dict[str, Any]:
    """Us, the plain service and Datasette."""
    archive = folder / "archive"
    started = {**_both_of_ours(archive, folder), "plain": servers.plain(folder / "plain.db", folder)}
    disk = {"ours": size_mb(archive), "plain": size_mb(folder / "plain.db")}
    if "datasette" not in absent:
        started["datasette"] = datasette.serving(folder)
        disk["datasette"] = size_mb(folder / "peers.db")
    found = compare(folder, started, lambda ports: of_services(folder, ports["ours"], given.works, given.books), how)
    return found | {"disk": disk, "given": size_mb(folder / "works.ndjson", folder / "bodies.ndjson")}


def books(folder: Path, given: argparse.Namespace, how: How, absent: dict[str, str]) -> dict[str, Any] | None:
    """Us and calibre's content server, over the same books."""
    if "calibre" in absent:
        return None
    archive = folder / "archive-of-books"
    started = {**_both_of_ours(archive, folder), "calibre": calibre.serving(folder)}
    disk = {"ours": size_mb(archive), "calibre": size_mb(folder / calibre.LIBRARY)}
    found = compare(folder, started, lambda ports: of_books(ports["ours"], given.books), how)
    started = {
        **_both_of_ours(folder / "archive-of-texts", folder),
        "calibre": calibre.serving(folder, calibre.WITH_TEXTS),
    }
    found["rows"] += compare(folder, started, lambda ports: of_texts(ports["calibre"], given.texts), how)["rows"]
    return found | {"disk": disk, "given": size_mb(folder / "books")}


def _both_of_ours(archive: Path, folder: Path) -> dict[str, AbstractContextManager[int]]:
    return {
        "ours": servers.ours(archive, folder),
        "afresh": servers.ours(archive, folder, keeping=False),
    }


if __name__ == "__main__":
    main()
