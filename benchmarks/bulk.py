"""P9 and P11: how fast works go in, and how fast the index is built anew, against the bare engines."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import tantivy
from sqlalchemy import make_url, text

from app.config import Settings
from app.db.engine import Database
from app.search.documents import filter_fields, parse_card, work_document
from app.search.index import new_path, open_generation
from app.search.indexer import Indexer
from app.search.loading import all_tags, all_works, load_graph
from app.search.schema import VIS_PUBLIC
from app.search.tag_documents import tag_document
from benchmarks.table import Row

FANARCHIVE = str(Path(sys.executable).with_name("fanarchive"))
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


def rebuild_row(data_dir: Path, scratch: Path) -> Row:
    """P11: the whole rebuild against the same documents, made in advance, added and committed."""
    settings = Settings(data_dir=data_dir)
    database = Database(settings)
    with database.reading() as connection:
        count = connection.execute(text("SELECT count(*) FROM works")).scalar_one()
    shutil.rmtree(scratch, ignore_errors=True)
    raw = count / _raw_build(database, scratch)
    shutil.rmtree(scratch)
    indexer = Indexer(database, scratch)
    started = time.perf_counter()
    indexer.rebuild()
    ours = count / (time.perf_counter() - started)
    indexer.close()
    database.dispose()
    detail = f"{ours:,.0f} of {raw:,.0f} works/s"
    return Row("P11", "index rebuild from the database, works/s", "raw index build", ours / raw, 0.5, detail=detail)


def _raw_build(database: Database, scratch: Path) -> float:
    with database.reading() as connection:
        graph = load_graph(connection)
        works = []
        for rows in all_works(connection, 1_000):
            for row in rows:
                card = parse_card(row.card)
                works.append(work_document(row, card, filter_fields(card, graph), graph))
        tags = [tag_document(row, 1, VIS_PUBLIC) for rows in all_tags(connection, 1_000) for row in rows]
    generation = open_generation(new_path(scratch), create=True)
    started = time.perf_counter()
    for name, documents, threads in (("works", works, 2), ("tags", tags, 1)):
        writer = generation.indexes[name].writer(192_000_000, threads)
        schema = generation.schemas[name]
        for document in documents:
            writer.add_document(tantivy.Document.from_dict(document, schema))
        writer.commit()
        writer.wait_merging_threads()
    return time.perf_counter() - started
