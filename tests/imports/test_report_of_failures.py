"""The report answers in the client's own names and order, also for what could not be read."""

from __future__ import annotations

from pathlib import Path

from app.formats.options import ReadOptions
from app.imports.runner import Counts, ImportRun, import_items, read_files
from tests.conftest import TestArchive


def bring(archive: TestArchive, folder: Path, *lines: str) -> Counts:
    path = folder / "batch.ndjson"
    path.write_text("".join(line + "\n" for line in lines))
    archive.rows = []
    run = ImportRun(archive.database, archive.settings, archive.rows.append)
    counts = import_items(run, read_files([path], None, ReadOptions(), None))
    archive.settle()
    return counts


def test_a_batch_of_good_and_bad_in_order_with_its_keys(archive: TestArchive, tmp_path: Path) -> None:
    known = '{"key": "c", "title": "Here", "source": {"url": "https://foo.example/a"}}'
    bring(archive, tmp_path, known)
    bring(
        archive,
        tmp_path,
        '{"key": "a", "title": "Good", "chapters": [{"content": "<p>Text</p>"}]}',
        '{"key": "b", "summary": "neither title nor chapters"}',
        '{"key": "c2", "title": "Here again", "source": {"url": "http://www.foo.example/a/?style=mine#x"}}',
        '{"key": "d", "title": "Bad", "words": -1}',
        '{"key": "e", "title": "Twice", "title": "Twice"}',
        '{"key": "f", "title": "   "}',
        '{"key": "bad\\u0000", "title": "x"}',
    )
    assert [(row.index, row.key, row.outcome) for row in archive.rows] == [
        (0, "a", "created"),
        (1, "b", "failed"),
        (2, "c2", "updated"),
        (3, "d", "failed"),
        (4, "e", "failed"),
        (5, "f", "failed"),
        (6, None, "failed"),
    ]
    places = [row.problem and row.problem.get("pointer") for row in archive.rows]
    assert places == [None, "/title", None, "/words", "/title", "/title", "/key"]
    assert archive.rows[2].work_id == 1
    assert archive.get(f"/v1/works/{archive.rows[0].work_id}/chapters/1")["content"] == "<p>Text</p>"
