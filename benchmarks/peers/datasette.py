"""Datasette in an environment of its own, over a database that its companion ``sqlite-utils`` makes.

As their manuals recommend: tags as JSON arrays for facets, and as a table with foreign keys for ``_through``; indexes
on what is filtered and sorted by, full-text tables beside their tables, ``ANALYZE``; the file opened as immutable, and
no facets suggested.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from benchmarks import servers
from benchmarks.peers.steps import Absent, Steps

PINNED = ("datasette==0.65.5", "sqlite-utils==4.2.1")
KINDS = ("fandoms", "characters", "relationships", "freeforms")
FACETS = "&".join([*(f"_facet_array={kind}" for kind in KINDS), "_facet=rating&_facet=language&_facet_size=10"])
PASSAGES = (
    "SELECT c.id, c.work_id, snippet(chapters_fts, 0, '<mark>', '</mark>', '…', 40) AS snippet FROM chapters_fts"
    " JOIN chapters c ON c.id = chapters_fts.rowid WHERE chapters_fts MATCH :q ORDER BY rank LIMIT 20"
)
SETTINGS = {"suggest_facets": "off", "facet_time_limit_ms": "60000", "sql_time_limit_ms": "60000"}
INDEXES = (("works", "kudos"), ("work_tags", "tag_id", "work_id"), ("work_tags", "work_id"), ("chapters", "work_id"))
FOREIGN_KEYS = ("work_tags", "work_id", "works", "id", "work_tags", "tag_id", "tags", "id")


def install(folder: Path) -> None:
    """An environment beside the works."""
    place = folder / "datasette"
    try:
        subprocess.run([sys.executable, "-m", "venv", place], check=True, capture_output=True)
        pip = [str(place / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *PINNED]
        subprocess.run(pip, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Absent(f"{' and '.join(PINNED)} could not be installed") from error


def fill(steps: Steps, folder: Path) -> None:
    """The works of both files; writing them as rows is not counted, putting them in is."""
    steps.once("datasette: rows", lambda: write_rows(folder))
    steps.once("datasette: environment", lambda: install(folder))
    steps.once("datasette: bodies", lambda: _bodies(folder))
    steps.once("datasette: works", lambda: _works(folder))


def _tool(folder: Path, command: str, *arguments: str) -> None:
    tool = folder / "datasette" / "bin" / "sqlite-utils"
    subprocess.run([tool, command, folder / "peers.db", *arguments], check=True, capture_output=True)


def _insert(folder: Path, part: str, table: str, *more: str) -> None:
    _tool(folder, "insert", table, str(folder / "rows" / f"{part}-{table}.ndjson"), "--nl", *more)


def _bodies(folder: Path) -> None:
    (folder / "peers.db").unlink(missing_ok=True)
    for table in ("works", "tags", "chapters"):
        _insert(folder, "bodies", table, "--pk", "id")
    _insert(folder, "bodies", "work_tags")
    _tool(folder, "add-foreign-keys", *FOREIGN_KEYS)
    for table, *columns in INDEXES:
        _tool(folder, "create-index", table, *columns)
    _tool(folder, "enable-fts", "works", "title", "summary", "--create-triggers")
    _tool(folder, "enable-fts", "chapters", "content", "--create-triggers")


def _works(folder: Path) -> None:
    for table in ("works", "tags"):
        _insert(folder, "works", table, "--pk", "id")
    _insert(folder, "works", "work_tags")
    _tool(folder, "analyze")


def write_rows(folder: Path) -> None:
    """The records as rows of tables, a file for each table and part."""
    rows = folder / "rows"
    rows.mkdir(exist_ok=True)
    tags: dict[tuple[str, str], int] = {}
    numbers = itertools.count(1)
    for part in ("bodies", "works"):
        tables = ("works", "tags", "work_tags", "chapters")
        files = {table: (rows / f"{part}-{table}.ndjson").open("w") for table in tables}
        with (folder / f"{part}.ndjson").open() as lines:
            for line in lines:
                _write(next(numbers), json.loads(line), tags, files)
        for file in files.values():
            file.close()


def _write(number: int, record: dict[str, Any], tags: dict[tuple[str, str], int], files: Mapping[str, TextIO]) -> None:
    def put(table: str, **row: Any) -> None:
        files[table].write(json.dumps(row) + "\n")

    source, stats, chapters = record.pop("source"), record.pop("stats"), record.pop("chapters", [])
    posted, words = len(chapters) or record["chapters_posted"], record.get("words", 0)
    shown = {"chapters_posted": posted, "chapters_expected": record.get("chapters_expected"), "words": words}
    site = {"source_site": source["site"], "source_id": source["id"]}
    put("works", id=number, **{**record, **shown}, **site, **stats)
    for key in [(kind, name) for kind in KINDS for name in dict.fromkeys(record[kind])]:
        if key not in tags:
            tags[key] = len(tags) + 1
            put("tags", id=tags[key], type=key[0], name=key[1])
        put("work_tags", work_id=number, tag_id=tags[key])
    for position, chapter in enumerate(chapters, 1):
        put("chapters", work_id=number, position=position, content=chapter["content"])


def tag_ids(folder: Path) -> Iterator[tuple[str, int]]:
    """The fandoms by name."""
    for part in ("bodies", "works"):
        with (folder / "rows" / f"{part}-tags.ndjson").open() as lines:
            for row in map(json.loads, lines):
                if row["type"] == "fandoms":
                    yield row["name"], row["id"]


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """``datasette serve``; its port."""
    port = servers.free_port()
    (folder / "datasette.json").write_text(
        json.dumps({"databases": {"peers": {"queries": {"passages": {"sql": PASSAGES}}}}})
    )
    command = [str(folder / "datasette" / "bin" / "datasette"), "serve", "-i", "peers.db", "-p", str(port)]
    settings = [part for name, value in SETTINGS.items() for part in ("--setting", name, value)]
    command += ["--metadata", "datasette.json", *settings]
    with servers.running(command, port, "/peers/works/1.json", folder) as started:
        yield started.port
