"""What identifies a work whose file names neither source nor key."""

from __future__ import annotations

import zipfile
from pathlib import Path

from app.formats.options import ReadOptions
from app.imports.runner import Counts, ImportRun, import_items, read_files
from tests.conftest import TestArchive


def bring(archive: TestArchive, path: Path) -> Counts:
    archive.rows = []
    run = ImportRun(archive.database, archive.settings, archive.rows.append)
    counts = import_items(run, read_files([path], None, ReadOptions(), None))
    archive.settle()
    return counts


def test_lines_of_one_file_are_works_of_their_own(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "works.ndjson"
    path.write_text('{"title": "A"}\n{"title": "B"}\n{"title": "C"}\n')
    assert bring(archive, path).created == 3
    again = bring(archive, path)
    assert (again.unchanged, again.created, again.updated) == (3, 0, 0)


def test_a_text_file_is_its_work_also_after_it_changed(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text("A Story\n\nIt was a dark night.\n")
    assert bring(archive, path).created == 1
    assert bring(archive, path).unchanged == 1
    path.write_text("A Story\n\nIt was a bright night.\n")
    assert bring(archive, path).updated == 1
    work = archive.get("/v1/works")["items"][0]
    assert work["version"] == 2
    assert "bright" in archive.get(f"/v1/works/{work['id']}/chapters/1")["content"]


def test_a_file_in_an_archive_is_known_by_the_archive_and_its_name_there(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    files = {"a/story.txt": "A Story\n\nIt was a dark night.\n", "b/story.txt": "B Story\n\nIt was a bright night.\n"}

    def pack() -> None:
        with zipfile.ZipFile(path, "w") as packed:
            for name, text in files.items():
                packed.writestr(name, text)

    pack()
    assert bring(archive, path).created == 2
    assert [row.input for row in archive.rows] == ["all.zip: a/story.txt", "all.zip: b/story.txt"]
    assert bring(archive, path).unchanged == 2
    files["b/story.txt"] = "B Story\n\nIt was a grey night.\n"
    pack()
    again = bring(archive, path)
    assert (again.unchanged, again.updated, again.created) == (1, 1, 0)
