"""A whole archive as a folder: another archive that takes it in gives the same folder again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.cli.exporting import OPERATOR
from app.config import Settings
from app.db.engine import Database
from app.db.migrate import upgrade
from app.exports.folder import write_folder
from app.imports.errors import BadDump
from app.imports.restoring import restore_folder
from app.imports.runner import Counts, ImportRun, ItemRow, import_items
from app.tags.acts import Act
from app.tags.commands.undoing import undo_act
from tests.conftest import TestArchive, works
from tests.exports.states import state_of
from tests.formats.ao3 import Chapter, Dialect, download
from tests.formats.reading import items
from tests.writing import TEXT, member, moderator

FILES = ("tags", "authors", "series", "works", "revisions")
ORIGIN = b"one archive"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """Another archive, empty, on SQLite whatever the first is on."""
    database = Database(Settings(data_dir=tmp_path / "other"))
    upgrade(database)
    yield database
    database.dispose()


def dump(database: Database, folder: Path) -> dict[str, list[dict[str, Any]]]:
    write_folder(database, OPERATOR, ORIGIN, folder, lambda _name, _count: None)
    return {
        name: [orjson.loads(line) for line in (folder / f"{name}.ndjson").read_bytes().splitlines()]
        for name in (*FILES, "acts")
    }


def restore(database: Database, folder: Path) -> tuple[Counts, list[ItemRow]]:
    rows: list[ItemRow] = []
    return restore_folder(database, Settings(), folder, rows.append), rows


def lived_in(archive: TestArchive) -> None:
    """Works from elsewhere and from here, in every state, edited, wrangled, in series that overlap."""
    ann, ben, mod = member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    archive.add(
        *works("Brought", chapters=[{"content": TEXT, "title": "One"}, {"content": TEXT}], authors=["Cy", "Dee"],
               source={"site": "example.org", "id": "7", "url": "https://example.org/7"},
               source_urls=["https://www.example.com/s/7?b=2&a=1"], series=[{"title": "Row", "position": 4}],
               stats={"kudos": 5, "hits": 90}, published_at="2001-02-03", revised_at="2002-03-04T05:06:07Z"),
        *works("Listed", words=900, chapters_posted=3, chapters_expected=9, relationships=["A/B", "C & A"],
               characters=["A", "B"], gifts=["Eve"], extra={"k": [1]}, consent={"podfic": "ask"}),
    )  # fmt: skip
    first = ann.post("One", "Two", title="Here", freeforms=["Rain", "Fog"])["id"]
    ann.done("PATCH", f"/works/{first}/chapters/1", {"content": f"{TEXT}<p>More of <em>it</em>.</p>"})
    ann.done("PATCH", f"/works/{first}/chapters/1", {"title": "First", "notes": "<p>N</p>"})
    ann.done("POST", f"/works/{first}/chapters", {"title": "Later", "content": TEXT, "state": "draft"})
    ann.post(title="Veiled", anonymous=True, visibility="registered")
    ann.post(title="Draft", state="draft", published_at="2003-04-05")
    hidden, gone = ben.post(title="Hidden")["id"], ben.post(title="Gone")["id"]
    mod.done("POST", f"/works/{hidden}/hide", {"reason": "Why"}, 204)
    ben.done("DELETE", f"/works/{gone}")
    ann.done("POST", "/series", {"title": "Ann's", "summary": "<p>S</p>"})
    ann.done("PUT", "/series/2/works", {"work_ids": [4, first]})
    ben.done("POST", f"/works/{first}/kudos", None, 204)
    undone = archive.wrangle(Act(archive.tag("Snow"), canonical=True)).results[0].act_id
    with archive.database.write() as session:
        undo_act(session.connection(), undone or 0, "tests")
        session.connection().exec_driver_sql(f"UPDATE withholdings SET undone_import = 3 WHERE work_id = {gone}")
    archive.wrangle(
        Act(archive.tag("Weather"), canonical=True),
        Act(archive.tag("Rain"), canonical=True, add_broader=(archive.tag("Weather"),)),
        Act(archive.tag("Fog"), canonical_id=archive.tag("Rain")),
    )


def without_ids(files: dict[str, list[dict[str, Any]]]) -> Any:
    """A dump with names where it has ids, which each archive gives anew."""
    authors = {one["id"]: (one["name"], one["site"], one["created_at"]) for one in files["authors"]}
    series = {one["id"]: (one["title"], one["created_at"]) for one in files["series"]}
    titles = {one["id"]: one["title"] for one in files["works"]}
    numbers = itertools.count()

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(one) for one in value]
        if not isinstance(value, dict):
            return value
        kept = {name: named(one) for name, one in value.items() if name not in {"id", "canonical_id", "character_id"}}
        if "series_id" in kept:
            kept["series_id"] = series[value["series_id"]]
        if "work_id" in kept:
            kept["work_id"] = titles[value["work_id"]]
        if "key" in kept and "importer" not in kept:
            kept["key"] = next(numbers)
        return kept

    for one in files["works"]:
        one["archive"]["authors"] = [authors[author] for author in one["archive"]["authors"]]
    for one in files["series"]:
        one["authors"] = [authors[author] for author in one["authors"]]
    return {
        name: sorted(map(named, lines), key=orjson.dumps) if name != "works" else list(map(named, lines))
        for name, lines in files.items()
        if name in FILES  # acts are compared by what they are in the tables
    }


def test_what_comes_out_again_is_what_went_in(archive: TestArchive, other: Database, tmp_path: Path) -> None:
    lived_in(archive)
    before = dump(archive.database, tmp_path / "first")
    assert len(before["works"]) == 7
    assert len(before["revisions"]) == 2
    assert len(before["acts"]) == 5
    counts, rows = restore(other, tmp_path / "first")
    assert (counts.created, counts.failed) == (7, 0), rows
    there, here = state_of(other), state_of(archive.database)
    for part, held in here.items():
        assert there[part] == held, part
    again = dump(other, tmp_path / "second")
    assert len(again["acts"]) == 5, "none that only made the tags here"
    after, before = without_ids(again), without_ids(before)
    for name in FILES:
        assert after[name] == before[name], name


def test_the_same_dump_again_changes_nothing(archive: TestArchive, other: Database, tmp_path: Path) -> None:
    lived_in(archive)
    dump(archive.database, tmp_path / "first")
    restore(other, tmp_path / "first")
    before = dump(other, tmp_path / "second")
    counts, rows = restore(other, tmp_path / "first")
    assert (counts.unchanged, counts.failed) == (7, 0), rows
    assert dump(other, tmp_path / "third") == before


def test_files_that_were_imported_are_known_again_after_it(
    archive: TestArchive, other: Database, tmp_path: Path
) -> None:
    full = ("ao3-html", download(Dialect(), [Chapter("One", "<p>It <em>rained</em>.</p>")]))
    poor = ("generic-epub", download(Dialect(), [Chapter("One", "<p>It rained.</p>")]))

    def bring(database: Database, *files: tuple[str, bytes]) -> list[str]:
        rows: list[ItemRow] = []
        found = [(name, item) for name, data in files for item in items(data, name)]
        for name, item in found:
            item.format = name
        import_items(ImportRun(database, Settings(), rows.append), ((item, None) for _, item in found))
        return [row.outcome for row in rows]

    assert bring(archive.database, full, poor) == ["created", "unchanged"]
    dump(archive.database, tmp_path / "first")
    restore(other, tmp_path / "first")
    assert bring(other, poor, full) == ["unchanged", "unchanged"], "the poorer file is believed in nothing here, either"
    assert dump(other, tmp_path / "second")["works"][0]["archive"]["version"] == 1


def test_a_dump_comes_into_an_archive_with_works_of_its_own(
    archive: TestArchive, other: Database, tmp_path: Path
) -> None:
    lived_in(archive)
    dump(archive.database, tmp_path / "first")
    ann = member(archive, "Zoe")
    ann.post(title="Mine", freeforms=["Rain"])
    with archive.database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM import_keys")
    counts, rows = restore(archive.database, tmp_path / "first")
    # What came from elsewhere is found again, what was written here is taken for another's.
    assert [row.outcome for row in rows][:1] == ["updated"], rows
    assert counts.failed == 0, rows


def test_what_is_wrong_in_a_dump_is_said(archive: TestArchive, other: Database, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    lived_in(archive)
    dump(archive.database, folder)
    works_file = folder / "works.ndjson"
    lines = works_file.read_bytes().splitlines()
    wrong = orjson.loads(lines[0])
    wrong["archive"]["listing"] = "maybe"
    plain = {"title": "No dump"}
    works_file.write_bytes(b"\n".join([orjson.dumps(wrong), orjson.dumps(plain), b"{", *lines[1:]]) + b"\n")
    counts, rows = restore(other, folder)
    assert (counts.created, counts.failed) == (6, 3)
    problems = [(row.problem or {}) for row in rows[:3]]
    assert [problem["code"] for problem in problems] == ["bad-value", "not-of-a-dump", "not-of-a-dump"]
    assert problems[0]["pointer"] == "/archive/listing"
    (folder / "authors.ndjson").write_bytes(b'{"id": 0}\n')
    with pytest.raises(BadDump, match=r"authors.ndjson line 1: id"):
        restore(other, folder)
    (folder / "manifest.json").write_bytes(b'{"format": "other"}')
    with pytest.raises(BadDump, match=r"manifest\.json"):
        restore(other, folder)
