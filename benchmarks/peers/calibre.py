"""calibre's content server over a library of EPUBs, as the distribution packages it.

Its libraries are made by ``calibredb add``, and one has its full-text index. Works are asked for as its own web page
does: one request for a list with its total, and passages in two, the books that match and then their snippets.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks import servers
from benchmarks.peers.steps import Absent, Steps
from benchmarks.servers import fetch_json, quoted

LIBRARY, WITH_TEXTS = "library", "library-with-texts"


def check() -> None:
    """Whether it is here."""
    if not (shutil.which("calibredb") and shutil.which("calibre-server")):
        raise Absent("calibredb and calibre-server are not on this machine (Debian: `apt-get install calibre`)")


def version() -> str:
    """As it names itself."""
    said = subprocess.run(["calibre-server", "--version"], check=True, capture_output=True, text=True)  # noqa: S607
    return said.stdout.split("(")[-1].rstrip(") \n").removeprefix("calibre ")


def _environment(folder: Path) -> Mapping[str, str]:
    """Settings and caches of its own, and no display."""
    place = str(folder / "calibre-settings")
    own = dict.fromkeys(("CALIBRE_CONFIG_DIRECTORY", "CALIBRE_CACHE_DIRECTORY"), place)
    return {**own, "QT_QPA_PLATFORM": "offscreen"}


def fill(steps: Steps, folder: Path) -> None:
    """All books in one library, and some in another that has its full-text index, too: that takes it the longest."""
    check()

    def command(library: str, *arguments: str) -> None:
        run = ["calibredb", *arguments, "--with-library", str(folder / library)]
        done = subprocess.run(run, check=False, capture_output=True, env={**os.environ, **_environment(folder)})
        if done.returncode:
            raise SystemExit(f"calibredb {arguments[0]} failed: {done.stderr.decode()[-500:]}")

    def add(library: str, books: str) -> None:
        shutil.rmtree(folder / library, ignore_errors=True)
        command(library, "add", "--recurse", str(folder / books))

    def add_with_texts() -> None:
        add(WITH_TEXTS, "some-books")
        command(WITH_TEXTS, "fts_index", "enable", "--wait-for-completion", "--indexing-speed", "fast")

    steps.once("calibre: books", lambda: add(LIBRARY, "books"))
    steps.once("calibre: texts", add_with_texts)


@contextmanager
def serving(folder: Path, library: str = LIBRARY) -> Iterator[int]:
    """``calibre-server``; its port."""
    port = servers.free_port()
    own = ["--listen-on", "127.0.0.1", "--disable-use-bonjour", "--port", str(port)]
    command = ["calibre-server", *own, str(folder / library)]
    with servers.running(command, port, "/ajax/library-info", folder, **_environment(folder)) as started:
        yield started.port


def list_path(search: str) -> str:
    """A page of 20 with its total, newest first."""
    return f"/interface-data/books-init?{quoted(num=20, sort='pubdate.desc', search=search)}"


def passage_paths(port: int, words: list[str]) -> list[str]:
    """For every word the books that match, and snippets of the first twenty of them."""
    paths = []
    for word in words:
        search = f"/fts/search?{quoted(query=word)}"
        books = dict.fromkeys(one["book_id"] for one in fetch_json(port, search)["results"])
        paths += [search, f"/fts/snippets/{','.join(map(str, [*books][:20]))}?{quoted(query=word)}"]
    return paths
