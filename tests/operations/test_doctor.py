"""What the doctor tells and mends: each thing is broken on purpose, in a real database and a real index."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import insert, select

from app.config import Settings
from app.db import migrate
from app.db.engine import Database
from app.doctor import databases, indexed, surroundings
from app.doctor.examining import examine
from app.doctor.finding import EXAMPLES, Examination, Finding, Wrong
from app.models import ImportChunk, ImportJob
from app.search.index import Checkpoint
from tests.conftest import TestArchive

Told = dict[str, list[Finding]]


@pytest.fixture(autouse=True)
def tables_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing all tables with the models is most of what an examination of a small archive costs."""
    monkeypatch.setattr(databases, "differences", lambda *_: [])


def look(archive: TestArchive, *, repair: bool = False, thorough: bool = False, exact_kudos: bool = False) -> Told:
    """What is not fine, by check."""
    examination = Examination(archive.database, archive.settings, archive.settle, repair, thorough, exact_kudos)
    told: Told = {}
    for finding in examine(examination):
        # The tests' own databases run without waiting for the disk, on whatever library there is.
        if finding.state != "ok" and finding.check != "database":
            told.setdefault(finding.check, []).append(finding)
    return told


def states(told: Told) -> dict[str, list[tuple[str, int]]]:
    return {check: [(finding.state, finding.count) for finding in findings] for check, findings in told.items()}


def break_rules(settings: Settings, statements: Iterable[str]) -> None:
    """Change rows past the foreign keys, as whoever mends a database by hand might."""
    if settings.database_url.startswith("sqlite"):
        with sqlite3.connect(settings.data_dir / "fanarchive.db") as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as server:
        server.execute("SET session_replication_role = replica")
        for statement in statements:
            server.execute(statement)


def fill(archive: TestArchive) -> None:
    archive.add(
        *(
            {
                "title": f"Work {n}",
                "key": str(n),
                "fandoms": ["Fables"],
                "characters": [f"Fox {n}"],
                "source": {"url": f"https://tales.example/{n}"},
                "chapters": [{"content": f"<p>One {n} {m}.</p>"} for m in range(3)],
            }
            for n in range(1, 11)
        )
    )


TWICE = "'https://www.tales.example/9/', 'older'"
NOW = {"sqlite": "0", "postgresql": "now()"}


def breakages(kind: str) -> list[str]:
    now = NOW[kind]
    return [
        f"INSERT INTO kudos (work_id, at) VALUES (1, {now})",
        f"INSERT INTO kudos (work_id, at) VALUES (999, {now})",
        "UPDATE works SET words = 999 WHERE id = 2",
        "UPDATE chapters SET position = 7 WHERE work_id = 3 AND position = 2",
        "DELETE FROM work_cards WHERE work_id = 4",
        "UPDATE works SET title = 'Another' WHERE id = 5",
        "INSERT INTO taggings (work_id, position, tag_id) VALUES (6, 50, 999)",
        "UPDATE authors SET account_id = 999",
        "UPDATE work_sources SET url_key = 'old' WHERE work_id = 7",
        f"INSERT INTO work_sources (id, work_id, position, url, url_key) VALUES (99, 8, 2, {TWICE})",
        "DELETE FROM work_authors WHERE work_id = 9",
        f"INSERT INTO series (id, title, created_at) VALUES (1, 'Foxes', {now})",
        "INSERT INTO series_works (series_id, work_id, position, place) VALUES (1, 1, 1, 1), (1, 2, 3, 2)",
        "UPDATE works SET counted_kudos = 5 WHERE id = 10",
    ]


BROKEN = {
    "kudos": [("problem", 1), ("warning", 1)],
    "chapters": [("problem", 1), ("problem", 1)],
    "cards": [("problem", 1), ("problem", 2)],
    "orphans": [("problem", 1), ("problem", 1), ("problem", 1)],
    "sources": [("problem", 1), ("problem", 1)],
    "works": [("problem", 1)],
    "series": [("problem", 1)],
    "index-works": [("problem", 3)],
    "index-tags": [("problem", 1)],
}
LEFT = {"kudos": [("warning", 1)], "works": [("problem", 1)], "sources": [("problem", 1)]}
"""What nobody can mend without deciding something."""


def test_what_is_broken_is_told_and_mended(archive: TestArchive) -> None:
    fill(archive)
    assert look(archive, thorough=True) == {}
    break_rules(archive.settings, breakages("sqlite" if archive.database.is_sqlite else "postgresql"))
    writer = archive.indexer.writer
    with archive.database.reading() as connection:
        writer.put_works(connection, [], [10])
        writer.put_tags([], [archive.tag("Fox 2", "character")])
        for name in ("passages", "works", "tags"):
            writer.commit(name, Checkpoint(archive.indexer.position))
    told = look(archive)
    assert states(told)["index-works"][0][0] == "problem"
    assert {check: states(told)[check] for check in BROKEN if not check.startswith("index")} == {
        check: found for check, found in BROKEN.items() if not check.startswith("index")
    }
    assert set(told) == set(BROKEN)
    assert told["sources"][1].examples == ({"url": "tales.example/9", "works": [8, 9]},)
    mended = look(archive, repair=True)
    assert {state for found in states(mended).values() for state, _ in found} == {"mended", "warning", "problem"}
    assert states(look(archive)) == LEFT
    assert archive.get("/v1/works/1")["stats"]["kudos"] == 1
    assert archive.get("/v1/works/2")["words"] < 20
    assert archive.titles(fandom="Fables") == ["Another", *(f"Work {n}" for n in (1, 2, 3, 4, 6, 7, 8, 9, 10))]
    assert archive.get("/v1/works", source_url="https://tales.example/7")["total"] == 1
    assert states(look(archive, repair=True, exact_kudos=True))["kudos"] == [("mended", 1)]
    assert "kudos" not in look(archive)


def test_an_index_that_cannot_be_used_is_told_and_built(archive: TestArchive) -> None:
    fill(archive)
    writer = archive.indexer.writer
    writer.archive = "another"
    for name in ("passages", "works", "tags"):
        writer.commit(name, Checkpoint(archive.indexer.position))
    (finding,) = look(archive)["index"]
    assert finding.text.startswith("the index was made of another archive")

    def reopen() -> None:
        archive.indexer.open()
        archive.settle()

    archive.indexer.close()
    examination = Examination(archive.database, archive.settings, reopen, repair=True)
    found = [finding for finding in examine(examination) if finding.check.startswith("index")]
    assert [finding.state for finding in found] == ["mended", "ok", "ok"]


def test_what_is_on_its_way_to_the_index_is_no_difference(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexed, "PAUSE", 0.01)
    fill(archive)
    archive.add_rows({"title": "New", "key": "new", "fandoms": ["Fables"]})
    told = look_behind(archive)
    assert [(finding.check, finding.state) for finding in told] == [("index", "warning"), ("index-tags", "warning")]
    archive.settle()
    assert look(archive) == {}


def look_behind(archive: TestArchive) -> list[Finding]:
    examination = Examination(archive.database, archive.settings, lambda: None)
    return [finding for finding in examine(examination) if finding.check.startswith("index") and finding.state != "ok"]


def test_leftovers_are_told_and_taken_away(archive: TestArchive) -> None:
    settings = archive.settings
    settings.spool_dir.mkdir(exist_ok=True)
    old, young = settings.spool_dir / "old", settings.spool_dir / "young"
    for path in (old, young):
        path.write_bytes(b"x")
    before = time.time() - 2 * surroundings.LEFTOVER_SECONDS
    os.utime(old, (before, before))
    with archive.database.write() as session:
        for job_id, state in ((1, "receiving"), (2, "succeeded"), (3, "running")):
            session.execute(insert(ImportJob).values(id=job_id, state=state, **JOB))
            session.execute(insert(ImportChunk).values(job_id=job_id, number=0, body=b"x"))
    (finding,) = look(archive)["leftovers"]
    assert finding.examples == ("spool/old", "import 1", "import 2")
    look(archive, repair=True)
    assert "leftovers" not in look(archive)
    assert not old.exists()
    assert young.exists()
    with archive.database.reading() as connection:
        assert connection.execute(select(ImportChunk.job_id)).scalars().all() == [3]


JOB = {
    "importer": "operator",
    "by": "tests",
    "as_admin": True,
    "mode": "upsert",
    "dry_run": False,
    "options": {},
    "bytes": 1,
    "created_at": datetime.now(UTC) - timedelta(hours=3),
    "finished_at": datetime.now(UTC),
}


def test_another_schema_ends_the_examination(settings: Settings) -> None:
    database = Database(settings)
    migrate.downgrade(database, "-1")
    found = list(examine(Examination(database, settings, lambda: None)))
    database.dispose()
    assert [(finding.check, finding.state) for finding in found] == [("schema", "problem")]
    assert "run `fanarchive db upgrade`" in found[0].text


def test_unsafe_settings_of_the_database_are_told(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    examination = Examination(archive.database, archive.settings, archive.settle)
    told = "\n".join(finding.text for finding in databases.check_database(examination))
    if not archive.database.is_sqlite:
        assert "fsync is off" in told
        assert "full_page_writes is off" in told
        assert "archive_mode is off" in told
        return
    for version, state in (((3, 40, 1), "warning"), ((3, 44, 6), "ok"), ((3, 51, 2), "warning"), ((3, 51, 3), "ok")):
        monkeypatch.setattr("sqlite3.sqlite_version_info", version)
        (finding,) = databases.check_database(examination)
        assert finding.state == state


def test_a_disk_without_room_for_another_index_is_told(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "MIB", 1 << 60)
    examination = Examination(archive.database, archive.settings, archive.settle)
    assert [finding.state for finding in surroundings.check_disk(examination)] == ["problem"]


def test_examples_are_few_however_much_is_wrong() -> None:
    wrong = Wrong()
    for number in range(1_000):
        wrong.add(number, number)
    assert wrong.count == 2_000
    assert len(wrong.examples) == EXAMPLES
