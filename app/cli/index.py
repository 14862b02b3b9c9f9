"""``fanarchive index``: the derived search index."""

from __future__ import annotations

import gc
import time

import orjson
import typer

from app.cli.opening import open_archive
from app.cli.output import console, errors, progress_bar
from app.config import Settings
from app.jobs.changes import newest_position
from app.search.index import WriterLock
from app.search.indexer import Indexer
from app.search.reader import SearchIndex

app = typer.Typer(help="The search index, derived from the database.", no_args_is_help=True)


@app.command()
def rebuild() -> None:
    """Build the index anew beside the old one, then switch to it."""
    settings = Settings()
    lock = WriterLock(settings.index_dir)
    if not lock.acquire():
        errors.print("A running server writes this index. Stop it first, or remove the index folder: it rebuilds.")
        raise typer.Exit(2)
    started = time.monotonic()
    gc.set_threshold(200_000, 20, 100)
    with open_archive(settings) as database, progress_bar() as bar:
        task = bar.add_task("works", total=None, rate="")

        def show(what: str, count: int) -> None:
            bar.update(task, description=what, completed=count)

        indexer = Indexer(database, settings.index_dir, progress=show)
        indexer.rebuild()
        indexer.catch_up()
        indexer.close()
    lock.release()
    works = _open(settings).snapshot().works.num_docs
    seconds = time.monotonic() - started
    console.print(f"{works - 1} works indexed in {seconds:.1f} s.")


@app.command()
def status() -> None:
    """How many documents there are, and how far behind the database they stand."""
    settings = Settings()
    index = _open(settings)
    with open_archive(settings) as database, database.reading() as connection:
        newest = newest_position(connection)
    ready, reason = index.ready()
    if not ready:
        console.print(f"No usable index: {reason}.{_doing(settings)}")
        raise typer.Exit(1)
    snapshot = index.snapshot()
    # One document of each index is its checkpoint.
    counts = [("works", snapshot.works), ("chapters", snapshot.passages), ("tags", snapshot.tags)]
    for name, searcher in counts:
        console.print(f"{name:10} {searcher.num_docs - 1:>12,}  in {searcher.num_segments} segments")
    behind = newest.seq - snapshot.position.seq
    console.print(
        f"{'applied':10} {snapshot.position.seq:>12,}  {'up to date' if behind <= 0 else f'{behind:,} changes behind'}"
    )


def _open(settings: Settings) -> SearchIndex:
    index = SearchIndex(settings.index_dir)
    index.refresh()
    return index


def _doing(settings: Settings) -> str:
    try:
        status = orjson.loads((settings.index_dir / "status.json").read_bytes())
    except FileNotFoundError:
        return ""
    return f" An indexer was {status['state']} ({status['works']:,} works)."
